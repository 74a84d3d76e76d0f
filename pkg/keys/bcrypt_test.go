package keys_test

import (
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestStoredBcryptRefused(t *testing.T) {
	list := []refusal{
		{"no bcrypt", "", keys.ReasonCorrupt},
		{"another scheme", typedSHA, keys.ReasonCorrupt},
		{"version 2", "$2$" + typedBcrypt, keys.ReasonUnsupported},
		{"version 2x", "$2x$" + typedBcrypt, keys.ReasonUnsupported},
		{"version 2c", "$2c$" + typedBcrypt, keys.ReasonUnsupported},
		{"59 characters", "$2b$" + typedBcrypt[:55], keys.ReasonCorrupt},
		{"61 characters", "$2b$" + typedBcrypt + ".", keys.ReasonCorrupt},
		{"newline", "$2b$" + typedBcrypt[:55] + "\n", keys.ReasonCorrupt},
		{"cost 3", "$2b$03" + typedBcrypt[2:], keys.ReasonCorrupt},
		{"cost 16", "$2b$16" + typedBcrypt[2:], keys.ReasonUnsupported},
		{"cost 31", "$2b$31" + typedBcrypt[2:], keys.ReasonUnsupported},
		{"cost 32", "$2b$32" + typedBcrypt[2:], keys.ReasonCorrupt},
		{"cost +4", "$2b$+4" + typedBcrypt[2:], keys.ReasonCorrupt},
	}
	checkRefused(t, keys.Bcrypt, list)
	checkRefused(t, keys.Bcrypt72, list)
}

func TestHighestBcryptCostIsComputed(t *testing.T) {
	if err := keys.Bcrypt.Check("$2b$15" + typedBcrypt[2:]); err != nil {
		t.Error(err)
	}
}

func TestBcrypt72HashesOnlyTheFirst72Bytes(t *testing.T) {
	stored, err := keys.Bcrypt72.Hash(bytes72+"first tail", keys.HashOptions{Cost: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{bytes72, bytes72 + "another tail"} {
		if ok, err := keys.Bcrypt72.Matches(stored, token, nil); !ok || err != nil {
			t.Errorf("%q: %v, %v", token, ok, err)
		}
	}
}

// quickest returns the least time that f took in five runs.
func quickest(f func()) time.Duration {
	least := time.Hour
	for range 5 {
		start := time.Now()
		f()
		least = min(least, time.Since(start))
	}
	return least
}

// A miss must not answer sooner than a hit, whatever the length of the token.
func TestDummyCompareWorksAsHardAsACompare(t *testing.T) {
	stored, err := keys.Bcrypt.Hash(typed, keys.HashOptions{Cost: 8})
	if err != nil {
		t.Fatal(err)
	}
	compare := quickest(func() { _, _ = keys.Bcrypt.Matches(stored, typed, nil) })
	for _, token := range []string{"", typed, bytes72 + bytes72} {
		if dummy := quickest(func() { keys.DummyCompare(token, 8) }); dummy < compare/2 {
			t.Errorf("%d bytes: %v, where a compare takes %v", len(token), dummy, compare)
		}
	}
}
