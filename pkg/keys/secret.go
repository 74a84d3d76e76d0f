package keys

import (
	"bytes"
	"slices"
	"strings"
)

// Check tells whether a server starts with this secret, whose bytes are taken as
// they are. ReasonSecret means that it does not: the secret is missing or
// forbidden. One that is short or well known is weak: the server may run with it.
// Where no secret is needed, r is nil and any will do.
func (r *SecretRules) Check(secret []byte) (weak bool, err error) {
	if r == nil {
		return false, nil
	}
	if len(secret) == 0 {
		return false, Errorf(ReasonSecret, "the server's secret %s is missing: it hashes with that", r.Name)
	}
	if at := bytes.IndexByte(secret, 0); at >= 0 { // a file in UTF-16, for one
		return false, Errorf(ReasonSecret, "the secret has a NUL at byte %d: the server's %s cannot hold that", at+1, r.Name)
	}
	if isWord(secret, r.Forbidden) {
		return false, Errorf(ReasonSecret, "the secret is one of the well-known words with which the server does not start: see its %s", r.Name)
	}
	return len(secret) < r.LeastLen || isWord(secret, r.Weak), nil
}

// isWord folds letters as servers do; EqualFold takes more of them for one.
func isWord(secret []byte, words []string) bool {
	folded := strings.ToLower(string(secret))
	return slices.ContainsFunc(words, func(w string) bool { return folded == strings.ToLower(w) })
}
