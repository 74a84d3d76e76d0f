package keys

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// DefaultBcryptCost is the bcrypt cost where none is asked for: what the servers
// that keyreeve serves use, and above OWASP's minimum of 10.
const DefaultBcryptCost = 12

const (
	minBcryptCost = 4
	maxBcryptCost = 15 // about two seconds; 31 would take days
	maxStdCost    = 31 // the highest that bcrypt text can have
	bcryptBytes   = 72 // bcrypt reads no further into a token
	bcryptChars   = 60 // $2b$12$, 22 of salt, 31 of hash
	bcryptSaltAt  = len("$2b$12$")
	bcryptBase64  = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// bcryptVersions are those on which the implementations agree. $2$ and $2x$ are
// older, differing algorithms, which Go's library would compute as $2b$.
var bcryptVersions = []string{"$2a$", "$2b$", "$2y$"}

// hashBcrypt writes $2b$ where Go's library writes $2a$: the same algorithm, and
// the text that every server's library accepts.
func hashBcrypt(token string, o HashOptions) (string, error) {
	cost, err := bcryptCost(o.Cost)
	if err != nil {
		return "", err
	}
	if !bcryptable(token) {
		return "", Errorf(ReasonInvalid, "bcrypt takes at most %d bytes and no NUL: the token has %d bytes",
			bcryptBytes, len(token))
	}
	text, err := bcrypt.GenerateFromPassword([]byte(token), cost)
	if err != nil {
		return "", Errorf(ReasonFailed, "cannot hash the token").Because(err)
	}
	return "$2b$" + string(text[len("$2a$"):]), nil
}

func hashBcrypt72(token string, o HashOptions) (string, error) {
	return hashBcrypt(firstBytes(token), o)
}

// bcryptCost returns the cost to use, or ReasonInvalid.
func bcryptCost(cost int) (int, error) {
	if cost == 0 {
		return DefaultBcryptCost, nil
	}
	if cost < minBcryptCost || cost > maxBcryptCost {
		return 0, Errorf(ReasonInvalid, "bcrypt cost %d is not between %d and %d", cost, minBcryptCost, maxBcryptCost)
	}
	return cost, nil
}

// bcryptable tells whether bcrypt sees all of the token. It does not see past 72
// bytes, and repeats a token after a NUL, so that "ab" and "ab\x00ab" are one.
func bcryptable(token string) bool {
	return len(token) <= bcryptBytes && strings.IndexByte(token, 0) < 0
}

func firstBytes(token string) string { return token[:min(len(token), bcryptBytes)] }

// equalBcrypt looks at the length first: Go's library cuts a long token silently
// when it compares.
func equalBcrypt(stored, token string, _ []byte) (bool, error) {
	if !bcryptable(token) {
		return false, nil
	}
	return bcrypt.CompareHashAndPassword([]byte(stored), []byte(token)) == nil, nil
}

func equalBcrypt72(stored, token string, _ []byte) (bool, error) {
	return equalBcrypt(stored, firstBytes(token), nil)
}

// checkBcrypt accepts 60 characters of a known version and a bearable cost.
func checkBcrypt(stored string) error {
	if !strings.HasPrefix(stored, "$2") {
		return Errorf(ReasonCorrupt, "the stored hash is not bcrypt text")
	}
	if !hasAnyPrefix(stored, bcryptVersions) {
		return Errorf(ReasonUnsupported, "the stored bcrypt hash is of a version other than 2a, 2b and 2y")
	}
	cost, ok := storedCost(stored)
	if !ok {
		return Errorf(ReasonCorrupt, "the stored bcrypt hash is malformed")
	}
	if cost > maxBcryptCost {
		return Errorf(ReasonUnsupported, "the stored bcrypt hash has cost %d, more than %d", cost, maxBcryptCost).Because(errTooCostly)
	}
	return nil
}

// storedCost returns the cost in bcrypt text, if the text is well formed.
func storedCost(stored string) (int, bool) {
	if len(stored) != bcryptChars || stored[bcryptSaltAt-1] != '$' {
		return 0, false
	}
	cost, err := strconv.ParseUint(stored[bcryptSaltAt-3:bcryptSaltAt-1], 10, 8)
	known := err == nil && cost >= minBcryptCost && cost <= maxStdCost
	return int(cost), known && strings.Trim(stored[bcryptSaltAt:], bcryptBase64) == ""
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// DummyCompare does the work of comparing token with a bcrypt hash of this cost
// (0 is DefaultBcryptCost) and drops the result, so that a token whose id is
// unknown takes as long to refuse as one whose secret is wrong (OWASP ASVS
// 6.3.8). A cost that [Scheme.Hash] refuses counts as the default.
func DummyCompare(token string, cost int) {
	cost, err := bcryptCost(cost)
	if err != nil {
		cost = DefaultBcryptCost
	}
	stored := fmt.Sprintf("$2b$%02d$%s", cost, strings.Repeat(".", bcryptChars-bcryptSaltAt))
	_ = bcrypt.CompareHashAndPassword([]byte(stored), []byte(firstBytes(token)))
}
