package keys_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestSuppliedTokensAreWhatTheServerTakes(t *testing.T) {
	bcrypt, cut, hmac := keys.HashRules{Scheme: keys.Bcrypt}, keys.HashRules{Scheme: keys.Bcrypt72}, keys.HashRules{Scheme: keys.HMACSHA256}
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		name, token string
		form        *keys.TokenForm
		hash        keys.HashRules
		says        string // "" if it is taken
	}{
		{"32 characters", x(32), formBare, bcrypt, ""},
		{"31 characters", x(31), formBare, bcrypt, "31 characters long: at least 32"},
		{"72 bytes", x(72), formBare, bcrypt, ""},
		{"73 bytes where the library fails", x(73), formBare, bcrypt, "73 bytes that the server hashes with bcrypt: it fails on more than 72"},
		{"73 bytes where it cuts", x(73), formBare, cut, ""},
		{"native form", sample(t, 3, "kr", 32).String(), formBare, bcrypt, ""},
		{"empty", "", formBare, bcrypt, "0 characters long"},
		{"space", x(40) + " ", formBare, bcrypt, "a space at position 41"},
		{"newline", x(40) + "\n", formOldAgent, cut, "a newline at position 41"},
		{"letter", "é" + x(40), formBare, bcrypt, "non-ASCII character at position 1"},
		{"a short one where any will do", "x", formOldAgent, cut, ""},
		{"form without a bound of its own", "pxos_" + x(26), &keys.TokenForm{Text: "pxos_{secret}"}, hmac, "at least 32"},
		{"of the pattern", "pxos_" + x(32), formProxy, hmac, ""},
		{"not of the pattern", "pxos_" + x(33), formProxy, hmac, "look like pxos_{secret}"},
		{"not of the other", x(64), formAgent, cut, "look like hw_{selector}.{secret}"},
		{"512 bytes", "hw_" + x(16) + "." + x(492), formAgent, cut, ""},
		{"513 bytes", "hw_" + x(16) + "." + x(493), formAgent, cut, "513 bytes long: at most 512"},
		{"72 bytes hashed of 84", "ak_Abcd1234_" + strings.Repeat("f", 72), formSplit, bcrypt, ""},
		{"73 bytes hashed", "ak_Abcd1234_" + strings.Repeat("f", 73), formSplit, bcrypt, "73 bytes"},
	} {
		err := c.form.ValidateSupplied(c.token, c.hash)
		if c.says == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.says == "" {
			continue
		}
		wantReason(t, c.name, err, keys.ReasonInvalid)
		if err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "xxxxxx")) {
			t.Errorf("%s: %q does not say %q, or repeats the token", c.name, err, c.says)
		}
	}
}

func TestFormsThatContradictThemselves(t *testing.T) {
	for name, c := range map[string]struct {
		form   keys.TokenForm
		scheme keys.Scheme
		says   string
	}{
		"mask with the secret":   {keys.TokenForm{MaskText: "k_{secret}"}, keys.SHA256, "shows the secret"},
		"no room":                {keys.TokenForm{LeastChars: 33, MostBytes: 32}, keys.SHA256, "33 characters in 32 bytes"},
		"no secret":              {keys.TokenForm{Text: "k"}, keys.SHA256, "once"},
		"two secrets":            {keys.TokenForm{Text: "{secret}{secret}", Secret: url(32, 0, 0)}, keys.SHA256, "once"},
		"two selectors":          {keys.TokenForm{Text: "{selector}{selector}{secret}"}, keys.SHA256, "more than once"},
		"no length":              {keys.TokenForm{Text: "{secret}"}, keys.SHA256, "random part"},
		"bounds the wrong way":   {keys.TokenForm{Text: "{secret}", Secret: url(32, 33, 16)}, keys.SHA256, "33 to 16 bytes"},
		"bounds of characters":   {keys.TokenForm{Text: "{secret}", Secret: keys.Part{Chars: 9, Of: "hex", Least: 16, Most: 32}}, keys.SHA256, "bounds"},
		"another alphabet":       {keys.TokenForm{Text: "{secret}", Secret: url(32, 0, 0), Pattern: regexp.MustCompile(`^[0-9A-Za-z]+$`)}, keys.SHA256, "pattern"},
		"most is too long":       {keys.TokenForm{Text: "{secret}", Secret: url(32, 16, 48), Pattern: regexp.MustCompile(`^.{22,60}$`)}, keys.SHA256, "pattern"},
		"more than bcrypt takes": {keys.TokenForm{Text: "{secret}", Secret: url(64, 0, 0)}, keys.Bcrypt, "86 bytes"},
		"mask without its group": {keys.TokenForm{Text: "{secret}", Secret: url(32, 0, 0), MaskText: "k_{selector}"}, keys.SHA256, "group"},
	} {
		err := c.form.Validate(keys.HashRules{Scheme: c.scheme})
		wantReason(t, name, err, keys.ReasonLayoutFile)
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q does not say %q", name, err, c.says)
		}
	}
	supplied := keys.TokenForm{LeastChars: 20, MaskText: "…"}
	if err := supplied.Validate(keys.HashRules{Scheme: keys.Clear}); err != nil {
		t.Errorf("a form of supplied tokens only: %v", err)
	}
}

func FuzzTokenFormValidateSupplied(f *testing.F) {
	for i, form := range formSeeds {
		token, err := form.New(seeded(byte(i)), 0)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), true, token)
		f.Add(byte(i), false, token+"\u200b")
	}
	f.Fuzz(func(t *testing.T, n byte, cuts bool, token string) {
		form, rules := formSeeds[int(n)%len(formSeeds)], keys.HashRules{Scheme: keys.Bcrypt}
		if cuts {
			rules.Scheme = keys.Bcrypt72
		}
		err := form.ValidateSupplied(token, rules)
		if err != nil {
			if !errors.Is(err, &keys.Error{Reason: keys.ReasonInvalid}) || len(token) > 12 && strings.Contains(err.Error(), token) {
				t.Fatalf("%q: %v", token, err)
			}
			return
		}
		parts, ok := form.Parse(token)
		if !ok || strings.ContainsFunc(token, func(r rune) bool { return r < '!' || r > '~' }) {
			t.Fatalf("%q was accepted", token)
		}
		if _, err := rules.Scheme.Hash(parts.Hashed, keys.HashOptions{Cost: 4}); err != nil {
			t.Fatalf("%q was accepted and cannot be hashed: %v", token, err)
		}
	})
}
