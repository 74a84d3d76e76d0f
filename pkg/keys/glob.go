package keys

import (
	"strings"
	"unicode/utf8"
)

// MatchGlob tells whether all of s matches the pattern: * is any run of
// characters, also none, ? is any one, everything else is itself, in its case.
// For a given pattern the time grows with the length of s and no faster: only
// the last * seen is ever tried again.
func MatchGlob(pattern, s string) bool {
	starred, again, retry := false, "", ""
	for s != "" {
		if rest, ok := strings.CutPrefix(pattern, "*"); ok {
			starred, again, retry = true, rest, s
			pattern = rest
			continue
		}
		n, m := charLen(s), charLen(pattern)
		if m > 0 && (pattern[0] == '?' || pattern[:m] == s[:n]) {
			pattern, s = pattern[m:], s[n:]
			continue
		}
		if !starred {
			return false
		}
		retry = retry[charLen(retry):]
		pattern, s = again, retry
	}
	return strings.Trim(pattern, "*") == ""
}

// charLen returns the length in bytes of the first character of s. A byte that
// is not UTF-8 is a character of its own.
func charLen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}
