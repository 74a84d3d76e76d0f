package cmd

import (
	"net/netip"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// attributes are the flags that say what a key is like, whether it is a new one or
// one that exists.
type attributes struct {
	expires   value[keys.Instant]
	notBefore value[keys.Instant]
	rate      value[keys.Rate]
	scopes    list[string]
	networks  list[netip.Prefix]
	metadata  pairs
}

// addFlags makes flags of which some write into k at once, the others by [put].
func (a *attributes) addFlags(c *cobra.Command, k *keys.Key, now func() keys.Instant) {
	a.expires = value[keys.Instant]{kind: "when", parse: func(s string) (keys.Instant, error) { return keys.ParseExpiry(s, now()) }}
	a.notBefore = value[keys.Instant]{kind: "when", parse: func(s string) (keys.Instant, error) { return keys.ParseMoment(s, now()) }}
	a.rate = value[keys.Rate]{kind: "rate", parse: keys.ParseRate}
	a.scopes, a.networks = scopeList(), networkList()
	fs := c.Flags()
	fs.StringVar(&k.Label, "label", "", "what people call the key; unique among active keys")
	fs.StringVar(&k.Description, "description", "", "what it is for")
	fs.StringVar(&k.Owner, "owner", "", "whom it belongs to")
	fs.StringVar(&k.Role, "role", "", "a word that the server interprets")
	fs.Var(&a.scopes, "scope", "what it may do; repeat, or separate by commas; * is everything")
	fs.StringVar(&k.Resource, "resource", "", "the one resource it is good for")
	fs.Var(&a.networks, "allow-ip", "an address or network it may come from; repeat, or separate by commas")
	fs.Var(&a.rate, "rate-limit", "requests per window, such as 100/1h")
	fs.Var(&a.notBefore, "not-before", "usable only from then on: a duration, a date, or RFC 3339")
	fs.Var(&a.expires, "expires", "end of its life: 90d, 2027-01-31 (00:00 UTC), RFC 3339, or never")
	fs.Var(&a.metadata, "metadata", "name=value to keep with it; repeat for more")
	complete(c, "expires", "30d", "90d", "1y", "never")
	complete(c, "rate-limit", "100/1m", "1000/1h")
}

// put completes k by what the flags say.
func (a *attributes) put(k *keys.Key) {
	k.ExpiresAt, k.NotBefore, k.RateLimit = a.expires.v, a.notBefore.v, a.rate.v
	k.Scopes, k.Networks, k.Metadata = a.scopes.v, a.networks.v, a.metadata.m
}

func scopeList() list[string] {
	return list[string]{kind: "scope", parse: func(s string) (string, error) { return s, keys.ValidateScope(s) }}
}

func networkList() list[netip.Prefix] {
	return list[netip.Prefix]{kind: "network", parse: keys.ParseNetwork}
}
