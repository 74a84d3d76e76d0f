package db

import (
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// draws makes a few tokens and holds them to what the layout itself says of tokens.
func (c *checker) draws(l *Layout) {
	form := l.Rules.Form
	if form.Text == "" { // tokens must be supplied
		return
	}
	for i, bytes := range []int{0, form.Secret.Least, form.Secret.Most} {
		token, err := form.New(&sequence{uint32(i)}, bytes)
		if err != nil {
			c.wrong("token.pattern", "token: %v", err)
			return
		}
		c.drawn(l, token)
	}
}

func (c *checker) drawn(l *Layout, token string) {
	form := l.Rules.Form
	parts, _ := form.Parse(token) // New has made sure that it can
	before, _, _ := strings.Cut(strings.ReplaceAll(form.Text, selectorSlot, parts.Selector), secretSlot)
	switch {
	case !strings.HasPrefix(token, before):
		c.wrong("token.pattern", "the group selector of token.pattern is not the part of the token that token.selector makes")
	case l.Rules.Hash.Scheme == keys.Bcrypt && len(parts.Hashed) > 72:
		c.wrong("token.form", "what is hashed of a token has %d bytes, of which bcrypt takes 72: hash.scheme bcrypt72 is for servers that cut the rest off", len(parts.Hashed))
	case len(token) > form.MostBytes:
		c.wrong("token.supplied", "token.supplied.most_bytes is %d, less than the %d of a new token", form.MostBytes, len(token))
	}
}

// sequence is a source of bytes that are always the same and never alike.
type sequence struct{ n uint32 }

func (s *sequence) Read(p []byte) (int, error) {
	for i := range p {
		s.n = s.n*1664525 + 1013904223 // Numerical Recipes' generator
		p[i] = byte(s.n >> 24)
	}
	return len(p), nil
}
