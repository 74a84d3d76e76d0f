package keys

import (
	"strings"
	"unicode/utf8"
)

// resemblesBody tells whether b could be the id, secret and check of a native
// token that was damaged. Under a prefix of ours less is enough. Hex is another
// system's: a random body is never hex alone.
func resemblesBody(b string, ours bool) bool {
	strange := utf8.RuneCountInString(strings.Map(dropBase62, b))
	switch {
	case len(b) <= idChars || looksHex(b):
		return false
	case strange == 0:
		return ours || len(b) >= minBodyChars
	}
	return strange <= 2 && (ours || utf8.RuneCountInString(b) == defaultBodyChars)
}

func dropBase62(r rune) rune {
	if isBase62(string(r)) {
		return -1
	}
	return r
}

// diagnose notes why the checksum of body is wrong. Its characters are those of
// p from index start on.
func (p *paste) diagnose(body string, start int) {
	if !isBase62(body) {
		p.noteForeign(start)
		return
	}
	missing := defaultBodyChars - len(body)
	s, i := findSlip(body)
	switch {
	case s != nil && !isCut(body):
		p.note("checksum is wrong: %s at position %d", s.problem, p.position(start+i))
	case missing == 1:
		p.note("is cut: 1 character is missing")
	case missing > 0:
		p.note("is cut: %d characters are missing", missing)
	default:
		p.note("checksum is wrong: several characters are mistyped or changed, or it is another system's token")
	}
}

// noteForeign notes the characters from index start on that are not base62.
func (p *paste) noteForeign(start int) {
	for _, c := range p.chars[start:] {
		if !isBase62(string(c.char)) {
			p.note("has a character that no token contains at position %d", c.at)
		}
	}
}

// isCut tells whether body, a little too short, ends within its checksum.
func isCut(body string) bool {
	const end = defaultBodyChars - checkChars
	least := end + checkChars/2 // fewer characters could be right by chance
	return len(body) >= least && len(body) < defaultBodyChars && strings.HasPrefix(Checksum(body[:end]), body[end:])
}

// position returns where the character at index i stands in the paste.
func (p *paste) position(i int) int {
	if i < len(p.chars) {
		return p.chars[i].at
	}
	return p.chars[len(p.chars)-1].at + 1
}

// slip is one small mistake that a person or a program makes with a token.
// Undoing it at the right place makes the checksum right. About 3,500 tries
// against 2^32 checksums: it names a wrong place once in a million times.
type slip struct {
	problem string
	grown   int // how many characters it adds to a token
	undone  func(b []byte, i int) bool
}

// slips are in the order in which they are tried, the most telling first.
var slips = []slip{
	{"two neighbouring characters are swapped", 0, unswap},
	{"characters that look alike are confused (0 and O, or 1, I and l)", 0, unconfuse},
	{"a character is mistyped or changed", 0, unmistype},
	{"a character is missing", -1, insert},
	{"there is a character too many", 1, drop},
}

// findSlip returns the slip that explains why b, a token's id, secret and
// check, has a wrong checksum, and the index of its place. It returns nil if
// none does.
func findSlip(b string) (*slip, int) {
	for s := range slips {
		if grown := slips[s].grown; grown != 0 && len(b) != defaultBodyChars+grown {
			continue
		}
		for i := range len(b) + 1 {
			if slips[s].undone([]byte(b), i) {
				return &slips[s], i
			}
		}
	}
	return nil, 0
}

func unswap(b []byte, i int) bool {
	if i+1 >= len(b) {
		return false
	}
	b[i], b[i+1] = b[i+1], b[i]
	return rightlyEnds(b)
}

func unconfuse(b []byte, i int) bool {
	for _, alike := range []string{"0O", "1Il"} {
		if i < len(b) && strings.IndexByte(alike, b[i]) >= 0 && fits(b, i, alike) {
			return true
		}
	}
	return false
}

func unmistype(b []byte, i int) bool { return i < len(b) && fits(b, i, base62) }

func insert(b []byte, i int) bool {
	longer := append(append(append([]byte{}, b[:i]...), 0), b[i:]...)
	return fits(longer, i, base62)
}

func drop(b []byte, i int) bool {
	return i < len(b) && rightlyEnds(append(b[:i], b[i+1:]...))
}

// fits tells whether any of these characters at i makes the checksum right.
func fits(b []byte, i int, characters string) bool {
	for c := range len(characters) {
		b[i] = characters[c]
		if rightlyEnds(b) {
			return true
		}
	}
	return false
}
