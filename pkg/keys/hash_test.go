package keys_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestHashIsWhatOthersStore(t *testing.T) {
	for scheme, want := range map[keys.Scheme]string{
		keys.SHA256: typedSHA, keys.SHA512: typed512, keys.HMACSHA256: typedHMAC, keys.Clear: typed,
	} {
		got, err := scheme.Hash(typed, keys.HashOptions{Secret: []byte(hmacKey)})
		if err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", scheme, got, err, want)
		}
	}
	if got := keys.Digest(typed); got != typedSHA {
		t.Errorf("Digest: %q, want %q", got, typedSHA)
	}
	form := regexp.MustCompile(`^\$2b\$04\$[./A-Za-z0-9]{53}$`)
	for _, scheme := range []keys.Scheme{keys.Bcrypt, keys.Bcrypt72} {
		got, err := scheme.Hash(bytes72, keys.HashOptions{Cost: 4})
		if err != nil || !form.MatchString(got) {
			t.Fatalf("%s: %q, %v", scheme, got, err)
		}
		if ok, err := scheme.Matches(got, bytes72, nil); !ok || err != nil {
			t.Errorf("%s: its own hash does not match: %v", scheme, err)
		}
		if ok, _ := scheme.Matches(got, bytes72[:71], nil); ok {
			t.Errorf("%s: a shorter token matches", scheme)
		}
	}
}

func TestHashRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		scheme keys.Scheme
		token  string
		o      keys.HashOptions
		want   keys.Reason
	}{
		{"empty", keys.SHA256, "", keys.HashOptions{}, keys.ReasonInvalid},
		{"empty bcrypt", keys.Bcrypt, "", keys.HashOptions{Cost: 4}, keys.ReasonInvalid},
		{"73 bytes", keys.Bcrypt, bytes72 + "c", keys.HashOptions{Cost: 4}, keys.ReasonInvalid},
		{"NUL", keys.Bcrypt, "ab\x00ab", keys.HashOptions{Cost: 4}, keys.ReasonInvalid},
		{"NUL in 72", keys.Bcrypt72, "ab\x00ab", keys.HashOptions{Cost: 4}, keys.ReasonInvalid},
		{"cost 3", keys.Bcrypt, typed, keys.HashOptions{Cost: 3}, keys.ReasonInvalid},
		{"cost 16", keys.Bcrypt72, typed, keys.HashOptions{Cost: 16}, keys.ReasonInvalid},
		{"negative cost", keys.Bcrypt, typed, keys.HashOptions{Cost: -1}, keys.ReasonInvalid},
		{"no secret", keys.HMACSHA256, typed, keys.HashOptions{}, keys.ReasonInvalid},
		{"argon2id", keys.Argon2id, typed, keys.HashOptions{}, keys.ReasonUnsupported},
		{"unknown", keys.Scheme("md5"), typed, keys.HashOptions{}, keys.ReasonUnsupported},
	} {
		_, err := c.scheme.Hash(c.token, c.o)
		wantReason(t, c.name, err, c.want)
		if err != nil && c.token != "" && strings.Contains(err.Error(), c.token) {
			t.Errorf("%s: the error repeats the token", c.name)
		}
	}
}

// refusal is a stored text that is refused rather than computed.
type refusal struct {
	name   string
	stored string
	want   keys.Reason
}

func checkRefused(t *testing.T, scheme keys.Scheme, list []refusal) {
	t.Helper()
	for _, c := range list {
		ok, err := scheme.Matches(c.stored, typed, []byte(hmacKey))
		wantReason(t, c.name, err, c.want)
		wantReason(t, c.name+" (Check)", scheme.Check(c.stored), c.want)
		if ok {
			t.Errorf("%s: matches", c.name)
		}
	}
}

func TestStoredDigestsRefused(t *testing.T) {
	for _, scheme := range []keys.Scheme{keys.SHA256, keys.HMACSHA256} {
		checkRefused(t, scheme, []refusal{
			{"none", "", keys.ReasonCorrupt},
			{"capitals", strings.ToUpper(typedSHA), keys.ReasonCorrupt},
			{"short", typedSHA[:63], keys.ReasonCorrupt},
			{"long", typedHMAC + "0", keys.ReasonCorrupt},
			{"not hex", typedSHA[:63] + "g", keys.ReasonCorrupt},
			{"not hex inside", "a" + strings.Repeat("-", 62) + "a", keys.ReasonCorrupt},
		})
	}
	checkRefused(t, keys.SHA512, []refusal{
		{"none", "", keys.ReasonCorrupt},
		{"capitals", strings.ToUpper(typed512), keys.ReasonCorrupt},
		{"sha256", typedSHA, keys.ReasonCorrupt},
		{"long", typed512 + "0", keys.ReasonCorrupt},
		{"not hex", typed512[:127] + "g", keys.ReasonCorrupt},
	})
	checkRefused(t, keys.Clear, []refusal{{"no token", "", keys.ReasonCorrupt}})
	checkRefused(t, "md5", []refusal{{"unknown scheme", typedSHA, keys.ReasonUnsupported}})
}

func TestEmptyTokenNeverMatches(t *testing.T) {
	for scheme, stored := range map[keys.Scheme]string{
		keys.SHA256: keys.Digest(""), keys.Clear: typed, keys.Bcrypt: "$2b$" + typedBcrypt, keys.Argon2id: argon1,
	} {
		if ok, err := scheme.Matches(stored, "", nil); ok || err != nil {
			t.Errorf("%s: %v, %v", scheme, ok, err)
		}
	}
}

func TestHMACNeedsItsSecret(t *testing.T) {
	_, err := keys.HMACSHA256.Matches(typedHMAC, typed, nil)
	wantReason(t, "no secret", err, keys.ReasonInvalid)
	ok, err := keys.HMACSHA256.Matches(typedHMAC, typed, []byte("another secret"))
	if ok || err != nil {
		t.Errorf("another secret: %v, %v", ok, err)
	}
}

// What costs nothing is found by its hash; a salt forbids that.
func TestSchemesAreSearchableOrSlow(t *testing.T) {
	for scheme, want := range map[keys.Scheme]bool{
		keys.SHA256: true, keys.SHA512: true, keys.HMACSHA256: true, keys.Clear: true,
		keys.Bcrypt: false, keys.Bcrypt72: false, keys.Argon2id: false,
	} {
		if scheme.Searchable() != want || scheme.Slow() == want {
			t.Errorf("%s: searchable %v, slow %v", scheme, scheme.Searchable(), scheme.Slow())
		}
	}
	if keys.Scheme("md5").Searchable() {
		t.Error("an unknown scheme is searchable")
	}
}

// Go's library compares with $2$ and $2x$, which servers do not.
func TestAcceptableIsWhatTheServersLibraryTakes(t *testing.T) {
	two := keys.HashRules{Scheme: keys.Bcrypt72, Accepts: []string{"$2a$", "$2b$"}}
	for stored, want := range map[string]bool{
		"$2a$" + typedBcrypt: true, "$2b$" + typedBcrypt: true, "$2y$" + typedBcrypt: false,
		"$2x$" + typedBcrypt: false, "$2$" + typedBcrypt: false, typedSHA: true,
	} {
		if two.Acceptable(stored) != want {
			t.Errorf("%.4s: acceptable %v", stored, !want)
		}
	}
	lenient := keys.HashRules{Scheme: keys.Bcrypt, Accepts: []string{"$2x$"}}
	for _, h := range []keys.HashRules{{}, lenient} {
		if !h.Acceptable("$2x$" + typedBcrypt) {
			t.Errorf("%v: what Check is to report is skipped", h)
		}
	}
	checkRefused(t, lenient.Scheme, []refusal{{"a layout that asks for 2x", "$2x$" + typedBcrypt, keys.ReasonUnsupported}})
}

func FuzzMatches(f *testing.F) {
	for scheme, stored := range map[keys.Scheme]string{
		keys.SHA256: typedSHA, keys.HMACSHA256: typedHMAC, keys.Bcrypt: "$2b$" + typedBcrypt,
		keys.Bcrypt72: "$2a$" + longBcrypt, keys.Argon2id: argon1, keys.SHA512: typed512, keys.Clear: typed,
	} {
		f.Add(string(scheme), stored, typed)
		f.Add(string(scheme), stored[:len(stored)-1], bytes72+"tail")
	}
	costly := regexp.MustCompile(`^\$2.\$(0[6-9]|1)|m=\d{4}|t=\d\d`)
	f.Fuzz(func(t *testing.T, scheme, stored, token string) {
		if costly.MatchString(stored) {
			t.Skip("takes too long to compute in a fuzz run")
		}
		s := keys.Scheme(scheme)
		ok, err := s.Matches(stored, token, []byte(hmacKey))
		if ok && (err != nil || token == "" || s.Check(stored) != nil) {
			t.Fatalf("%s matches %q with %q in spite of %v", scheme, stored, token, err)
		}
		if e := (*keys.Error)(nil); err != nil && !errors.As(err, &e) {
			t.Fatalf("the error has no reason: %v", err)
		}
		if again, _ := s.Matches(stored, token, []byte(hmacKey)); again != ok {
			t.Fatal("the same question has two answers")
		}
	})
}
