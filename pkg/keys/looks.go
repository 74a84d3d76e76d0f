package keys

import (
	"slices"
	"strings"
)

// LooksLikeToken tells whether a person has probably pasted a secret where a
// name belongs. It looks for the native form whatever its checksum, for the shapes
// of other systems' tokens, for 32 or more hex digits, also after a prefix, and
// for 32 or more characters without spaces that mix digits, capitals and small
// letters as words do not. Ids, labels, masked tokens and file paths are none of
// that.
func LooksLikeToken(arg string) bool {
	for _, word := range strings.Fields(arg) {
		if !isPath(word) && holdsSecret(word) {
			return true
		}
	}
	return false
}

func holdsSecret(word string) bool {
	_, unprefixed, _ := strings.Cut(word, "_")
	if looksMixed(word) || looksMixed(unprefixed) || holdsShape(word) {
		return true
	}
	for _, piece := range strings.FieldsFunc(word, outsideToken) {
		if _, native := splitToken(piece); native || looksHex(piece) {
			return true
		}
	}
	return false
}

// holdsNative tells whether a native token is part of s, checksum and all, which
// nothing else is by accident.
func holdsNative(s string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(s, outsideToken), func(piece string) bool {
		_, err := ParseToken(piece)
		return err == nil
	})
}

func isPath(word string) bool { return hasAnyPrefix(word, []string{"/", "./", "../", "~/"}) }

func outsideToken(r rune) bool { return r != '_' && !isBase62(string(r)) }

// looksHex tells whether s is 32 or more hex digits, letters among them, with or
// without a prefix.
func looksHex(s string) bool {
	if _, body, ok := cutBody(s); ok {
		s = body
	}
	return len(s) >= minSuppliedBytes && strings.Trim(s, "0123456789abcdefABCDEF") == "" &&
		strings.ContainsAny(s, "0123456789") && strings.ContainsAny(s, "abcdefABCDEF")
}

// looksMixed tells whether s is 32 or more characters of every class, in no
// order that words have.
func looksMixed(s string) bool {
	var has [4]bool
	for i := range len(s) {
		has[classOf(s[i])] = true
	}
	return len(s) >= minSuppliedBytes && has[classDigit] && has[classUpper] && has[classLower] && !isWordy(s)
}

// The classes of characters in which words and random text differ.
const (
	classOther = iota
	classDigit
	classUpper
	classLower
)

func classOf(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return classDigit
	case 'A' <= c && c <= 'Z':
		return classUpper
	case 'a' <= c && c <= 'z':
		return classLower
	}
	return classOther
}

// isWordy tells whether s rarely changes between digits and letters, or from
// small letters to capitals: at most once in six characters. Random base62 does
// so at every second or third; one in a thousand of 32 characters is mistaken.
func isWordy(s string) bool {
	changes := 0
	for i := 1; i < len(s); i++ {
		if separates[classOf(s[i-1])][classOf(s[i])] {
			changes++
		}
	}
	return changes*6 <= len(s)
}

// separates tells of the changes of class that end a word rather than begin or
// continue one.
var separates = [4][4]bool{
	classDigit: {classUpper: true, classLower: true},
	classUpper: {classDigit: true},
	classLower: {classUpper: true, classDigit: true},
}
