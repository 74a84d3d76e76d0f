package keys

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textRule says what one kind of text in a key may be.
type textRule struct {
	name     string // what errors call it
	min, max int    // characters
	of       alphabet
	not      []trait
}

// alphabet is the characters that a text is made of.
type alphabet struct {
	refuses func(rune) bool
	says    string
}

// trait is something that a text as a whole may not be.
type trait struct {
	says string
	has  func(string) bool
}

var (
	visibleChars = alphabet{hidden, "one line of visible characters is allowed"}
	nameChars    = alphabet{notInName, "ASCII letters, digits and . _ - are allowed"}

	edgeSpace  = trait{"begins or ends with a space", func(s string) bool { return strings.TrimSpace(s) != s }}
	likeFlag   = trait{`begins with "-", as a flag does`, func(s string) bool { return strings.HasPrefix(s, "-") }}
	likeMasked = trait{`ends in "…", as a masked token does`, func(s string) bool { return strings.HasSuffix(s, "…") }}
	likeToken  = trait{"holds what looks like a token", LooksLikeToken}
	withToken  = trait{"holds what looks like a token", proseHoldsToken}
	withNative = trait{"holds a token", holdsNative} // where digests and the like are names, too
)

var (
	labelText         = textRule{"label", 1, 128, visibleChars, []trait{edgeSpace, likeFlag, likeMasked, likeToken}}
	ownerText         = textRule{"owner", 1, 128, visibleChars, labelText.not}
	descriptionText   = textRule{"description", 0, 1024, visibleChars, []trait{withToken}}
	reasonText        = textRule{"reason", 0, 512, visibleChars, []trait{withToken}}
	metadataNameText  = textRule{"metadata name", 1, 64, nameChars, []trait{likeToken}}
	metadataValueText = textRule{"metadata value", 0, 512, visibleChars, []trait{withToken}}
)

// maxMetadata is how many metadata entries a key may have.
const maxMetadata = 32

// ValidateLabel gives ReasonInvalid unless s is 1 to 128 characters of valid
// UTF-8 that can be shown safely and named on a command line: none of the
// characters that [PrintableText] takes out, no space at either end, and nothing
// that would read as a flag, a masked token or a token.
func ValidateLabel(s string) error { return labelText.check(s) }

// ValidateOwner holds an owner to the rules of [ValidateLabel].
func ValidateOwner(s string) error { return ownerText.check(s) }

// ValidateDescription gives ReasonInvalid for more than 1024 characters, for
// those that [PrintableText] takes out, and for what looks like a token, since
// whoever lists keys reads it.
func ValidateDescription(s string) error { return descriptionText.check(s) }

// ValidateReason is [ValidateDescription] for at most 512 characters.
func ValidateReason(s string) error { return reasonText.check(s) }

// ValidateMetadata gives ReasonInvalid for more than 32 entries, names that are
// not 1 to 64 of [A-Za-z0-9._-], and values that [ValidateReason] would refuse.
// Of several wrong entries the error names the first in the order of names.
func ValidateMetadata(m map[string]string) error {
	if len(m) > maxMetadata {
		return Errorf(ReasonInvalid, "metadata has %d entries: at most %d are kept", len(m), maxMetadata)
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if err := metadataNameText.check(name); err != nil {
			return err
		}
		value := metadataValueText
		value.name = "metadata " + name
		if err := value.check(m[name]); err != nil {
			return err
		}
	}
	return nil
}

func (t textRule) check(s string) error {
	if problem := t.problem(s); problem != "" {
		return Errorf(ReasonInvalid, "%s %s %s", t.name, quote(s), problem)
	}
	return nil
}

// problem returns what is wrong with s and where, or "".
func (t textRule) problem(s string) string {
	switch n := utf8.RuneCountInString(s); {
	case n < t.min:
		return "is empty"
	case n > t.max:
		return fmt.Sprintf("has %d characters: at most %d are allowed", n, t.max)
	}
	if problem := t.of.problem(s); problem != "" {
		return problem
	}
	for _, t := range t.not {
		if t.has(s) {
			return t.says
		}
	}
	return ""
}

func (a alphabet) problem(s string) string {
	position := 0
	for i, r := range s {
		position++
		switch {
		case r == utf8.RuneError && charLen(s[i:]) == 1:
			return fmt.Sprintf("is not UTF-8 at character %d", position)
		case a.refuses(r):
			return fmt.Sprintf("has %s at character %d: %s", charText(r), position, a.says)
		}
	}
	return ""
}

// charText shows a character that can be shown, and names one that cannot.
func charText(r rune) string {
	if r == ' ' || !strconv.IsPrint(r) || hidden(r) {
		return "a " + charName(r)
	}
	return strconv.QuoteRune(r)
}

// breaking are the characters that move a terminal's cursor or end a line.
var breaking = []*unicode.RangeTable{unicode.Cc, unicode.Zl, unicode.Zp}

// invisible are the characters that show as nothing or turn the text around
// them: bidi controls, zero-width and other format characters, blank letters.
var invisible = []*unicode.RangeTable{unicode.Cf, unicode.Other_Default_Ignorable_Code_Point}

func hidden(r rune) bool { return unicode.In(r, breaking...) || unicode.In(r, invisible...) }

func notInName(r rune) bool { return !isBase62(string(r)) && !strings.ContainsRune("._-", r) }

// PrintableText returns s as it may go to a terminal: what is not UTF-8, moves
// the cursor or breaks the line (C0 and C1 controls, line separators) becomes
// U+FFFD, and what is invisible or turns text around is left out.
func PrintableText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case ' ' <= r && r <= '~':
			return r
		case unicode.In(r, breaking...):
			return utf8.RuneError
		case unicode.In(r, invisible...):
			return -1
		}
		return r
	}, s)
}

// proseHoldsToken is [LooksLikeToken], but lets full commit ids pass: 40 small
// hex digits, which people write to say where a key was found.
func proseHoldsToken(s string) bool {
	for _, word := range strings.FieldsFunc(s, outsideToken) {
		if len(word) == 40 && strings.Trim(word, "0123456789abcdef") == "" {
			s = strings.Replace(s, word, " ", 1)
		}
	}
	return LooksLikeToken(s)
}

// maxQuoted is how many characters of a wrong value an error repeats.
const maxQuoted = 48

// quote returns s for an error message: in quotes, escaped, cut to a sane
// length, and not at all if it could be a secret.
func quote(s string) string {
	if LooksLikeToken(s) {
		return "(not shown)"
	}
	text := fmt.Sprintf("%.*q", maxQuoted, s)
	if utf8.RuneCountInString(s) > maxQuoted {
		text += "…"
	}
	return text
}
