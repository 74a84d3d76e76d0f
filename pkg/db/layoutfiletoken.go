package db

import (
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// alphabets of random parts.
var alphabets = []string{"base64url", "hex", "base62"}

// bitsOf is the randomness of a drawn character, in hundredths of a bit.
var bitsOf = map[string]int{"base64url": 600, "hex": 400, "base62": 595}

const (
	selectorSlot = "{selector}"
	secretSlot   = "{secret}"
)

// Randomness below which a stored secret is not safe, in bits: of any secret, and
// of one that is hashed fast (NIST SP 800-63B, look-up secrets).
const (
	leastBits     = 64
	leastFastBits = 112
)

func (c *checker) token() {
	t := c.f.Token
	if t.Form == "" && c.given("token.form") {
		c.wrong("token.form", "token.form is empty: leave it out where tokens must be supplied")
	}
	c.slots("token.form", t.Form, selectorSlot, secretSlot)
	c.slots("token.mask", t.Mask, selectorSlot)
	c.part("token.secret", t.Secret, strings.Contains(t.Form, secretSlot))
	c.part("token.selector", t.Selector.part(), strings.Contains(t.Form, selectorSlot))
	if t.Form != "" && !strings.Contains(t.Form, secretSlot) {
		c.wrong("token.form", "token.form has no %s", secretSlot)
	}
	if t.Secret != nil {
		c.random(t.Secret)
	}
	if r := c.pattern("token.pattern", t.Pattern); r != nil {
		c.groups(r)
	} else if t.Selector != nil && !c.given("token.pattern") {
		c.wrong("token", "token.pattern is missing: its group selector finds token.selector in a token")
	}
	c.masked()
	if s := t.Supplied; s.LeastChars < 0 || s.MostBytes < 0 || s.MostBytes > 0 && s.MostBytes < s.LeastChars {
		c.wrong("token.supplied", "token.supplied.least_chars must be at most most_bytes, and neither negative")
	}
}

// selects tells whether a part of a token names its key.
func (f *layoutYAML) selects() bool {
	return strings.Contains(f.Token.Pattern, "(?P<selector>") || strings.Contains(f.Token.Pattern, "(?<selector>")
}

// slotForm is what a placeholder looks like, known or not.
const slotForm = `\{[^{}]*\}?|\}`

// slots checks the placeholders of a text.
func (c *checker) slots(path, text string, allowed ...string) {
	for _, s := range regexp.MustCompile(slotForm).FindAllString(text, -1) {
		switch {
		case !slices.Contains(allowed, s):
			c.wrong(path, "%s has %s: allowed are %s", path, brief(s), strings.Join(allowed, " and "))
		case strings.Count(text, s) > 1:
			c.wrong(path, "%s has %s more than once", path, s)
		}
	}
	c.sentence(path, text)
}

// part returns a selector as a part of one length.
func (s *selectorYAML) part() *partYAML {
	if s == nil {
		return nil
	}
	return &partYAML{Of: s.Of, Bytes: s.Bytes, Chars: s.Chars}
}

// part checks a random part of the token, and that it is there where it is used.
func (c *checker) part(path string, p *partYAML, used bool) {
	switch {
	case p == nil && used:
		c.wrong("token", "%s is missing: token.form uses it", path)
	case p != nil && !used:
		c.wrong(path, "token.form does not use %s", path)
	}
	if p == nil {
		return
	}
	c.oneOf(path+".of", p.Of, alphabets...)
	if p.Of == "" {
		c.wrong(path, "%s.of is missing: %s", path, strings.Join(alphabets, ", "))
	}
	switch {
	case (p.Bytes > 0) == (p.Chars > 0) || p.Bytes < 0 || p.Chars < 0:
		c.wrong(path, "%s needs either bytes, which are encoded, or chars, which are drawn", path)
	case max(p.Bytes, p.Chars, p.Least, p.Most) > 1024:
		c.wrong(path, "%s is longer than 1024", path)
	case c.given(path+".least") != c.given(path+".most"), p.Most > 0 && (p.Bytes == 0 || p.Least < 1 || p.Least > p.Bytes || p.Most < p.Bytes):
		c.wrong(path, "%s: least and most go together and bound bytes", path)
	}
}

// random checks that a secret cannot be guessed.
func (c *checker) random(p *partYAML) {
	bits := p.Chars * bitsOf[p.Of] / 100
	if p.Bytes > 0 {
		bits = 8 * p.Bytes
	}
	if p.Least > 0 {
		bits = min(bits, 8*p.Least)
	}
	switch least, scheme := leastBits, keys.Scheme(c.f.Hash.Scheme); {
	case bits < least:
		c.wrong("token.secret", "token.secret has %d bits of randomness: at least %d are needed", bits, least)
	case bits < leastFastBits && !scheme.Slow():
		c.wrong("token.secret", "token.secret has %d bits of randomness: at least %d are needed where hashes are as fast as %s", bits, leastFastBits, scheme)
	}
}

// masked checks the visible form of a token, and the column that keeps it.
func (c *checker) masked() {
	t, col := c.f.Token, c.f.Columns["masked"]
	if c.f.selects() && col.Column == "" && c.f.IDs.From != "token" {
		c.wrong("token.selector", "columns.masked is missing: a key is found there by token.selector")
	}
	switch {
	case t.Mask == "" && col.Column != "":
		c.wrong("columns.masked", "token.mask is missing: it says what %s gets", col.Column)
	case t.Mask != "" && col.Column == "":
		c.wrong("token.mask", "token.mask goes to columns.masked, which is missing")
	case t.Mask != "" && !strings.Contains(t.Mask, selectorSlot):
		c.wrong("token.mask", "token.mask does not show %s: all keys would look alike", selectorSlot)
	case len(t.Mask) < len(col.Before+col.After) || !strings.HasPrefix(t.Mask, col.Before) || !strings.HasSuffix(t.Mask, col.After):
		c.wrong("columns.masked", "token.mask must begin with before and end with after of columns.masked")
	}
}

// pattern compiles an expression, or says why it cannot.
func (c *checker) pattern(path, text string) *regexp.Regexp {
	if text == "" {
		if c.given(path) {
			c.wrong(path, "%s is empty: leave it out where anything is allowed", path)
		}
		return nil
	}
	r, err := regexp.Compile(text)
	if err != nil {
		c.wrong(path, "%s is not a regular expression as Go has them: %v", path, err)
	}
	return r
}

// groups checks what the pattern takes out of a token.
func (c *checker) groups(r *regexp.Regexp) {
	for _, name := range r.SubexpNames() {
		if name != "" && name != "selector" && name != "hashed" {
			c.wrong("token.pattern", "token.pattern has a group %q: selector and hashed are known", name)
		}
	}
	if c.f.Token.Form != "" && c.f.selects() != (c.f.Token.Selector != nil) {
		c.wrong("token.pattern", "token.selector and a group of that name in token.pattern go together")
	}
}
