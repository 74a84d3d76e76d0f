package keys_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestNewTokenForm(t *testing.T) {
	for _, c := range []struct {
		prefix        string
		bytes, secret int
	}{
		{keys.DefaultPrefix, keys.DefaultSecretBytes, 43},
		{"bw_tv", 16, 22}, {"a", 24, 33}, {"k", 41, 56},
		{"acme_live_2026", 32, 43},
	} {
		for n := range byte(20) {
			got := sample(t, n, c.prefix, c.bytes)
			if len(got.ID) != 8 || len(got.Secret) != c.secret || len(got.Check) != 6 {
				t.Fatalf("%d bytes: lengths %d, %d, %d", c.bytes, len(got.ID), len(got.Secret), len(got.Check))
			}
			if want := c.prefix + "_" + got.ID + got.Secret + got.Check; got.String() != want || len(want) > keys.MaxTokenBytes {
				t.Fatalf("token %q, want %q", got, want)
			}
			if want := c.prefix + "_" + got.ID + "…"; got.Masked() != want {
				t.Fatalf("masked %q, want %q", got.Masked(), want)
			}
			if back, err := keys.ParseToken(got.String()); err != nil || back != got {
				t.Fatalf("parsed back: %+v, %v", back, err)
			}
		}
	}
}

func TestNewTokenRefuses(t *testing.T) {
	for _, c := range []struct {
		prefix string
		bytes  int
	}{
		{"kr", 15}, {"kr", 0}, {"kr", -1}, {"kr", 42}, {"kr", 1 << 40}, {"acme_live_2026", 33},
		{"", 32}, {"KR", 32}, {"kr_", 32},
	} {
		_, err := keys.NewToken(seeded(0), c.prefix, c.bytes)
		wantReason(t, fmt.Sprintf("prefix %q, %d bytes", c.prefix, c.bytes), err, keys.ReasonInvalid)
	}
}

type brokenSource struct{ err error }

func (b brokenSource) Read([]byte) (int, error) { return 0, b.err }

type stuckSource struct{}

func (stuckSource) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0xFF
	}
	return len(p), nil
}

func TestNewTokenNeedsRandomness(t *testing.T) {
	broken := errors.New("no entropy")
	_, err := keys.NewToken(brokenSource{broken}, "kr", 32)
	wantReason(t, "broken source", err, keys.ReasonFailed)
	if !errors.Is(err, broken) {
		t.Errorf("the cause is lost: %v", err)
	}
	_, err = keys.NewToken(stuckSource{}, "kr", 32)
	wantReason(t, "stuck source", err, keys.ReasonFailed)
}

// A modulo of a byte would favour 8 characters by a quarter, folding six bits
// would double two: either gives a chi-squared in the thousands.
func TestNewTokenIsUniform(t *testing.T) {
	source, counts, total := seeded(1), map[rune]int{}, 0
	for range 4000 {
		token, err := keys.NewToken(source, "kr", 32)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range token.ID + token.Secret {
			counts[r]++
			total++
		}
	}
	if len(counts) != 62 {
		t.Fatalf("%d different characters, want 62", len(counts))
	}
	mean, chi := float64(total)/62, 0.0
	for _, n := range counts {
		chi += (float64(n) - mean) * (float64(n) - mean) / mean
	}
	if chi > 110 { // 61 degrees of freedom: one run in 8000 is above
		t.Errorf("chi-squared %.0f: the characters are not equally likely", chi)
	}
}

func TestParseTokenRefuses(t *testing.T) {
	whole := sample(t, 2, "kr", 32).String()
	long := sample(t, 2, "k", 41).String()
	body := whole[3:]
	for name, s := range map[string]string{
		"empty": "", "prefix only": "kr_", "no prefix": body, "empty prefix": "_" + body,
		"bad prefix": "kr__" + body, "capital prefix": "KR_" + body, "two separators": "kr_" + body[:20] + "_" + body[20:],
		"no separator": "kr" + body, "cut": whole[:len(whole)-1], "longer": whole + "0",
		"newline": whole + "\n", "space": " " + whole, "dash": "kr-" + body,
		"short secret": "kr_" + body[:29] + keys.Checksum(body[:29]),
		"foreign":      "kr_" + strings.Repeat("-", 51) + keys.Checksum(strings.Repeat("-", 51)),
		"73 bytes":     "kr" + long[1:],
	} {
		_, err := keys.ParseToken(s)
		wantReason(t, name, err, keys.ReasonInvalid)
		if err != nil && strings.Contains(err.Error(), body[:8]) {
			t.Errorf("%s: the error repeats the token: %v", name, err)
		}
	}
}

func TestParseTokenFindsEveryWrongCharacter(t *testing.T) {
	whole := sample(t, 3, "kr", 32).String()
	for i := 3; i < len(whole); i++ {
		wrong := whole[:i] + otherThan(whole[i]) + whole[i+1:]
		if _, err := keys.ParseToken(wrong); err == nil {
			t.Errorf("a wrong character at %d was accepted", i)
		}
	}
}

func TestValidatePrefix(t *testing.T) {
	for _, good := range []string{"k", "kr", "acme_live", "bw_tv", "a1_2_b", "acme_live_2026"} {
		if err := keys.ValidatePrefix(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "_", "1a", "A", "aB", "a_", "_a", "a__b", "a-b", "a.b", "é", "a b", "a\n", "acme_live_20266",
	} {
		err := keys.ValidatePrefix(bad)
		wantReason(t, fmt.Sprintf("%q", bad), err, keys.ReasonInvalid)
	}
	err := keys.ValidatePrefix("acme-live")
	if err == nil || !strings.Contains(err.Error(), "position 5") || strings.Contains(err.Error(), "acme") {
		t.Errorf("error %q: want the position and not the text", err)
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(sample(f, 4, "kr", 32).String())
	f.Add(sample(f, 5, "acme_live", 16).String())
	f.Add("kr_")
	f.Add("_")
	f.Fuzz(func(t *testing.T, s string) {
		token, err := keys.ParseToken(s)
		if err != nil {
			return
		}
		if token.String() != s || len(s) > keys.MaxTokenBytes {
			t.Fatalf("%q was taken apart into %q", s, token)
		}
		if keys.ValidatePrefix(token.Prefix) != nil || len(token.ID) != 8 || len(token.Secret) < 22 {
			t.Fatalf("%q has parts that no token has: %+v", s, token)
		}
		if keys.Checksum(token.ID+token.Secret) != token.Check {
			t.Fatalf("%q was accepted with a wrong checksum", s)
		}
	})
}
