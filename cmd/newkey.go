package cmd

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// newKey holds the flags of the commands that make keys.
type newKey struct {
	*globals
	delivery  delivery
	q         keys.CreateRequest
	expires   value[keys.Instant]
	notBefore value[keys.Instant]
	rate      value[keys.Rate]
	scopes    list[string]
	networks  list[netip.Prefix]
	metadata  pairs
	scheme    choice
	keyFile   string
	yes       bool
	flags     *pflag.FlagSet
}

func (n *newKey) addFlags(c *cobra.Command) {
	n.delivery.g = n.globals
	now := func() keys.Instant { return keys.At(n.Now()) }
	n.expires = value[keys.Instant]{kind: "when", parse: func(s string) (keys.Instant, error) { return keys.ParseExpiry(s, now()) }}
	n.notBefore = value[keys.Instant]{kind: "when", parse: func(s string) (keys.Instant, error) { return keys.ParseMoment(s, now()) }}
	n.rate = value[keys.Rate]{kind: "rate", parse: keys.ParseRate}
	n.scopes = list[string]{kind: "scope", parse: func(s string) (string, error) { return s, keys.ValidateScope(s) }}
	n.networks = list[netip.Prefix]{kind: "network", parse: keys.ParseNetwork}
	n.scheme = choice{allowed: []string{string(keys.SHA256), string(keys.Bcrypt)}}
	fs, k := c.Flags(), &n.q.Key
	n.flags = fs
	fs.StringVar(&k.Label, "label", "", "what people call the key; unique among active keys")
	fs.StringVar(&k.Description, "description", "", "what it is for")
	fs.StringVar(&k.Owner, "owner", "", "whom it belongs to")
	fs.StringVar(&k.Role, "role", "", "a word that the server interprets")
	fs.Var(&n.scopes, "scope", "what it may do; repeat, or separate by commas; * is everything")
	fs.StringVar(&k.Resource, "resource", "", "the one resource it is good for")
	fs.Var(&n.networks, "allow-ip", "an address or network it may come from; repeat, or separate by commas")
	fs.Var(&n.rate, "rate-limit", "requests per window, such as 100/1h")
	fs.Var(&n.notBefore, "not-before", "usable only from then on: a duration, a date, or RFC 3339")
	fs.Var(&n.expires, "expires", "end of its life: 90d, 2027-01-31 (00:00 UTC), RFC 3339, or never")
	fs.Var(&n.metadata, "metadata", "name=value to keep with it; repeat for more")
	fs.StringVar(&k.Prefix, "prefix", keys.DefaultPrefix, "what the token begins with")
	fs.IntVar(&n.q.SecretBytes, "bytes", keys.DefaultSecretBytes, "bytes of randomness in the secret, at least 16")
	fs.Var(&n.scheme, "hash", "hash scheme: sha256 (default), or bcrypt (default for a supplied token)")
	fs.IntVar(&n.q.BcryptCost, "bcrypt-cost", keys.DefaultBcryptCost, "work factor of bcrypt, 4 to 15")
	fs.StringVar(&n.keyFile, "key-file", "", "register the token in this `file` instead of a generated one; - is standard input")
	fs.StringVar(&n.q.Reason, "reason", "", "why, for the audit")
	fs.BoolVar(&n.q.Legacy, "legacy-sha256", false, "hash without the server's secret, as it did once and still accepts")
	fs.BoolVar(&n.q.WeakSecret, "allow-weak-secret", false, "hash under a secret that is weaker than the server advises")
	fs.BoolVar(&n.q.DryRun, "dry-run", false, "do everything but keep nothing, and print no token")
	fs.BoolVarP(&n.yes, "yes", "y", false, "accepted by every command that changes something")
	n.delivery.addFlags(c)
	for _, generated := range []string{"prefix", "bytes"} {
		exclusive(c, generated, "key-file")
	}
	must(c.MarkFlagFilename("key-file"))
	completeChoice(c, "hash", n.scheme.allowed)
	complete(c, "expires", "30d", "90d", "1y", "never")
	complete(c, "rate-limit", "100/1m", "1000/1h")
}

func complete(c *cobra.Command, flag string, values ...string) { completeChoice(c, flag, values) }

// request completes what the flags say, before any file is touched.
func (n *newKey) request(ctx context.Context) (err error) {
	if !n.flags.Changed("count") {
		n.q.Count = 0
	}
	if err := n.delivery.check(n.q.Count); err != nil {
		return err
	}
	n.q.Key.ExpiresAt, n.q.Key.NotBefore, n.q.Key.RateLimit = n.expires.v, n.notBefore.v, n.rate.v
	n.q.Key.Scopes, n.q.Key.Networks, n.q.Key.Metadata = n.scopes.v, n.networks.v, n.metadata.m
	n.q.Scheme = keys.Scheme(n.scheme.value)
	if err := n.contradictions(); err != nil {
		return err
	}
	n.leaveOpen()
	if n.keyFile != "" {
		if n.q.Supplied, err = n.readToken(ctx, n.keyFile); err != nil {
			return err
		}
		if n.q.Supplied == "" {
			return keys.Errorf(keys.ReasonInvalid, "%s holds no token", inputName(n.keyFile))
		}
	}
	q := n.q // a check fills in defaults, which are for the rules of the table to give
	if !n.nowhere() {
		return q.Validate(keys.At(n.Now()))
	}
	if err := n.costs(keys.NativeRules()); err != nil {
		return err
	}
	return q.ValidateFor(keys.NativeRules(), ^keys.Fields(0), keys.At(n.Now()))
}

// nowhere tells that there is no database yet: it can only become one of
// keyreeve's own, and is not made for a request that this would refuse.
func (n *newKey) nowhere() bool {
	path, _, err := n.path()
	if err != nil || n.foreign() {
		return false
	}
	info, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0
}

// leaveOpen takes the defaults out that help shows: they are those of keyreeve's
// own tables, and other servers have others.
func (n *newKey) leaveOpen() {
	for _, f := range []struct {
		name  string
		clear func()
	}{
		{"prefix", func() { n.q.Key.Prefix = "" }},
		{"bytes", func() { n.q.SecretBytes = 0 }},
		{"bcrypt-cost", func() { n.q.BcryptCost = 0 }},
	} {
		if !n.flags.Changed(f.name) {
			f.clear()
		}
	}
}

// contradictions finds flags that make no sense, alone or together.
func (n *newKey) contradictions() error {
	switch {
	case n.flags.Changed("count") && n.q.Count < 1:
		return keys.Errorf(keys.ReasonInvalid, "--count %d makes no key", n.q.Count)
	case n.q.SecretBytes == 0: // which asks the service for its default
		return keys.Errorf(keys.ReasonInvalid, "--bytes 0 makes no secret")
	case n.q.BcryptCost == 0:
		return keys.Errorf(keys.ReasonInvalid, "--bcrypt-cost 0 is no work")
	case n.scheme.value == string(keys.SHA256) && n.flags.Changed("bcrypt-cost"):
		return errFreeOfCost()
	}
	return nil
}

func errFreeOfCost() error {
	return keys.Errorf(keys.ReasonInvalid, "--bcrypt-cost is for --hash bcrypt or a supplied token")
}

// costs refuses a cost where these rules hash by nothing that has one.
func (n *newKey) costs(r *keys.Rules) error {
	slow := r.Hash.Scheme.Slow() || n.keyFile != "" && r.Form == nil || n.scheme.value == string(keys.Bcrypt)
	if n.q.BcryptCost != 0 && !slow {
		return errFreeOfCost()
	}
	return nil
}
