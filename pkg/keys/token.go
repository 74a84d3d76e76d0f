package keys

import (
	"io"
	"strings"
)

// Token is a native token: <prefix>_<id><secret><check>, all of it base62 but
// the prefix's underscores. Whoever holds one must neither store nor log it;
// [Token.Masked] is what may be shown.
type Token struct {
	Prefix string // what kind of token it is, for people and secret scanners
	ID     string // the key's public id, 8 characters
	Secret string // at least 22 characters, 43 by default
	Check  string // the checksum of ID and Secret, 6 characters
}

const (
	// DefaultPrefix begins tokens where no other prefix is asked for.
	DefaultPrefix = "kr"
	// MaxTokenBytes is the longest token: bcrypt reads no further, so every
	// native token also works in a table that hashes with bcrypt.
	MaxTokenBytes = 72
	// DefaultSecretBytes is the randomness of a secret, 256 bits.
	DefaultSecretBytes = 32

	minSecretBytes   = 16 // NIST SP 800-63B and OWASP ASVS 11.5.1: 128 bits
	minSecretChars   = 22 // of minSecretBytes
	idChars          = 8
	checkChars       = 6
	minBodyChars     = idChars + minSecretChars + checkChars
	defaultBodyChars = idChars + 43 + checkChars
	maxPrefixBytes   = 14 // what 72 leave beside the underscore and 57 of body
)

// NewToken draws a token with secretBytes bytes' worth of randomness in its
// secret from rand, which must be cryptographically secure. A bad prefix, less
// than 16 bytes and a token of more than [MaxTokenBytes] give ReasonInvalid,
// a rand that fails ReasonFailed.
func NewToken(rand io.Reader, prefix string, secretBytes int) (Token, error) {
	if err := ValidatePrefix(prefix); err != nil {
		return Token{}, err
	}
	chars, err := secretChars(prefix, secretBytes)
	if err != nil {
		return Token{}, err
	}
	body, err := drawChars(rand, base62, idChars+chars)
	if err != nil {
		return Token{}, err
	}
	return Token{prefix, body[:idChars], body[idChars:], Checksum(body)}, nil
}

// secretChars returns how many base62 characters hold n bytes of randomness.
func secretChars(prefix string, n int) (int, error) {
	if n < minSecretBytes {
		return 0, Errorf(ReasonInvalid, "a secret of %d bytes is too easy to guess: at least %d", n, minSecretBytes)
	}
	chars := base62Len(n)
	if n > MaxTokenBytes || len(prefix)+1+idChars+chars+checkChars > MaxTokenBytes {
		return 0, Errorf(ReasonInvalid, "a secret of %d bytes makes the token longer than %d bytes", n, MaxTokenBytes)
	}
	return chars, nil
}

// String returns the whole token, the secret included.
func (t Token) String() string { return t.Prefix + "_" + t.ID + t.Secret + t.Check }

// Masked returns what of the token may be shown: prefix and id, nothing of the
// secret.
func (t Token) Masked() string { return t.Prefix + "_" + t.ID + "…" }

// ParseToken takes a native token apart. Anything else, a wrong checksum
// included, gives ReasonInvalid.
func ParseToken(s string) (Token, error) {
	if len(s) > MaxTokenBytes {
		return Token{}, Errorf(ReasonInvalid, "the token is %d bytes long, more than %d", len(s), MaxTokenBytes)
	}
	t, ok := splitToken(s)
	if !ok {
		return Token{}, Errorf(ReasonInvalid, "the token does not have the native form")
	}
	if Checksum(t.ID+t.Secret) != t.Check {
		return Token{}, Errorf(ReasonInvalid, "the token's checksum is wrong")
	}
	return t, nil
}

// splitToken cuts a string of the native form, whatever its length and checksum.
func splitToken(s string) (Token, bool) {
	prefix, body, ok := cutBody(s)
	if !ok || len(body) < minBodyChars || !isBase62(body) {
		return Token{}, false
	}
	end := len(body) - checkChars
	return Token{prefix, body[:idChars], body[idChars:end], body[end:]}, true
}

// cutBody cuts s after a valid prefix. The body holds no underscore, so the
// last one is the separator.
func cutBody(s string) (prefix, body string, ok bool) {
	at := strings.LastIndexByte(s, '_')
	if at < 0 || ValidatePrefix(s[:at]) != nil {
		return "", "", false
	}
	return s[:at], s[at+1:], true
}

// ValidatePrefix tells whether tokens may begin with prefix: parts of lower-case
// letters and digits joined by single underscores, a letter first, at most 14
// characters. The error has ReasonInvalid and does not repeat the prefix, which
// may be a token in the wrong place.
func ValidatePrefix(prefix string) error {
	if prefix == "" || len(prefix) > maxPrefixBytes {
		return Errorf(ReasonInvalid, "a prefix has 1 to %d characters, not %d", maxPrefixBytes, len(prefix))
	}
	if at := prefixFault(prefix); at >= 0 {
		return Errorf(ReasonInvalid, "the prefix is wrong at position %d: it is a letter, then letters and digits, "+
			"all lower-case, in parts joined by single underscores", at+1)
	}
	return nil
}

// prefixFault returns the index of the first byte that a prefix cannot have
// there, or -1.
func prefixFault(p string) int {
	for i := range len(p) {
		letter := 'a' <= p[i] && p[i] <= 'z'
		digit := '0' <= p[i] && p[i] <= '9' && i > 0
		joint := p[i] == '_' && i > 0 && p[i-1] != '_' && i+1 < len(p)
		if !letter && !digit && !joint {
			return i
		}
	}
	return -1
}

// isBase62 tells whether s is digits and ASCII letters only.
func isBase62(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if !('0' <= s[i] && s[i] <= '9' || 'a' <= c && c <= 'z') {
			return false
		}
	}
	return true
}
