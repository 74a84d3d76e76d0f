package keys

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// minSuppliedBytes is the shortest token that a caller may supply. It is what
// the servers demand that let people choose the first key.
const minSuppliedBytes = 32

// TrimNewline returns b without one newline ("\n" or "\r\n") at its end, which
// every shell and editor adds. Whatever else is there is part of the token.
func TrimNewline(b []byte) []byte {
	if rest, ok := bytes.CutSuffix(b, []byte("\n")); ok {
		return bytes.TrimSuffix(rest, []byte("\r"))
	}
	return b
}

// ValidateSupplied tells whether a caller may supply this token: 32 to 72
// bytes of printable ASCII without spaces, and not of the native form, whose id
// could be another key's. The error has ReasonInvalid and says what is wrong and
// where, counting characters from 1, never what the token is.
func ValidateSupplied(token string) error {
	if err := checkPrintable(token); err != nil {
		return err
	}
	if n := len(token); n < minSuppliedBytes || n > MaxTokenBytes {
		return Errorf(ReasonInvalid, "the token is %d bytes long, not %d to %d", n, minSuppliedBytes, MaxTokenBytes)
	}
	if _, err := ParseToken(token); err == nil {
		return Errorf(ReasonInvalid, "the token has the native form: a supplied one needs another")
	}
	return nil
}

// checkPrintable refuses a token with anything but printable ASCII: headers carry
// no more.
func checkPrintable(token string) error {
	position := 0
	for _, r := range token {
		if position++; r <= ' ' || r > '~' {
			return Errorf(ReasonInvalid, "the token has a %s at position %d: only printable ASCII is allowed",
				charName(r), position)
		}
	}
	return nil
}

// charNames are the characters that people overlook.
var charNames = map[rune]string{
	0: "NUL", '\t': "tab", '\n': "newline", '\r': "carriage return", ' ': "space",
	0xA0: "no-break space", utf8.RuneError: "character that is not UTF-8",
}

// charName names a character that is not printable ASCII, without repeating
// anything that could be a secret.
func charName(r rune) string {
	switch name, known := charNames[r]; {
	case known:
		return name
	case r < ' ' || r == 0x7F:
		return fmt.Sprintf("control character (%U)", r)
	case hidden(r):
		return fmt.Sprintf("hidden character (%U)", r)
	}
	return "non-ASCII character"
}

const (
	maxDisplayed = 8  // characters of a token without an id that its masked form shows
	displayShare = 8  // but no more than one in so many
	maxBrand     = 8  // characters of what precedes the first underscore
	maxEnv       = 4  // and of what precedes the second: live, test, prod, api
	minUnbranded = 24 // characters that follow a prefix
)

// MaskSupplied returns what may be shown of a token that has no id: the prefix
// if it begins with one ("" if not), and the prefix with the first characters
// after it: an eighth of them, at most eight.
func MaskSupplied(token string) (prefix, masked string) {
	start := 0
	if prefix = suppliedPrefix(token); prefix != "" {
		start = len(prefix) + 1
	}
	return prefix, token[:start] + displayStart(token[start:]) + "…"
}

// displayStart returns the first characters of a secret that may be shown.
func displayStart(secret string) string {
	end := 0
	for end < min(maxDisplayed, len(secret)/displayShare) && secret[end] > ' ' && secret[end] <= '~' {
		end++
	}
	return secret[:end]
}

// suppliedPrefix returns the prefix of a token such as abc_... or abc_live_....
// It is careful, since a prefix is shown: in a passphrase joined by underscores
// the first words are part of the secret. What follows has to look random.
func suppliedPrefix(token string) string {
	brand, rest, ok := strings.Cut(token, "_")
	if !ok || len(brand) > maxBrand || !looksIssued(rest) {
		return ""
	}
	prefix := brand
	if env, after, ok := strings.Cut(rest, "_"); ok && len(env) <= maxEnv && looksIssued(after) {
		if ValidatePrefix(brand+"_"+env) == nil {
			prefix = brand + "_" + env
		}
	}
	if ValidatePrefix(prefix) != nil {
		return ""
	}
	return prefix
}

// looksIssued tells whether s is long and mixed enough to have been made by a
// program.
func looksIssued(s string) bool { return len(s) >= minUnbranded && !isWordy(s) }
