package keys

import (
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// argon2Param is one number of argon2id's PHC text, with the range that is
// computed. The lower bounds are RFC 9106's, the upper ones ours.
type argon2Param struct {
	name     string
	min, max uint64
}

// argon2Params are in the order that the text must have.
var argon2Params = [...]argon2Param{
	{"m", 8, 256 << 10}, // memory in KiB
	{"t", 1, 64},        // passes
	{"p", 1, 32},        // lanes
}

const (
	maxArgon2Work  = 1 << 20 // KiB times passes: about a second, as bcrypt's highest cost
	minArgon2Salt  = 8       // bytes, RFC 9106
	minArgon2Sum   = 16      // bytes; RFC 9106 allows 4, which anyone can guess
	maxArgon2Bytes = 64      // of salt and of sum
)

// argon2Text is argon2id's PHC text taken apart.
type argon2Text struct {
	params    [len(argon2Params)]uint64
	salt, sum []byte
}

// parseArgon2id takes $argon2id$v=19$m=...,t=...,p=...$salt$sum apart, and
// refuses what would cost too much to compute.
func parseArgon2id(stored string) (argon2Text, error) {
	var a argon2Text
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return a, Errorf(ReasonCorrupt, "the stored hash is not argon2id text")
	}
	if parts[2] != "v=19" {
		return a, Errorf(ReasonUnsupported, "the stored argon2id hash is of a version other than 19")
	}
	if err := a.parseParams(parts[3]); err != nil {
		return a, err
	}
	a.salt, a.sum = decodePHC(parts[4], minArgon2Salt), decodePHC(parts[5], minArgon2Sum)
	if a.salt == nil || a.sum == nil {
		return a, Errorf(ReasonCorrupt, "the stored argon2id hash has a malformed salt or sum")
	}
	return a, nil
}

func (a *argon2Text) parseParams(text string) error {
	fields := strings.Split(text, ",")
	if len(fields) != len(argon2Params) {
		return Errorf(ReasonCorrupt, "the stored argon2id hash has other parameters than m, t and p")
	}
	for i, p := range argon2Params {
		n, err := p.parse(fields[i])
		if err != nil {
			return err
		}
		a.params[i] = n
	}
	return a.checkWork()
}

// checkWork holds the parameters against each other.
func (a *argon2Text) checkWork() error {
	memory, passes, lanes := a.params[0], a.params[1], a.params[2]
	if memory < 8*lanes {
		return Errorf(ReasonCorrupt, "the stored argon2id hash has less memory than its lanes need")
	}
	if memory*passes > maxArgon2Work {
		return Errorf(ReasonUnsupported, "the stored argon2id hash takes %d passes over %d KiB, more than is computed",
			passes, memory).Because(errTooCostly)
	}
	return nil
}

// parse reads one parameter, written as a decimal number without sign or
// leading zeros.
func (p argon2Param) parse(field string) (uint64, error) {
	digits, named := strings.CutPrefix(field, p.name+"=")
	n, err := strconv.ParseUint(digits, 10, 32)
	if !named || err != nil || n < p.min || strconv.FormatUint(n, 10) != digits {
		return 0, Errorf(ReasonCorrupt, "the stored argon2id hash has a malformed parameter %s", p.name)
	}
	if n > p.max {
		return 0, Errorf(ReasonUnsupported, "the stored argon2id hash has %s=%d, more than %d", p.name, n, p.max).Because(errTooCostly)
	}
	return n, nil
}

// decodePHC decodes standard base64 without padding, or returns nil if it is
// malformed, shorter than least bytes or longer than any salt or sum is.
func decodePHC(text string, least int) []byte {
	if base64.RawStdEncoding.DecodedLen(len(text)) > maxArgon2Bytes || strings.ContainsAny(text, "\r\n") {
		return nil
	}
	b, err := base64.RawStdEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < least {
		return nil
	}
	return b
}

func hashArgon2id(string, HashOptions) (string, error) {
	return "", Errorf(ReasonUnsupported, "argon2id hashes are only imported, never made")
}

func checkArgon2id(stored string) error {
	_, err := parseArgon2id(stored)
	return err
}

func equalArgon2id(stored, token string, _ []byte) (bool, error) {
	a, err := parseArgon2id(stored)
	if err != nil {
		return false, err
	}
	memory, passes, lanes := uint32(a.params[0]), uint32(a.params[1]), uint8(a.params[2])
	sum := argon2.IDKey([]byte(token), a.salt, passes, memory, lanes, uint32(len(a.sum)))
	return subtle.ConstantTimeCompare(sum, a.sum) == 1, nil
}
