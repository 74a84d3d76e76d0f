package keys_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

const url64 = `[A-Za-z0-9_-]`

// url returns a part of so many bytes as base64url.
func url(bytes, least, most int) keys.Part {
	return keys.Part{Bytes: bytes, Of: "base64url", Least: least, Most: most}
}

var (
	formAgent = &keys.TokenForm{
		Text: "hw_{selector}.{secret}", Selector: url(12, 0, 0), Secret: url(64, 32, 256),
		Pattern:  regexp.MustCompile(`^hw_(?P<selector>` + url64 + `{16})\.` + url64 + `+$`),
		MaskText: "hw_{selector}…", LeastChars: 32, MostBytes: 512,
	}
	formOldAgent = &keys.TokenForm{Text: "wh_{secret}", Secret: url(64, 32, 256), LeastChars: 1}
	formBare     = &keys.TokenForm{Text: "{secret}", Secret: url(48, 0, 0), LeastChars: 32}
	formProxy    = &keys.TokenForm{
		Text: "pxos_{secret}", Secret: url(24, 0, 0), Pattern: regexp.MustCompile(`^pxos_` + url64 + `{32}$`),
	}
	// formSplit hashes only what follows a visible prefix.
	formSplit = &keys.TokenForm{
		Text: "ak_{selector}_{secret}", Selector: keys.Part{Chars: 8, Of: "base62"}, Secret: keys.Part{Bytes: 30, Of: "hex", Least: 16, Most: 36},
		Pattern: regexp.MustCompile(`^ak_(?P<selector>[0-9A-Za-z]{8})_(?P<hashed>[0-9a-f]+)$`), MaskText: "ak_{selector}",
	}
)

// builtIn are the forms with the lengths of their tokens, at the bounds too.
var builtIn = []struct {
	name   string
	form   *keys.TokenForm
	hash   keys.HashRules
	bytes  int
	length int
}{
	{"agent", formAgent, keys.HashRules{Scheme: keys.Bcrypt72}, 0, 106},
	{"agent, least", formAgent, keys.HashRules{Scheme: keys.Bcrypt72}, 32, 63},
	{"agent, most", formAgent, keys.HashRules{Scheme: keys.Bcrypt72}, 256, 362},
	{"old agent", formOldAgent, keys.HashRules{Scheme: keys.Bcrypt72}, 0, 89},
	{"bare", formBare, keys.HashRules{Scheme: keys.Bcrypt}, 0, 64},
	{"bare, its own number", formBare, keys.HashRules{Scheme: keys.Bcrypt}, 48, 64},
	{"proxy", formProxy, keys.HashRules{Scheme: keys.HMACSHA256}, 0, 37},
	{"split", formSplit, keys.HashRules{Scheme: keys.Bcrypt}, 0, 72},
	{"split, least", formSplit, keys.HashRules{Scheme: keys.Bcrypt}, 16, 44},
	{"split, most", formSplit, keys.HashRules{Scheme: keys.Bcrypt}, 36, 84},
}

func TestNewTokensAreWhatTheServerTakes(t *testing.T) {
	for _, c := range builtIn {
		seen := map[string]bool{}
		for n := range byte(50) {
			token, err := c.form.New(seeded(n), c.bytes)
			if err != nil || len(token) != c.length || strings.ContainsAny(token, "{}") || seen[token] {
				t.Fatalf("%s: a token of %d characters, %v", c.name, len(token), err)
			}
			if _, ok := c.form.Parse(token); !ok {
				t.Fatalf("%s: not accepted", c.name)
			}
			if err := c.form.ValidateSupplied(token, c.hash); err != nil {
				t.Fatalf("%s: could not be registered again: %v", c.name, err)
			}
			seen[token] = true
		}
		if err := c.form.Validate(c.hash); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestNewRefusesOtherLengths(t *testing.T) {
	for _, c := range []struct {
		form  *keys.TokenForm
		bytes int
		says  string
	}{
		{formAgent, 31, "32 to 256"}, {formAgent, 257, "32 to 256"}, {formAgent, -1, "32 to 256"},
		{formBare, 32, "one length only"}, {formProxy, -24, "one length only"}, {formSplit, 37, "16 to 36"},
	} {
		_, err := c.form.New(seeded(0), c.bytes)
		wantReason(t, fmt.Sprintf("%s, %d bytes", c.form.Text, c.bytes), err, keys.ReasonInvalid)
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s, %d bytes: %q does not say %q", c.form.Text, c.bytes, err, c.says)
		}
	}
}

// A layout's mistake must not become a token that is no secret.
func TestNewNeverMakesADud(t *testing.T) {
	for name, form := range map[string]keys.TokenForm{
		"no text":          {Secret: url(32, 0, 0)},
		"no secret":        {Text: "k_{selector}", Selector: url(12, 0, 0), Secret: url(32, 0, 0)},
		"no length":        {Text: "k_{secret}", Secret: keys.Part{Of: "hex"}},
		"no encoding":      {Text: "k_{secret}", Secret: keys.Part{Bytes: 32, Of: "base58"}},
		"no selector":      {Text: "{selector}.{secret}", Secret: url(32, 0, 0)},
		"another's prefix": {Text: "k_{secret}", Secret: url(32, 0, 0), Pattern: regexp.MustCompile(`^x_`)},
	} {
		token, err := form.New(seeded(0), 0)
		wantReason(t, name, err, keys.ReasonUnsupported)
		if token != "" {
			t.Errorf("%s: made a token", name)
		}
	}
	broken := errors.New("no entropy")
	for _, form := range []*keys.TokenForm{formAgent, formSplit} {
		_, err := form.New(brokenSource{broken}, 0)
		wantReason(t, form.Text, err, keys.ReasonFailed)
	}
	_, err := keys.Part{Chars: 4, Of: "base62"}.Draw(stuckSource{}, 0)
	wantReason(t, "a stuck source", err, keys.ReasonFailed)
}

func TestDrawIsAsLongAsItSays(t *testing.T) {
	for _, c := range []struct {
		part  keys.Part
		bytes int
		form  string
	}{
		{url(12, 0, 0), 0, url64 + `{16}`},
		{url(64, 16, 256), 17, url64 + `{23}`},
		{keys.Part{Bytes: 32, Of: "hex"}, 0, `[0-9a-f]{64}`},
		{keys.Part{Bytes: 32, Of: "base62"}, 0, `[0-9A-Za-z]{43}`},
		{keys.Part{Bytes: 24, Of: "base62"}, 0, `[0-9A-Za-z]{33}`},
		{keys.Part{Bytes: 24, Of: "base62", Least: 16, Most: 256}, 256, `[0-9A-Za-z]{344}`},
		{keys.Part{Chars: 21, Of: "base64url"}, 0, url64 + `{21}`},
		{keys.Part{Chars: 7, Of: "hex"}, 0, `[0-9a-f]{7}`},
		{keys.Part{Chars: 4000, Of: "base62"}, 0, `[0-9A-Za-z]+`},
	} {
		form := regexp.MustCompile(`^` + c.form + `$`)
		for n := range byte(20) {
			got, err := c.part.Draw(seeded(n), c.bytes)
			if err != nil || !form.MatchString(got) || len(got) != c.part.Len(c.bytes) {
				t.Fatalf("%+v, %d bytes: %q, %v, want %s", c.part, c.bytes, got, err, c.form)
			}
		}
	}
	_, err := keys.Part{Chars: 21, Of: "base64url", Least: 8, Most: 32}.Draw(seeded(0), 16)
	wantReason(t, "bytes of a part that is counted in characters", err, keys.ReasonInvalid)
}

// Each character of an alphabet is as likely as any other, at every place.
func TestDrawIsUniform(t *testing.T) {
	for of, size := range map[string]int{"base64url": 64, "hex": 16, "base62": 62} {
		source, counts := seeded(1), map[rune]int{}
		const draws, chars = 3000, 21
		for range draws {
			s, err := keys.Part{Chars: chars, Of: of}.Draw(source, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range s {
				counts[r]++
			}
		}
		mean, chi := float64(draws*chars)/float64(size), 0.0
		for _, n := range counts {
			chi += (float64(n) - mean) * (float64(n) - mean) / mean
		}
		if len(counts) != size || chi > float64(2*size) {
			t.Errorf("%s: %d characters, chi-squared %.0f", of, len(counts), chi)
		}
	}
}

func TestParseTakesTokensApart(t *testing.T) {
	const selector = "aZ09_-aZ09_-aZ09"
	optional := &keys.TokenForm{
		Pattern:  regexp.MustCompile(`^(?:k_(?P<selector>[a-z]{4})\.)?(?P<hashed>[a-z]*)$`),
		MaskText: "k_{selector}…",
	}
	for _, c := range []struct {
		name, token string
		form        *keys.TokenForm
		want        keys.TokenParts
	}{
		{"selector", "hw_" + selector + ".x", formAgent, keys.TokenParts{Selector: selector, Hashed: "hw_" + selector + ".x", Masked: "hw_" + selector + "…"}},
		{"part hashed", "ak_Abcd1234_0f0f", formSplit, keys.TokenParts{Selector: "Abcd1234", Hashed: "0f0f", Masked: "ak_Abcd1234"}},
		{"nothing demanded", " any thing\n", formBare, keys.TokenParts{Hashed: " any thing\n"}},
		{"mark in the token", "{selector}", formBare, keys.TokenParts{Hashed: "{selector}"}},
		{"optional selector", "k_abcd.efgh", optional, keys.TokenParts{Selector: "abcd", Hashed: "efgh", Masked: "k_abcd…"}},
		{"without it", "efgh", optional, keys.TokenParts{Hashed: "efgh"}},
	} {
		if got, ok := c.form.Parse(c.token); !ok || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got, ok, c.want)
		}
	}
	for name, c := range map[string]struct {
		form  *keys.TokenForm
		token string
	}{
		"empty": {formBare, ""}, "short selector": {formAgent, "hw_" + selector[1:] + ".x"}, "no secret": {formAgent, "hw_" + selector + "."},
		"newline": {formAgent, "hw_" + selector + ".x\n"}, "old form": {formAgent, "hw_" + strings.Repeat("x", 86)},
		"old prefix": {formProxy, "pak_" + strings.Repeat("x", 32)}, "33 characters": {formProxy, "pxos_" + strings.Repeat("x", 33)},
		"nothing hashed": {optional, "k_abcd."},
	} {
		if got, ok := c.form.Parse(c.token); ok || got != (keys.TokenParts{}) {
			t.Errorf("%s: taken for a token: %+v", name, got)
		}
	}
}

// formSeeds are the forms that fuzzing tries, and tokens of each.
var formSeeds = []*keys.TokenForm{formAgent, formOldAgent, formBare, formProxy, formSplit}

func FuzzTokenFormParse(f *testing.F) {
	for i, form := range formSeeds {
		token, err := form.New(seeded(byte(i)), 0)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), token)
		f.Add(byte(i), token[:len(token)-1]+"\xff")
	}
	f.Fuzz(func(t *testing.T, n byte, token string) {
		form := formSeeds[int(n)%len(formSeeds)]
		parts, ok := form.Parse(token)
		if !ok && parts != (keys.TokenParts{}) || ok && (parts.Hashed == "" || !strings.HasSuffix(token, parts.Hashed)) {
			t.Fatalf("%q: %+v, %v", token, parts, ok)
		}
		if form.Pattern != nil && ok != form.Pattern.MatchString(token) || form.Pattern == nil && ok != (token != "") {
			t.Fatalf("%q: %v, in spite of the pattern", token, ok)
		}
		if secret, found := strings.CutPrefix(token, strings.TrimSuffix(parts.Masked, "…")); parts.Masked != "" && (!found || len(secret) == 0) {
			t.Fatalf("%q is shown as %q", token, parts.Masked)
		}
	})
}
