package keys_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// seeded returns a reproducible source of random bytes. Tokens are made while a
// test runs, so that none stands in the source for secret scanners to find.
func seeded(n byte) io.Reader { return rand.NewChaCha8([32]byte{n}) }

// sample returns a token of the given prefix and bytes of randomness.
func sample(t testing.TB, n byte, prefix string, bytes int) keys.Token {
	t.Helper()
	token, err := keys.NewToken(seeded(n), prefix, bytes)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func wantReason(t *testing.T, what string, err error, want keys.Reason) {
	t.Helper()
	if !errors.Is(err, &keys.Error{Reason: want}) {
		t.Errorf("%s: error %v, want reason %q", what, err, want)
	}
}

// otherThan returns a base62 character that is not c.
func otherThan(c byte) string {
	if c == 'x' {
		return "y"
	}
	return "x"
}
