package keys

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// paste is what a person pasted, less what was recognised as damage and noted.
type paste struct {
	chars    []placed
	problems []string
}

// placed is a character and its position in the paste, counted from 1.
type placed struct {
	char rune
	at   int
}

// maxPlaces is how many characters of one kind of damage are pointed out.
const maxPlaces = 3

// newPaste takes s out of its wrapping: invisible characters anywhere, then
// whatever surrounds the token, layer by layer.
func newPaste(s string) *paste {
	p := &paste{}
	for _, r := range s {
		p.chars = append(p.chars, placed{r, len(p.chars) + 1})
	}
	p.remove(func(r rune) bool { return unicode.In(r, invisible...) })
	for p.peelSpace() || p.peelQuotes() || p.peelWord() || p.peelName() {
	}
	return p
}

func (p *paste) text() string {
	var b strings.Builder
	for _, c := range p.chars {
		b.WriteRune(c.char)
	}
	return b.String()
}

// note adds a problem, once.
func (p *paste) note(format string, args ...any) {
	problem := fmt.Sprintf(format, args...)
	if !slices.Contains(p.problems, problem) {
		p.problems = append(p.problems, problem)
	}
}

func (p *paste) noteChar(c placed) { p.note("has a %s at position %d", charName(c.char), c.at) }

// remove takes out the characters that are unwanted and tells whether there
// were any.
func (p *paste) remove(unwanted func(rune) bool) bool {
	kept := make([]placed, 0, len(p.chars))
	for i, c := range p.chars {
		if !unwanted(c.char) {
			kept = append(kept, c)
		} else if i-len(kept) < maxPlaces {
			p.noteChar(c)
		}
	}
	removed := len(kept) < len(p.chars)
	p.chars = kept
	return removed
}

// join takes out white space and control characters.
func (p *paste) join() bool { return p.remove(isBlank) }

func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func (p *paste) peelSpace() bool {
	last := len(p.chars) - 1
	switch {
	case last >= 0 && isBlank(p.chars[last].char):
		p.note("has a trailing %s", charName(p.chars[last].char))
		p.chars = p.chars[:last]
	case last >= 0 && isBlank(p.chars[0].char):
		p.note("has a leading %s", charName(p.chars[0].char))
		p.chars = p.chars[1:]
	default:
		return false
	}
	return true
}

// quotes are opening and closing quotation marks.
var quotes = map[rune]rune{'"': '"', '\'': '\'', '`': '`', '“': '”', '‘': '’', '«': '»', '„': '“'}

func (p *paste) peelQuotes() bool {
	last := len(p.chars) - 1
	if last < 1 {
		return false
	}
	if closing, ok := quotes[p.chars[0].char]; !ok || closing != p.chars[last].char {
		return false
	}
	p.note("is wrapped in quotes")
	p.chars = p.chars[1:last]
	return true
}

// leads are what stands before a token in a header, a URI of RFC 8959, or a
// shell's script. Servers compare them without regard to case.
var leads = []string{
	"Authorization:", "Proxy-Authorization:", "X-API-Key:", "X-Proxbox-API-Key:",
	"Bearer ", "Token ", "secret-token:", "export ",
}

func (p *paste) peelWord() bool {
	text := p.text()
	for _, lead := range leads {
		if len(text) >= len(lead) && strings.EqualFold(text[:len(lead)], lead) {
			p.note("begins with %q", lead)
			p.chars = p.chars[len(lead):]
			return true
		}
	}
	return false
}

// peelName takes off the name of a variable as dotenv files write it: capitals,
// then "=" and something that is not one more "=", which would be padding.
func (p *paste) peelName() bool {
	name, value, ok := strings.Cut(p.text(), "=")
	if !ok || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" ||
		strings.Trim(value, "=") == "" {
		return false
	}
	p.note(`begins with a variable's name and "="`)
	p.chars = p.chars[len(name)+1:]
	return true
}

// counted returns "1 character", "2 characters" and so on.
func counted(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

// findToken returns the first whole native token inside text, and where it
// begins.
func findToken(text string) (Token, int, bool) {
	for i := range len(text) {
		if text[i] != '_' {
			continue
		}
		at := max(0, i-maxPrefixBytes)
		for at < i && prefixFault(text[at:i]) >= 0 {
			at++
		}
		if t, ok := leadingToken(text[at:], i+1-at); ok {
			return t, at, true
		}
	}
	return Token{}, 0, false
}

// leadingToken returns the token that text begins with, given where its body
// begins: of all the base62 that follows, or of as much as is usual.
func leadingToken(text string, body int) (Token, bool) {
	end := len(text) - len(strings.TrimLeft(text[body:], base62))
	for _, end := range []int{end, min(end, body+defaultBodyChars)} {
		if t, err := ParseToken(text[:end]); err == nil {
			return t, true
		}
	}
	return Token{}, false
}

// firstOutside returns the index, in characters, of the first that is not
// printable ASCII, or -1.
func firstOutside(text string) int {
	return slices.IndexFunc([]rune(text), func(r rune) bool { return r <= ' ' || r > '~' })
}
