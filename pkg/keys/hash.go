package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// Scheme is how a token becomes the hash that is stored for it.
type Scheme string

// The schemes.
const (
	// SHA256 is the lower-case hex SHA-256 of the token's bytes, for tokens
	// with at least 128 bits of randomness (NIST SP 800-63B; OWASP ASVS 6.5.2).
	SHA256 Scheme = "sha256"
	// HMACSHA256 is the lower-case hex HMAC-SHA-256 of the token's bytes under
	// a secret that the server keeps outside its database.
	HMACSHA256 Scheme = "hmac-sha256"
	// Bcrypt is for tokens whose randomness nobody knows. A token of more than
	// 72 bytes has no such hash and never matches one.
	Bcrypt Scheme = "bcrypt"
	// Bcrypt72 is bcrypt of a token's first 72 bytes, as servers make it whose
	// library cuts silently: a token with another tail matches too.
	Bcrypt72 Scheme = "bcrypt72"
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
	name  Scheme
	slow  bool
	hash  func(token string, o HashOptions) (string, error)
	check func(stored string) error
	equal func(stored, token string, secret []byte) (bool, error)
}

var schemes = []scheme{
	{SHA256, false, hashSHA256, checkDigest, equalSHA256},
	{HMACSHA256, false, hashHMAC, checkDigest, equalHMAC},
	{Bcrypt, true, hashBcrypt, checkBcrypt, equalBcrypt},
	{Bcrypt72, true, hashBcrypt72, checkBcrypt, equalBcrypt72},
	{Argon2id, true, hashArgon2id, checkArgon2id, equalArgon2id},
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

// Digest returns the lower-case hex SHA-256 of the token's bytes: what [SHA256]
// stores.
func Digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func hashSHA256(token string, _ HashOptions) (string, error) { return Digest(token), nil }

func equalSHA256(stored, token string, _ []byte) (bool, error) {
	return sameDigest(stored, Digest(token)), nil
}

func hashHMAC(token string, o HashOptions) (string, error) {
	if len(o.Secret) == 0 {
		return "", Errorf(ReasonInvalid, "hmac-sha256 needs the server's secret")
	}
	mac := hmac.New(sha256.New, o.Secret)
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

func equalHMAC(stored, token string, secret []byte) (bool, error) {
	digest, err := hashHMAC(token, HashOptions{Secret: secret})
	return err == nil && sameDigest(stored, digest), err
}

// sameDigest compares in constant time, so that nobody learns a stored digest
// byte by byte (OWASP ASVS 11.2.4).
func sameDigest(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// checkDigest accepts 64 lower-case hex digits. Systems that compare text would
// refuse a key whose digest is in capitals, so it is not folded here.
func checkDigest(stored string) error {
	if len(stored) != 2*sha256.Size || strings.Trim(stored, "0123456789abcdef") != "" {
		return Errorf(ReasonCorrupt, "the stored digest is not %d lower-case hex digits", 2*sha256.Size)
	}
	return nil
}
