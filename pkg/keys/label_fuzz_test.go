package keys_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestPrintableText(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"plain ~text":             "plain ~text",
		"Größe 日本 ❤️":             "Größe 日本 ❤️",
		"\x1b[31mred":             "\ufffd[31mred",
		"a\nb\r\tc\x7f":           "a\ufffdb\ufffd\ufffdc\ufffd",
		"c1\u009b0m":              "c1\ufffd0m",
		"line\u2028para\u2029":    "line\ufffdpara\ufffd",
		"ab\u202ecd\u2066e\u200f": "abcde",
		"zero\u200bwidth\ufeff":   "zerowidth",
		"blank\u3164":             "blank",
		"bad\xff\xfeutf":          "bad\ufffd\ufffdutf",
		"kept \ufffd":             "kept \ufffd",
	} {
		if got := keys.PrintableText(in); got != want {
			t.Errorf("PrintableText(%+q) is %+q, want %+q", in, got, want)
		}
	}
}

func FuzzPrintableText(f *testing.F) {
	for _, s := range []string{"plain", "\x1b]0;title\a", "\u202eabc", "\xc3\x28", "\xe2\x80", "\u2028", "👩\u200d💻"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := keys.PrintableText(s)
		if p != keys.PrintableText(p) {
			t.Errorf("%+q changes when it is made printable again", p)
		}
		if err := keys.ValidateDescription(p); err != nil && !strings.Contains(err.Error(), "token") &&
			!strings.Contains(err.Error(), "characters: at most") {
			t.Errorf("printable text is no description: %v", err)
		}
		if keys.ValidateDescription(s) == nil && p != s {
			t.Errorf("a valid description %+q becomes %+q", s, p)
		}
	})
}

func FuzzValidateTexts(f *testing.F) {
	token, _ := nativeToken()
	for _, s := range []string{"", " ", "deploy", "-x", "a…", "a\x1b", "\xff", "\u202e", token, "see " + token, strings.Repeat("é", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, kind := range textKinds {
			if err := kind.validate(s); err != nil {
				checkRefusal(t, err)
			} else if keys.PrintableText(s) != s || utf8.RuneCountInString(s) > kind.max {
				t.Errorf("%+q was accepted", s)
			}
		}
	})
}
