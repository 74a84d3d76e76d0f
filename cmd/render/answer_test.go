package render_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func detail(t *testing.T, o render.Options, k keys.Key, extra ...render.Pair) string {
	t.Helper()
	var b strings.Builder
	if err := render.Detail(&b, o, k, extra...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func document(t *testing.T, o render.Options, doc ...render.Pair) string {
	t.Helper()
	var b strings.Builder
	if err := render.Document(&b, o, doc); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func results(t *testing.T, o render.Options, single bool, list ...render.Result) string {
	t.Helper()
	var b strings.Builder
	if err := render.Results(&b, o, list, single); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDetailForPeople(t *testing.T) {
	o := options(render.Table)
	o.Terminal = true
	want := `id:          Ab3dE9xZ
label:       ci-deploy
masked:      kr_Ab3dE9xZ…
prefix:      kr
scheme:      sha256
owner:       platform
scopes:      read, write
networks:    10.0.0.0/8
rate limit:  100/1h
status:      active
created:     2026-11-02T12:00:00Z (90 days ago)
expires:     2027-02-03T12:00:00Z (in 3 days)
last used:   2027-01-31T10:00:00Z (2 hours ago)
metadata:    ticket=OPS-17
use:         unknown
`
	if got := detail(t, o, samples()[0], render.Pair{Name: "use", Value: "unknown"}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDetailOfABareKeySaysWhatIsMissing(t *testing.T) {
	got := detail(t, options(render.Table), keys.Key{ID: "k1"})
	for _, want := range []string{"label:      -", "scopes:     -", "expires:    never", "last used:  -"} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "successor") {
		t.Errorf("too much in\n%s", got)
	}
	if wide := lines(detail(t, options(render.Wide), keys.Key{ID: "k1"})); len(wide) != len(render.ColumnNames()) {
		t.Errorf("wide has %d lines", len(wide))
	}
}

func TestDetailForMachines(t *testing.T) {
	extra := render.Pair{Name: "advice", Value: []string{"still expired"}}
	for _, f := range []render.Format{render.JSON, render.JSONL} {
		got := detail(t, options(f), samples()[0], extra)
		if want := append(render.ColumnNames(), "advice"); !slices.Equal(names(t, got), want) {
			t.Errorf("%s has %v", f, names(t, got))
		}
		var key struct{ Advice []string }
		if decode(t, got, &key); !slices.Equal(key.Advice, []string{"still expired"}) {
			t.Errorf("%s advises %q", f, key.Advice)
		}
	}
	rows := readCSV(t, detail(t, options(render.CSV), samples()[0], extra))
	if len(rows) != 2 || rows[0][len(rows[0])-1] != "advice" || rows[1][len(rows[1])-1] != "still expired" {
		t.Errorf("csv: %v", rows)
	}
	if got := detail(t, options(render.ID), samples()[0]) + detail(t, options(render.Name), samples()[0]); got != "Ab3dE9xZ\nci-deploy\n" {
		t.Errorf("id and name: %q", got)
	}
}

func TestTableOfCreatedKeysIsTheirTokens(t *testing.T) {
	made := []render.Result{
		{Key: samples()[0], Result: "created", Token: "first", Advice: []string{"keep it"}},
		{Key: samples()[1], Result: "created", Token: "second"},
	}
	for _, f := range []render.Format{render.Table, render.Wide} {
		if got := results(t, options(f), true, made[0]); got != "first\n" {
			t.Errorf("%s: got %q", f, got)
		}
		if got := results(t, options(f), false, made...); got != "first\nsecond\n" {
			t.Errorf("%s of two: got %q", f, got)
		}
	}
}

func TestNoFormatLosesAToken(t *testing.T) {
	made := []render.Result{{Key: samples()[0], Result: "created", Token: "the-token"}}
	for _, f := range render.Formats() {
		var b strings.Builder
		err := render.Results(&b, options(f), made, true)
		if err == nil && !strings.Contains(b.String(), "the-token") {
			t.Errorf("%s lost it", f)
		}
		if err != nil && (reason(err) != keys.ReasonInvalid || b.Len() > 0) {
			t.Errorf("%s: %v after %q", f, err, b.String())
		}
	}
}

func TestResultObjects(t *testing.T) {
	one := render.Result{Key: samples()[0], Result: "created", Token: "the-token", Advice: []string{"keep it"}}
	got := results(t, options(render.JSON), true, one)
	if want := append(render.ColumnNames(), "result", "token", "advice"); !slices.Equal(names(t, got), want) {
		t.Errorf("members are %v", names(t, got))
	}
	var list []map[string]any
	decode(t, results(t, options(render.JSON), false, one), &list)
	if len(list) != 1 || list[0]["token"] != "the-token" {
		t.Errorf("a list of one is %v", list)
	}
	list = nil
	decode(t, results(t, options(render.JSON), false, render.Result{Key: samples()[1], Result: "changed", Dry: true}), &list)
	if _, has := list[0]["token"]; has || list[0]["dry_run"] != true || list[0]["advice"] == nil {
		t.Errorf("a dry run is %v", list)
	}
	if got := results(t, options(render.JSON), false); got != "[]\n" {
		t.Errorf("no results are %q", got)
	}
}

func TestResultTable(t *testing.T) {
	want := `ID        LABEL      STATUS   RESULT
Ab3dE9xZ  ci-deploy  active   changed
Zz9Yy8Xx  -          expired  unchanged (dry run)
`
	got := results(t, options(render.Table), false, render.Result{Key: samples()[0], Result: "changed"},
		render.Result{Key: samples()[3], Result: "unchanged", Dry: true})
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func status() []render.Pair {
	return []render.Pair{
		{Name: "needs_bootstrap", Value: false}, {Name: "era", Value: ""}, {Name: "path", Value: "/srv/keys.db"},
		{Name: "keys", Value: []render.Pair{{Name: "total", Value: 5}, {Name: "active", Value: 2}}},
		{Name: "claimed_at", Value: now}, {Name: "unchecked", Value: []string{}}, {Name: "key", Value: (*keys.Key)(nil)},
	}
}

func TestDocument(t *testing.T) {
	want := map[render.Format]string{
		render.Table: `needs bootstrap:  no
era:              -
path:             /srv/keys.db
keys:
  total:   5
  active:  2
claimed:          2027-01-31T12:00:00Z
unchecked:        -
key:              -
`,
		render.JSON: `{
  "needs_bootstrap": false,
  "era": null,
  "path": "/srv/keys.db",
  "keys": {
    "total": 5,
    "active": 2
  },
  "claimed_at": "2027-01-31T12:00:00Z",
  "unchecked": [],
  "key": null
}
`,
		render.JSONL: `{"needs_bootstrap":false,"era":null,"path":"/srv/keys.db","keys":{"total":5,"active":2},"claimed_at":"2027-01-31T12:00:00Z","unchecked":[],"key":null}
`,
		render.YAML: `needs_bootstrap: false
era: null
path: "/srv/keys.db"
keys:
  total: 5
  active: 2
claimed_at: "2027-01-31T12:00:00Z"
unchecked: []
key: null
`,
		render.CSV: `needs_bootstrap,era,path,keys.total,keys.active,claimed_at,unchecked,key
false,,/srv/keys.db,5,2,2027-01-31T12:00:00Z,,
`,
	}
	for f, text := range want {
		if got := document(t, options(f), status()...); got != text {
			t.Errorf("%s: got\n%s\nwant\n%s", f, got, text)
		}
	}
}

func TestDocumentWithAKey(t *testing.T) {
	pair := render.Pair{Name: "key", Value: &samples()[0]}
	var doc struct{ Key json.RawMessage }
	decode(t, document(t, options(render.JSON), pair), &doc)
	if want := append(render.ColumnNames(), "advice"); !slices.Equal(names(t, string(doc.Key)), want) {
		t.Errorf("the key is %s", doc.Key)
	}
	if got := document(t, options(render.ID), pair); got != "Ab3dE9xZ\n" {
		t.Errorf("id: %q", got)
	}
	if got := document(t, options(render.ID), status()...); got != "" {
		t.Errorf("id of no key: %q", got)
	}
	var b strings.Builder
	if err := render.Document(&b, options(render.ID), status()[:3]); reason(err) != keys.ReasonInvalid {
		t.Errorf("an answer without a place for keys: %v, %q", err, b.String())
	}
}
