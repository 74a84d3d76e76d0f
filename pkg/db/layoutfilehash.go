package db

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// schemes that a layout can have.
var layoutSchemes = []string{"sha256", "sha512", "hmac-sha256", "bcrypt", "bcrypt72", "argon2id", "clear"}

// digests are the schemes whose hashes are bytes.
var digests = []string{"sha256", "sha512", "hmac-sha256"}

// Costs of bcrypt: a server may allow up to 31, but above 15 a hash takes longer
// than anybody waits, and none is computed.
const (
	leastCost       = 4
	mostCost        = 15
	mostServersCost = 31
)

var bcryptMinors = []string{"$2a$", "$2b$", "$2y$"}

func (c *checker) hash() {
	h := c.f.Hash
	if h.Scheme == "" {
		c.wrong("hash", "hash.scheme is missing: %s", strings.Join(layoutSchemes, ", "))
	}
	c.oneOf("hash.scheme", h.Scheme, layoutSchemes...)
	c.distinct("hash.legacy", h.Legacy)
	for _, s := range h.Legacy {
		c.oneOf("hash.legacy", s, layoutSchemes...)
		if s == h.Scheme {
			c.wrong("hash.legacy", "hash.legacy has %s, which is hash.scheme", s)
		}
	}
	all := append([]string{h.Scheme}, h.Legacy...)
	c.stored(all)
	c.bcrypt(slices.ContainsFunc(all, func(s string) bool { return strings.HasPrefix(s, "bcrypt") }))
	c.secret(slices.Contains(all, string(keys.HMACSHA256)))
}

// stored checks that hashes of these schemes can be in the column.
func (c *checker) stored(all []string) {
	as := c.f.Columns["hash"].As
	for _, s := range all {
		if slices.Contains([]string{"raw", "base64", "base64url"}, as) && !slices.Contains(digests, s) {
			c.wrong("columns.hash.as", "%s is for digests, and hashes of %s are text", as, s)
		}
	}
}

func (c *checker) bcrypt(used bool) {
	h := c.f.Hash
	if !used {
		if c.given("hash.accepts") || c.given("hash.cost") {
			c.wrong("hash", "hash.accepts and hash.cost are for bcrypt")
		}
		return
	}
	for _, minor := range h.Accepts {
		c.oneOf("hash.accepts", minor, bcryptMinors...)
	}
	if c.given("hash.accepts") && !slices.Contains(h.Accepts, "$2b$") {
		c.wrong("hash.accepts", "hash.accepts lacks $2b$, which new hashes begin with")
	}
	if k := h.Cost; k != nil {
		bounds := k.bounds()
		if bounds.Least < leastCost || k.Most > mostServersCost || bounds.Least > bounds.Most || bounds.Default < bounds.Least || bounds.Default > bounds.Most {
			c.wrong("hash.cost", "hash.cost needs %d <= least <= default <= most <= %d", leastCost, mostCost)
		}
	}
}

// bounds returns the costs with what is left out filled in, none above what is
// computed.
func (k *costYAML) bounds() costYAML {
	b := costYAML{keys.DefaultBcryptCost, leastCost, mostCost}
	if k == nil {
		return b
	}
	if k.Default != 0 {
		b.Default = k.Default
	}
	if k.Least != 0 {
		b.Least = k.Least
	}
	if k.Most != 0 {
		b.Most = min(k.Most, mostCost)
	}
	return b
}

func (c *checker) secret(needed bool) {
	s := c.f.Hash.Secret
	switch {
	case needed && s == nil:
		c.wrong("hash", "hash.secret is missing: hmac-sha256 hashes under a secret of the server")
	case !needed && s != nil:
		c.wrong("hash.secret", "hash.secret is for hmac-sha256, which hash does not have")
	case needed:
		c.shaped("hash.secret.variable", s.Variable, variableForm, "the name of the server's environment variable")
		c.distinct("hash.secret.forbidden", s.Forbidden)
		c.distinct("hash.secret.weak", s.Weak)
		for _, word := range s.Weak {
			if slices.Contains(s.Forbidden, word) {
				c.wrong("hash.secret.weak", "hash.secret.weak has %q, which hash.secret.forbidden has too", brief(word))
			}
		}
		if s.LeastBytes < 0 {
			c.wrong("hash.secret.least_bytes", "hash.secret.least_bytes is negative")
		}
	}
}
