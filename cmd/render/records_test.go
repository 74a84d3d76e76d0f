package render_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func records() render.Records {
	return render.Records{
		Names: []string{"address", "failures", "until_at", "does"},
		Rows: [][]any{
			{"192.0.2.7", 5, now.Add(time.Minute), []string{"one sentence", "another\x1b[2J"}},
			{"2001:db8::/64", 1, keys.Instant{}, []string{}},
		},
	}
}

func written(t *testing.T, o render.Options, r render.Records) string {
	t.Helper()
	var b strings.Builder
	if err := render.List(&b, o, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRecordsInEveryFormat(t *testing.T) {
	for format, want := range map[render.Format]string{
		render.Table: "ADDRESS        FAILURES  UNTIL                 DOES\n" +
			"192.0.2.7      5         2027-01-31T12:01:00Z  one sentence\n" +
			"                                               another�[2J\n" +
			"2001:db8::/64  1         -                     -\n",
		render.JSONL: `{"address":"192.0.2.7","failures":5,"until_at":"2027-01-31T12:01:00Z","does":["one sentence","another\u001b[2J"]}` + "\n" +
			`{"address":"2001:db8::/64","failures":1,"until_at":null,"does":[]}` + "\n",
		render.CSV: "address,failures,until_at,does\n192.0.2.7,5,2027-01-31T12:01:00Z,one sentence another\x1b[2J\n2001:db8::/64,1,,\n",
		render.YAML: "- address: \"192.0.2.7\"\n  failures: 5\n  until_at: \"2027-01-31T12:01:00Z\"\n  does: [\"one sentence\",\"another\\u001b[2J\"]\n" +
			"- address: \"2001:db8::/64\"\n  failures: 1\n  until_at: null\n  does: []\n",
		render.Name: "192.0.2.7\n2001:db8::/64\n",
	} {
		if got := written(t, options(format), records()); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", format, got, want)
		}
	}
	if err := render.List(&strings.Builder{}, options(render.ID), records()); !errors.Is(err, &keys.Error{Reason: keys.ReasonInvalid}) {
		t.Errorf("the format id gives %v", err)
	}
}

func TestNoRecords(t *testing.T) {
	none := render.Records{Names: []string{"a", "b"}}
	want := map[render.Format]string{render.JSON: "[]\n", render.YAML: "[]\n", render.CSV: "a,b\n"}
	for _, f := range render.Formats() {
		if f == render.ID {
			continue
		}
		if got := written(t, options(f), none); got != want[f] {
			t.Errorf("%s: got %q, want %q", f, got, want[f])
		}
	}
}

func TestPlainTableIsShort(t *testing.T) {
	r := records()
	r.Short = []string{"address"}
	if got := written(t, options(render.Table), r); got != "ADDRESS\n192.0.2.7\n2001:db8::/64\n" {
		t.Errorf("got\n%s", got)
	}
	if got := lines(written(t, options(render.Wide), r))[0]; !strings.Contains(got, "FAILURES") {
		t.Errorf("wide begins with %s", got)
	}
}

func TestRecordsWithChosenColumns(t *testing.T) {
	o := options(render.JSONL)
	o.Columns = []string{"failures", "address"}
	if got := lines(written(t, o, records()))[0]; got != `{"failures":5,"address":"192.0.2.7"}` {
		t.Errorf("got %s", got)
	}
	o.Format = render.Table
	if got := written(t, o, records()); got != "FAILURES  ADDRESS\n5         192.0.2.7\n1         2001:db8::/64\n" {
		t.Errorf("got\n%s", got)
	}
}

// A long sentence is read in the room that is left, and none of it is cut.
func TestSentencesAreFolded(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word ", 60))
	r := render.Records{Names: []string{"verb", "does"}, Rows: [][]any{{"create", []string{long}}}}
	o := options(render.Table)
	o.Terminal = true
	got := written(t, o, r)
	if n := strings.Count(got, "word"); n != 60 || strings.Contains(got, "…") {
		t.Errorf("%d of 60 words are left of\n%s", n, got)
	}
	for _, l := range lines(got) {
		if len(l) > 80 {
			t.Errorf("longer than 80 columns: %s", l)
		}
	}
}

// A document may hold lists: members of lists for machines, tables for people.
func TestDocumentWithLists(t *testing.T) {
	doc := []render.Pair{
		{Name: "path", Value: "x.db"}, {Name: "problems", Value: render.Sentences{"one", "two"}},
		{Name: "keys", Value: damagedKeys()[1:]}, {Name: "none", Value: render.Records{Names: []string{"a"}}},
		{Name: "verbs", Value: render.Records{Names: []string{"verb", "able"}, Rows: [][]any{{"create", true}, {"delete", false}}}},
	}
	people := "path:      x.db\nproblems:  one\n           two\n\n" +
		"ID  LABEL  STATUS  OWNER  EXPIRES  LAST USED  DAMAGED\n12  old    active  -      ?        -          expires_at,nets\n\n" +
		"VERB    ABLE\ncreate  yes\ndelete  no\n"
	if got := document(t, options(render.Table), doc...); got != people {
		t.Errorf("got\n%s\nwant\n%s", got, people)
	}
	for _, f := range []render.Format{render.JSON, render.JSONL} {
		var o struct {
			Problems []string
			Keys     []struct{ ID string }
			None     []any
			Verbs    []struct {
				Verb string
				Able bool
			}
		}
		decode(t, document(t, options(f), doc...), &o)
		if len(o.Problems) != 2 || len(o.Keys) != 1 || o.Keys[0].ID != "12" || o.None == nil || len(o.Verbs) != 2 || !o.Verbs[0].Able {
			t.Errorf("%s: got %+v", f, o)
		}
	}
	want := "none: []\nverbs:\n  - verb: create\n    able: true\n  - verb: delete\n    able: false\n"
	if got := document(t, options(render.YAML), doc...); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant it to end with\n%s", got, want)
	}
}
