package render_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func lines(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }

func TestTableOffATerminal(t *testing.T) {
	want := `ID        LABEL                                                                    STATUS   OWNER     EXPIRES               LAST USED
Ab3dE9xZ  ci-deploy                                                                active   platform  2027-02-03T12:00:00Z  2027-01-31T10:00:00Z
7fQ2kkPw  a very long label that no table of eighty columns could ever show whole  revoked  東京      never                 -
0aBcDeFg  日本語のキー 😀                                                          pending  ops       never                 -
Zz9Yy8Xx  -                                                                        expired  -         2027-01-31T11:00:00Z  -
`
	if got := list(t, options(render.Table), samples()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTableOnATerminal(t *testing.T) {
	o := options(render.Table)
	o.Terminal = true
	want := `ID        LABEL                       STATUS   OWNER     EXPIRES     LAST USED
Ab3dE9xZ  ci-deploy                   active   platform  in 3 days   2 hours ago
7fQ2kkPw  a very long label that no…  revoked  東京      never       -
0aBcDeFg  日本語のキー 😀             pending  ops       never       -
Zz9Yy8Xx  -                           expired  -         1 hour ago  -
`
	if got := list(t, o, samples()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Colour adds nothing but colour: no other width, no other text.
func TestColourChangesNoText(t *testing.T) {
	plain, colour := options(render.Table), options(render.Table)
	colour.Color = true
	got := list(t, colour, samples())
	if !strings.Contains(got, "\x1b[") {
		t.Error("there is no colour")
	}
	if stripped := stripColour(got); stripped != list(t, plain, samples()) {
		t.Errorf("without its colour the table is\n%s", stripped)
	}
}

func stripColour(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, s, _ = strings.Cut(after, "m")
	}
}

func TestTerminalTablesFit(t *testing.T) {
	long := samples()
	long[0].Owner = strings.Repeat("owner ", 20)
	long[0].Description = strings.Repeat("日本", 40)
	for _, columns := range []string{"", "id,label,owner", "id,description,label,status,expires_at"} {
		for _, width := range []int{0, 72, 80, 120} {
			o := options(render.Table)
			o.Terminal, o.Width = true, width
			if columns != "" {
				o.Columns = strings.Split(columns, ",")
			}
			fits(t, list(t, o, long), max(width, 72), width == 0)
		}
	}
}

// columns counts what the tests use: East Asian and emoji characters take two.
func columns(line string) int {
	n := 0
	for _, r := range line {
		n++
		if r >= 0x1100 && r <= 0x115f || r >= 0x2e80 && r <= 0xffdc || r >= 0x1f300 {
			n++
		}
	}
	return n
}

func fits(t *testing.T, text string, width int, unset bool) {
	t.Helper()
	if unset {
		width = 80
	}
	for _, line := range lines(text) {
		if w := columns(line); w > width || !utf8.ValidString(line) {
			t.Errorf("%d columns, not %d: %q", w, width, line)
		}
	}
}

// Ids, statuses and times are never cut, however narrow the terminal.
func TestNarrowTerminalsKeepWhatMatters(t *testing.T) {
	o := options(render.Table)
	o.Terminal, o.Width = true, 10
	got := list(t, o, samples())
	for _, want := range []string{"7fQ2kkPw", "revoked", "in 3 days", "2 hours ago", "LAST USED", "a very …"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// An accent or a skin tone is not cut off what it belongs to.
func TestCutsKeepCharactersWhole(t *testing.T) {
	o := options(render.Table)
	o.Terminal, o.Width, o.Columns = true, 10, []string{"label"}
	for _, label := range []string{"abcdefge\u0301\u0301fghijkl", "abcdefg👍🏽👍🏽👍🏽", "abcdef👍🏽👍🏽👍🏽"} {
		row := lines(list(t, o, []keys.Key{{Label: label}}))[1]
		kept := strings.TrimSuffix(row, "…")
		if kept == row || !strings.HasPrefix(label, kept) {
			t.Fatalf("%q was cut to %q", label, row)
		}
		next, _ := utf8.DecodeRuneInString(label[len(kept):])
		if next == '\u0301' || next == '🏽' {
			t.Errorf("%q is cut through a character: %q", label, row)
		}
	}
}

func TestSpacesInALabelStay(t *testing.T) {
	o := options(render.Table)
	o.Columns = []string{"label", "id"}
	if got := list(t, o, []keys.Key{{ID: "k1", Label: "two  spaces   three"}}); !strings.Contains(got, "two  spaces   three  k1") {
		t.Errorf("got %q", got)
	}
}

// What a label says must not reach the terminal as an order.
func TestTextForPeopleIsHarmless(t *testing.T) {
	k := keys.Key{ID: "k1\x1b[2J", Label: "a\x1b[31mb\u202ec\nd", Owner: "\x07", Metadata: map[string]string{"n": "\x1b]0;x\x07"}}
	for _, f := range render.Formats() {
		o := options(f)
		o.Terminal = true
		var b strings.Builder
		b.WriteString(list(t, o, []keys.Key{k}))
		_ = render.Detail(&b, o, k, render.Pair{Name: "note", Value: "\x1b[1m"})
		_ = render.Document(&b, o, []render.Pair{{Name: "key", Value: &k}, {Name: "names", Value: []string{"\u202e"}}})
		_ = render.Results(&b, o, []render.Result{{Key: k, Result: "changed"}}, true)
		if strings.ContainsAny(b.String(), "\x1b\x07\u202e") {
			t.Errorf("%s lets it through: %q", f, b.String())
		}
	}
}

func TestWideShowsEveryAttributeThatAKeyHas(t *testing.T) {
	got := list(t, options(render.Wide), samples())
	for _, want := range []string{"MASKED", "SCHEME", "SCOPES", "read,write", "NETWORKS", "10.0.0.0/8", "RATE LIMIT", "100/1h", "CREATED", "NOT BEFORE", "METADATA", "ticket=OPS-17"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if header := lines(got)[0]; strings.Contains(header, "SUCCESSOR") || !strings.HasPrefix(header, "ID ") {
		t.Errorf("the header is %q", header)
	}
	if bare := list(t, options(render.Wide), []keys.Key{{ID: "k1"}}); !strings.Contains(bare, "OWNER") || !strings.Contains(bare, "LAST USED") {
		t.Errorf("a plain column is missing in\n%s", bare)
	}
}

func TestNoHeaders(t *testing.T) {
	for _, f := range []render.Format{render.Table, render.Wide} {
		o := options(f)
		o.NoHeaders = true
		got := list(t, o, samples()[3:])
		if !strings.HasPrefix(got, "Zz9Yy8Xx  -  expired  -  ") || strings.Count(got, "\n") != 1 {
			t.Errorf("%s: got %q", f, got)
		}
	}
}
