package keys

import "strings"

// shape is what the tokens of another system look like: a prefix, perhaps a
// selector and a dot, and a secret, all of base64url characters.
type shape struct {
	prefix      string
	selector    int // characters
	least, most int // characters of the secret
}

// shapes are those by which a token is known without its database. Tokens without
// a prefix are known by how random they look, see [looksMixed].
var shapes = []shape{
	{"pxos_", 0, 32, 32}, {"pak_", 0, 32, 32}, // 24 bytes
	{"wh_", 0, 86, 86}, {"hw_", 0, 86, 86}, // 64 bytes
	{"hw_", 16, 43, 342}, // 32 to 256 bytes
}

// shaped is a word taken apart by a shape.
type shaped struct {
	*shape
	selector, secret string
}

// findShaped takes a word apart by the first shape that it fits.
func findShaped(word string, fits func(shaped) bool) (shaped, bool) {
	for i := range shapes {
		if s, ok := shapes[i].split(word); ok && fits(s) {
			return s, true
		}
	}
	return shaped{}, false
}

// split takes a word apart, whatever the length of its secret.
func (s *shape) split(word string) (shaped, bool) {
	rest, ok := strings.CutPrefix(word, s.prefix)
	selector := ""
	if ok && s.selector > 0 {
		selector, rest, ok = strings.Cut(rest, ".")
	}
	ok = ok && len(selector) == s.selector && !strings.ContainsFunc(selector+rest, outsideURL64)
	return shaped{s, selector, rest}, ok
}

// missing returns how many characters the secret lacks, less than none if there
// are too many.
func (s shaped) missing() int {
	n := len(s.secret)
	return max(s.least-n, 0) - max(n-s.most, 0)
}

func (s shaped) whole() bool { return s.missing() == 0 }

// random tells whether the secret is whole, and no words.
func (s shaped) random() bool { return s.whole() && !isTitled(s.secret) }

// damaged tells whether most of the secret is there.
func (s shaped) damaged() bool {
	return !s.whole() && 2*len(s.secret) > s.least && !isTitled(s.secret)
}

// masked returns what may be shown: the selector, else the display start.
func (s shaped) masked() string {
	if s.selector != "" {
		return s.prefix + s.selector + "…"
	}
	return s.prefix + displayStart(s.secret) + "…"
}

// holdsShape tells whether a token of another system is part of s.
func holdsShape(s string) bool {
	for _, piece := range strings.FieldsFunc(s, func(r rune) bool { return r != '.' && outsideURL64(r) }) {
		if _, ok := findShaped(strings.Trim(piece, "."), shaped.random); ok {
			return true
		}
	}
	return false
}

func outsideURL64(r rune) bool { return r != '-' && outsideToken(r) }

// isTitled tells whether capitals stand where words have them, or are all or none
// of the letters. In random text at least one of eight characters is a capital
// behind a letter or digit: one in a thousand of 32 characters is mistaken.
func isTitled(s string) bool {
	inner, small := 0, false
	for i := range len(s) {
		small = small || classOf(s[i]) == classLower
		if i > 0 && classOf(s[i]) == classUpper && classOf(s[i-1]) != classOther {
			inner++
		}
	}
	return !small || inner*8 <= len(s)
}

// lookShaped knows the whole token of another system.
func lookShaped(in *Inspection, p *paste) bool {
	s, ok := findShaped(p.text(), shaped.whole)
	if ok {
		in.showShaped(s)
	}
	return ok
}

// lookCut knows one that lost characters at its end, or got more.
func lookCut(in *Inspection, p *paste) bool {
	s, ok := findShaped(p.text(), shaped.damaged)
	if !ok {
		return false
	}
	in.showShaped(s)
	switch n := s.missing(); {
	case n < 0:
		p.note("has %s too many at its end", counted(-n))
	case n == 1:
		p.note("is cut: %s1 character is missing", s.atLeast())
	default:
		p.note("is cut: %s%d characters are missing", s.atLeast(), n)
	}
	return true
}

func (s *shape) atLeast() string {
	if s.least < s.most {
		return "at least "
	}
	return ""
}

func (in *Inspection) showShaped(s shaped) {
	in.Kind, in.Prefix, in.Masked = PastedSupplied, strings.TrimSuffix(s.prefix, "_"), s.masked()
}
