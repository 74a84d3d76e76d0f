package cmd

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// newKey holds the flags of the commands that make keys.
type newKey struct {
	*globals
	attributes attributes
	delivery   delivery
	q          keys.CreateRequest
	scheme     choice
	keyFile    string
	yes        bool
	flags      *pflag.FlagSet
}

func (n *newKey) addFlags(c *cobra.Command) {
	n.attributes.addFlags(c, &n.q.Key, func() keys.Instant { return keys.At(n.Now()) })
	c.Flags().StringVar(&n.q.Key.Prefix, "prefix", keys.DefaultPrefix, "what the token begins with")
	n.addTokenFlags(c)
	exclusive(c, "prefix", "key-file")
}

// addTokenFlags adds those about a token, its hash, and where it goes.
func (n *newKey) addTokenFlags(c *cobra.Command) {
	n.delivery.g = n.globals
	n.scheme = choice{allowed: []string{string(keys.SHA256), string(keys.Bcrypt)}}
	fs := c.Flags()
	n.flags = fs
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
	exclusive(c, "bytes", "key-file")
	must(c.MarkFlagFilename("key-file"))
	completeChoice(c, "hash", n.scheme.allowed)
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
	n.attributes.put(&n.q.Key)
	n.q.Scheme = keys.Scheme(n.scheme.value)
	if err := n.contradictions(); err != nil {
		return err
	}
	n.leaveOpen()
	if err := n.readSupplied(ctx); err != nil {
		return err
	}
	q := n.q // a check fills in defaults, which are for the rules of the table to give
	if !n.nowhere() {
		return q.Validate(keys.At(n.Now()))
	}
	if _, err := os.Lstat(n.delivery.out); err == nil {
		return taken(n.delivery.out, &keys.Issued{})
	}
	if err := n.costsBy(keys.NativeRules()); err != nil {
		return err
	}
	return q.ValidateFor(keys.NativeRules(), ^keys.Fields(0), keys.At(n.Now()))
}

// readSupplied reads the token of --key-file, if that is given.
func (n *newKey) readSupplied(ctx context.Context) (err error) {
	if n.keyFile == "" {
		return nil
	}
	if n.q.Supplied, err = n.readToken(ctx, n.keyFile); err == nil && n.q.Supplied == "" {
		err = keys.Errorf(keys.ReasonInvalid, "%s holds no token", inputName(n.keyFile))
	}
	return err
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

// costs refuses a cost where the database hashes by nothing that has one.
func (n *newKey) costs(ctx context.Context, s *keys.Service) error {
	if n.q.BcryptCost == 0 {
		return nil
	}
	p, err := s.Policy(ctx)
	if err == nil && !p.Hash.Slow() {
		err = n.costsBy(n.rules())
	}
	return err
}

func (n *newKey) costsBy(r *keys.Rules) error {
	slow := r.Hash.Scheme.Slow() || n.keyFile != "" && r.Form == nil || n.scheme.value == string(keys.Bcrypt)
	if n.q.BcryptCost != 0 && !slow {
		return errFreeOfCost()
	}
	return nil
}
