package keys

import (
	"bytes"
	"strings"
)

// Check tells whether a server starts with this secret, whose bytes are taken as
// they are. ReasonSecret means that it does not: the secret is missing or
// forbidden. One that is short is only warned of. Where no secret is needed, r is
// nil and any will do.
func (r *SecretRules) Check(secret []byte) (short bool, err error) {
	if r == nil {
		return false, nil
	}
	if len(secret) == 0 {
		return false, Errorf(ReasonSecret, "the server's secret %s is missing: it hashes with that", r.Name)
	}
	if at := bytes.IndexByte(secret, 0); at >= 0 { // a file in UTF-16, for one
		return false, Errorf(ReasonSecret, "the secret has a NUL at byte %d: the server's %s cannot hold that", at+1, r.Name)
	}
	folded := strings.ToLower(string(secret)) // as servers fold; EqualFold takes more letters for one
	for _, word := range r.Forbidden {
		if folded == strings.ToLower(word) {
			return false, Errorf(ReasonSecret, "the secret is one of the well-known words with which the server does not start: see its %s", r.Name)
		}
	}
	return len(secret) < r.LeastLen, nil
}
