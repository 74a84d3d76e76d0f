package render_test

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestListOfNoKeys(t *testing.T) {
	header := strings.Join(render.ColumnNames(), ",") + "\n"
	want := map[render.Format]string{render.JSON: "[]\n", render.YAML: "[]\n", render.CSV: header}
	for _, f := range render.Formats() {
		if got := list(t, options(f)); got != want[f] {
			t.Errorf("%s: got %q, want %q", f, got, want[f])
		}
		if got := list(t, options(f), nil, []keys.Key{}); got != want[f] {
			t.Errorf("%s with empty pages: got %q, want %q", f, got, want[f])
		}
	}
}

// Where pages end is no business of the reader.
func TestPagesDoNotShow(t *testing.T) {
	all := samples()
	for _, f := range render.Formats() {
		o := options(f)
		if one, two := list(t, o, all), list(t, o, all[:1], nil, all[1:]); one != two {
			t.Errorf("%s differs by page:\n%s\n%s", f, one, two)
		}
	}
}

func TestJSONKeyObject(t *testing.T) {
	want := append(render.ColumnNames(), "advice")
	var objects []json.RawMessage
	decode(t, list(t, options(render.JSON), samples()), &objects)
	if len(objects) != len(samples()) {
		t.Fatalf("got %d objects", len(objects))
	}
	for _, o := range objects {
		if got := names(t, string(o)); !slices.Equal(got, want) {
			t.Errorf("members are %v, want %v", got, want)
		}
	}
	var key map[string]any
	decode(t, string(objects[1]), &key)
	for name, want := range map[string]any{"role": nil, "expires_at": nil, "rate_limit": nil, "status": "revoked"} {
		if key[name] != want {
			t.Errorf("%s is %v, want %v", name, key[name], want)
		}
	}
}

func TestJSONLinesAreTheSameObjects(t *testing.T) {
	var objects []map[string]any
	decode(t, list(t, options(render.JSON), samples()), &objects)
	lines := strings.Split(strings.TrimSuffix(list(t, options(render.JSONL), samples()), "\n"), "\n")
	if len(lines) != len(objects) {
		t.Fatalf("got %d lines", len(lines))
	}
	for i, line := range lines {
		var object map[string]any
		decode(t, line, &object)
		if object["id"] != objects[i]["id"] || len(object) != len(objects[i]) {
			t.Errorf("line %d is another object: %s", i, line)
		}
	}
}

func TestFieldsThatTheTableLacksAreAbsent(t *testing.T) {
	for _, f := range []render.Format{render.JSON, render.JSONL, render.YAML, render.CSV, render.Table, render.Wide} {
		o := options(f)
		o.Fields = o.Fields.Without(keys.FieldsOf(keys.FieldOwner, keys.FieldExpiresAt, keys.FieldStatus))
		got := strings.ToLower(list(t, o, samples()))
		if strings.Contains(got, "owner") || strings.Contains(got, "expires") {
			t.Errorf("%s shows what the table cannot hold:\n%s", f, got)
		}
		if !strings.Contains(got, "status") {
			t.Errorf("%s lost the status, which is computed:\n%s", f, got)
		}
	}
}

func TestChosenColumns(t *testing.T) {
	want := map[render.Format]string{
		render.Table: "STATUS   ID\nactive   Ab3dE9xZ\nrevoked  7fQ2kkPw\n",
		render.Wide:  "STATUS   ID\nactive   Ab3dE9xZ\nrevoked  7fQ2kkPw\n",
		render.CSV:   "status,id\nactive,Ab3dE9xZ\nrevoked,7fQ2kkPw\n",
		render.JSONL: `{"status":"active","id":"Ab3dE9xZ"}` + "\n" + `{"status":"revoked","id":"7fQ2kkPw"}` + "\n",
		render.YAML:  "- status: active\n  id: Ab3dE9xZ\n- status: revoked\n  id: \"7fQ2kkPw\"\n",
	}
	for f, text := range want {
		o := options(f)
		o.Columns = []string{"status", "id"}
		if got := list(t, o, samples()[:2]); got != text {
			t.Errorf("%s: got\n%s\nwant\n%s", f, got, text)
		}
	}
}

func TestIDAndName(t *testing.T) {
	forged := keys.Key{ID: "k1", Label: "one\nAb3dE9xZ"}
	page := append(samples()[:1], samples()[3], forged)
	if got := list(t, options(render.ID), page); got != "Ab3dE9xZ\nZz9Yy8Xx\nk1\n" {
		t.Errorf("ids: %q", got)
	}
	got := strings.Split(list(t, options(render.Name), page), "\n")
	if len(got) != 4 || got[0] != "ci-deploy" || got[1] != "Zz9Yy8Xx" || got[2] == "one" {
		t.Errorf("names: %q", got)
	}
}

func TestCSV(t *testing.T) {
	rows := readCSV(t, list(t, options(render.CSV), samples()))
	cell := func(row int, name string) string { return rows[row][slices.Index(rows[0], name)] }
	tests := []struct{ name, want string }{
		{"scopes", "read write"}, {"networks", "10.0.0.0/8"}, {"rate_limit", "100/1h"}, {"status", "active"},
		{"created_at", "2026-11-02T12:00:00.123Z"}, {"not_before", ""}, {"metadata", `{"ticket":"OPS-17"}`}, {"role", ""},
	}
	for _, tt := range tests {
		if got := cell(1, tt.name); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	o := options(render.CSV)
	o.NoHeaders = true
	if got := readCSV(t, list(t, o, samples())); len(got) != len(samples()) || got[0][0] != "Ab3dE9xZ" {
		t.Errorf("without a header: %v", got)
	}
}

// A label that a spreadsheet would run must not start a cell; an id must stay
// what it is.
func TestCSVHoldsNoFormula(t *testing.T) {
	o := options(render.CSV)
	o.NoHeaders, o.Columns = true, []string{"id", "label"}
	for _, text := range []string{"=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "＝1"} {
		row := readCSV(t, list(t, o, []keys.Key{{ID: "-1", Label: text}}))[0]
		if strings.HasPrefix(row[1], text[:1]) {
			t.Errorf("%q starts a cell", row[1])
		}
		if row[0] != "-1" {
			t.Errorf("the id became %q", row[0])
		}
	}
}

// A list for a machine must go out while it is read.
func TestListsStream(t *testing.T) {
	page := make([]keys.Key, 500)
	for i := range page {
		page[i] = samples()[0]
	}
	for _, f := range []render.Format{render.JSON, render.JSONL, render.YAML, render.CSV, render.ID, render.Name} {
		var b strings.Builder
		l := render.NewKeyList(&b, options(f))
		if err := l.Page(page); err != nil || strings.Count(b.String(), "\n") < len(page) {
			t.Errorf("%s keeps its page back: %v, %d bytes", f, err, b.Len())
		}
	}
}

func TestWriteErrorsAreReturned(t *testing.T) {
	broken := errors.New("broken")
	for _, f := range render.Formats() {
		l := render.NewKeyList(&failing{err: broken}, options(f))
		err := errors.Join(l.Page(samples()), l.Close())
		if !errors.Is(err, broken) {
			t.Errorf("list as %s: %v", f, err)
		}
		if err := render.Detail(&failing{err: broken}, options(f), samples()[0]); !errors.Is(err, broken) {
			t.Errorf("detail as %s: %v", f, err)
		}
	}
}

type failing struct{ err error }

func (f *failing) Write([]byte) (int, error) { return 0, f.err }

func BenchmarkJSONLines(b *testing.B) {
	page := samples()
	l := render.NewKeyList(io.Discard, options(render.JSONL))
	b.ReportAllocs()
	for b.Loop() {
		_ = l.Page(page)
	}
}

func BenchmarkTable(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		l := render.NewKeyList(io.Discard, options(render.Table))
		_ = l.Page(samples())
		_ = l.Close()
	}
}
