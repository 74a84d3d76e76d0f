package keys

import (
	"errors"
	"strings"
)

// Scheme is how a token becomes the hash that is stored for it.
type Scheme string

// The schemes.
const (
	// SHA256 is the lower-case hex SHA-256 of the token's bytes, for tokens
	// with at least 128 bits of randomness (NIST SP 800-63B; OWASP ASVS 6.5.2).
	SHA256 Scheme = "sha256"
	// SHA512 is the same with SHA-512, as other servers store it.
	SHA512 Scheme = "sha512"
	// HMACSHA256 is the lower-case hex HMAC-SHA-256 of the token's bytes under
	// a secret that the server keeps outside its database.
	HMACSHA256 Scheme = "hmac-sha256"
	// Bcrypt is for tokens whose randomness nobody knows. A token of more than
	// 72 bytes has no such hash and never matches one.
	Bcrypt Scheme = "bcrypt"
	// Bcrypt72 is bcrypt of a token's first 72 bytes, as servers make it whose
	// library cuts silently: a token with another tail matches too.
	Bcrypt72 Scheme = "bcrypt72"
	// Clear is the token as it is: some servers store it so, and whoever reads
	// their table has the keys. It is compared like a digest and shown as little.
	Clear Scheme = "clear"
	// Argon2id is PHC text of version 19. Imported keys have it; none is made.
	Argon2id Scheme = "argon2id"
)

// HashOptions is what a scheme needs besides the token.
type HashOptions struct {
	Cost   int    // of bcrypt, 4 to 15; 0 is DefaultBcryptCost
	Secret []byte // the server's, for hmac-sha256
}

// scheme is what a Scheme does. equal is only called with a stored text that
// check accepts and a token that is not empty.
type scheme struct {
	name       Scheme
	slow       bool // see [Scheme.Slow]
	searchable bool // see [Scheme.Searchable]
	hash       func(token string, o HashOptions) (string, error)
	check      func(stored string) error
	equal      func(stored, token string, secret []byte) (bool, error)
}

var schemes = []scheme{
	{SHA256, false, true, hashSHA256, checkSHA256, equalSHA256},
	{SHA512, false, true, hashSHA512, checkSHA512, equalSHA512},
	{HMACSHA256, false, true, hashHMAC, checkSHA256, equalHMAC},
	{Bcrypt, true, false, hashBcrypt, checkBcrypt, equalBcrypt},
	{Bcrypt72, true, false, hashBcrypt72, checkBcrypt, equalBcrypt72},
	{Argon2id, true, false, hashArgon2id, checkArgon2id, equalArgon2id},
	{Clear, false, true, hashClear, checkClear, equalClear},
}

// find returns the scheme's row of the table, or ReasonUnsupported.
func (s Scheme) find() (*scheme, error) {
	for i := range schemes {
		if schemes[i].name == s {
			return &schemes[i], nil
		}
	}
	return nil, Errorf(ReasonUnsupported, "the key's hash scheme is unknown")
}

// Slow tells whether checking one token costs a large part of a second, so that
// no key can be found by its hash.
func (s Scheme) Slow() bool {
	row, err := s.find()
	return err == nil && row.slow
}

// Searchable tells whether a token always gives the same hash, so that its key is
// found by that.
func (s Scheme) Searchable() bool {
	row, err := s.find()
	return err == nil && row.searchable
}

// Hash returns what to store for token. ReasonInvalid means that the scheme
// cannot hash this token or lacks an option, ReasonUnsupported that it only
// checks.
func (s Scheme) Hash(token string, o HashOptions) (string, error) {
	row, err := s.find()
	if err != nil {
		return "", err
	}
	if token == "" {
		return "", Errorf(ReasonInvalid, "the token is empty")
	}
	return row.hash(token, o)
}

// Check tells whether stored is a text that [Scheme.Matches] would compute
// with: ReasonCorrupt if it is malformed, ReasonUnsupported if it is of a
// version that differs between systems or costs more than this program spends.
func (s Scheme) Check(stored string) error {
	row, err := s.find()
	if err != nil {
		return err
	}
	return row.check(stored)
}

// errTooCostly is the cause where a hash is well formed and not computed here.
var errTooCostly = errors.New("costs more than this program spends")

// TooCostly tells whether an error of [Scheme.Check] is only about what the hash
// costs: the server may compute it all the same.
func TooCostly(err error) bool { return errors.Is(err, errTooCostly) }

// Matches tells whether stored was made from token; secret is the server's, for
// hmac-sha256. The error is that of [Scheme.Check], or ReasonInvalid for a
// missing secret; a token that does not match is none.
func (s Scheme) Matches(stored, token string, secret []byte) (bool, error) {
	row, err := s.find()
	if err != nil {
		return false, err
	}
	if err := row.check(stored); err != nil || token == "" {
		return false, err
	}
	return row.equal(stored, token, secret)
}

// Compares tells whether some token is accepted for a stored text. The server computes
// also what costs more than this program spends.
func (h *HashRules) Compares(by Scheme, stored string) bool {
	err := by.Check(stored)
	return h.Acceptable(stored) && (err == nil || TooCostly(err))
}

// Acceptable tells whether the server compares tokens with a stored text at all: a
// bcrypt text must be of a version that its library takes. What [Scheme.Check]
// refuses stays refused.
func (h *HashRules) Acceptable(stored string) bool {
	return len(h.Accepts) == 0 || !strings.HasPrefix(stored, "$2") || hasAnyPrefix(stored, h.Accepts)
}
