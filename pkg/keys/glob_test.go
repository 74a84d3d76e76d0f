package keys_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestMatchGlob(t *testing.T) {
	for _, test := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"**", "anything", true},
		{"?", "", false},
		{"?", "a", true},
		{"?", "é", true},
		{"??", "é", false},
		{"ci", "ci", true},
		{"ci", "CI", false},
		{"ci", "ci ", false},
		{"ci-*", "ci-", true},
		{"ci-*", "ci", false},
		{"*-prod", "web-prod", true},
		{"*-prod", "web-prod2", false},
		{"*ab", "aab", true},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"a?*", "a", false},
		{"*?a", "a", false},
		{"*?a", "ba", true},
		{"[a-z]", "b", false},
		{"[a-z]", "[a-z]", true},
		{`\*`, "*", false},
		{"a.c", "abc", false},
		{"100%_", "100%_", true},
		{"100%_", "100xx", false},
		{"*é*", "café!", true},
		{"?\xff", "a\xff", true},
		{"\xff", "\xfe", false},
		{"*\xa9", "é", false},
		{"\xff", "\ufffd", false},
	} {
		if got := keys.MatchGlob(test.pattern, test.s); got != test.want {
			t.Errorf("MatchGlob(%+q, %+q) is %v", test.pattern, test.s, got)
		}
	}
}

func TestMatchGlobDoesNotExplode(t *testing.T) {
	done := make(chan bool)
	go func() {
		done <- keys.MatchGlob(strings.Repeat("*a", 30)+"*b", strings.Repeat("a", 20_000))
	}()
	select {
	case matched := <-done:
		if matched {
			t.Error("a string without b matches")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still trying after 10 seconds")
	}
}

// slowGlob says the same by the definition, one character at a time.
func slowGlob(pattern, s []string) bool {
	switch {
	case len(pattern) == 0:
		return len(s) == 0
	case pattern[0] == "*":
		return slowGlob(pattern[1:], s) || len(s) > 0 && slowGlob(pattern, s[1:])
	}
	return len(s) > 0 && (pattern[0] == "?" || pattern[0] == s[0]) && slowGlob(pattern[1:], s[1:])
}

func FuzzMatchGlob(f *testing.F) {
	for _, pair := range [][2]string{{"a*b?", "axxbc"}, {"*", ""}, {"é?", "éé"}, {"\xc3*", "\xc3\xa9"}, {"*a*a", "aaa"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 8 || len(s) > 16 {
			t.Skip("too long to check by definition")
		}
		want := slowGlob(strings.Split(pattern, ""), strings.Split(s, ""))
		if got := keys.MatchGlob(pattern, s); got != want {
			t.Errorf("MatchGlob(%+q, %+q) is %v", pattern, s, got)
		}
	})
}
