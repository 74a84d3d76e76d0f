package keys_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// checkRefusal fails t unless err is the refusal of a value, in one short line
// that a terminal can show, and says all of these words.
func checkRefusal(t *testing.T, err error, words ...string) {
	t.Helper()
	var e *keys.Error
	if !errors.As(err, &e) || e.Reason != keys.ReasonInvalid {
		t.Fatalf("error is %v, want one with ReasonInvalid", err)
	}
	unsafe := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }
	if !utf8.ValidString(e.Message) || strings.ContainsFunc(e.Message, unsafe) {
		t.Errorf("message %q is not safe to show", e.Message)
	}
	if n := utf8.RuneCountInString(e.Message); n > 800 {
		t.Errorf("message has %d characters", n)
	}
	for _, w := range words {
		if !strings.Contains(e.Message, w) {
			t.Errorf("message %q lacks %q", e.Message, w)
		}
	}
}

// nativeToken returns a token with a right checksum, and its secret part.
func nativeToken() (token, secret string) {
	secret = strings.Repeat("x7Q", 15)[:43]
	body := "Ab3dE9xZ" + secret
	return "kr_" + body + keys.Checksum(body), secret
}

// textKinds are the texts of a key that people write freely.
var textKinds = map[string]struct {
	validate func(string) error
	max      int
	empty    bool // "" is valid
	named    bool // used as a name: no flag, masked form or space at the ends
	spaced   bool // spaces at the ends are valid
}{
	"label":       {validate: keys.ValidateLabel, max: 128, named: true},
	"owner":       {validate: keys.ValidateOwner, max: 128, named: true},
	"description": {validate: keys.ValidateDescription, max: 1024, empty: true, spaced: true},
	"reason":      {validate: keys.ValidateReason, max: 512, empty: true, spaced: true},
	"resource":    {validate: keys.ValidateResource, max: 256},
	"metadata team": {max: 512, empty: true, spaced: true, validate: func(s string) error {
		return keys.ValidateMetadata(map[string]string{"team": s})
	}},
}

func TestTextsAccept(t *testing.T) {
	for name, kind := range textKinds {
		texts := []string{"a", "deploy", "Größe 2 (日本語)", "ci: main, nightly", "été", "❤️ x", strings.Repeat("é", kind.max)}
		if kind.empty {
			texts = append(texts, "")
		}
		if kind.spaced {
			texts = append(texts, " a ")
		}
		if !kind.named {
			texts = append(texts, "-a", "and so on…")
		}
		for _, s := range texts {
			if err := kind.validate(s); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestTextsRefuse(t *testing.T) {
	for name, kind := range textKinds {
		texts := map[string]string{ // to a word of the error
			"a\x1b[31m":                     "U+001B) at character 2",
			"a\nb":                          "newline at character 2",
			"tab\t":                         "tab at character 4",
			"\x00":                          "NUL at character 1",
			"é\x7f":                         "U+007F) at character 2",
			"a\u0085":                       "U+0085",
			"a\u2028b":                      "U+2028",
			"ab\xffc":                       "not UTF-8 at character 3",
			"a\xc3":                         "not UTF-8 at character 2",
			"x\u202ey":                      "U+202E) at character 2",
			"only\u3164":                    "U+3164",
			"\ufeffa":                       "U+FEFF",
			"flag\U000e0067":                "U+E0067",
			strings.Repeat("é", kind.max+1): fmt.Sprintf("%d characters: at most %d", kind.max+1, kind.max),
			strings.Repeat("a", 10_000):     "10000 characters",
		}
		for _, r := range "\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\u200c\u200d\u2060\u00ad\u2029" {
			texts["a"+string(r)+"b"] = fmt.Sprintf("%U) at character 2", r)
		}
		if !kind.empty {
			texts[""] = "is empty"
		}
		if !kind.spaced {
			texts[" a"], texts["a\u00a0"], texts[" "] = "space", "space", "space"
		}
		if kind.named {
			texts["-a"], texts["-"], texts["kr_Ab3dE9xZ…"] = "flag", "flag", "masked"
		}
		for s, word := range texts {
			t.Run(fmt.Sprintf("%s %.20q", name, s), func(t *testing.T) {
				checkRefusal(t, kind.validate(s), name+" ", word)
			})
		}
	}
}

func TestTokensAreNeitherKeptNorRepeated(t *testing.T) {
	token, secret := nativeToken()
	for name, kind := range textKinds {
		for _, s := range []string{token, "lost " + token + " in a log", "API_KEY=" + token, `{"key":"` + token + `"}`} {
			err := kind.validate(s)
			checkRefusal(t, err, name+" ", "token")
			if strings.Contains(err.Error(), secret[:10]) {
				t.Errorf("%s: the message repeats the token", name)
			}
		}
	}
}

func TestProseMayNameCommits(t *testing.T) {
	commit := strings.Repeat("3f2a9b7c", 5)
	for _, s := range []string{commit, "leaked in " + commit + ".", "https://example.org/repo/commit/" + commit + "?diff=1"} {
		if err := keys.ValidateReason(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if err := keys.ValidateMetadata(map[string]string{"commit": s}); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	token, _ := nativeToken()
	for _, s := range []string{commit + " " + token, commit + commit, "bw_" + commit + commit[:24], strings.ToUpper(commit)} {
		checkRefusal(t, keys.ValidateReason(s), "token")
	}
}

func TestRefusalsNeverRepeatTokens(t *testing.T) {
	token, secret := nativeToken()
	now := keys.Millis(1)
	errs := map[string]func(string) error{
		"scope": keys.ValidateScope, "role": keys.ValidateRole, "resource": keys.ValidateResource,
		"duration": func(s string) error { _, err := keys.ParseDuration(s); return err },
		"expiry":   func(s string) error { _, err := keys.ParseExpiry(s, now); return err },
		"moment":   func(s string) error { _, err := keys.ParseMoment(s, now); return err },
		"rate":     func(s string) error { _, err := keys.ParseRate(s); return err },
		"network":  func(s string) error { _, err := keys.ParseNetwork(s); return err },
		"address":  func(s string) error { _, err := keys.ParseAddr(s); return err },
	}
	for name, refuse := range errs {
		err := refuse(token + " \n")
		checkRefusal(t, err, name+" ")
		if strings.Contains(err.Error(), secret[:4]) {
			t.Errorf("%s: the message repeats the token: %v", name, err)
		}
	}
}

func TestRefusalsCutLongValues(t *testing.T) {
	err := keys.ValidateLabel("begin" + strings.Repeat("\x1b", 10_000))
	checkRefusal(t, err, "begin", `…`)
	if len(err.Error()) > 400 {
		t.Errorf("message of %d bytes for a value of 10,000", len(err.Error()))
	}
}
