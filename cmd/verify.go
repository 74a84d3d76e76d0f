package cmd

import (
	"context"
	"net/netip"
	"slices"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// verification holds the flags of verify.
type verification struct {
	*globals
	keyFile string
	scopes  list[string]
	addr    value[netip.Addr]
	q       keys.Request
}

func newVerify(g *globals) *cobra.Command {
	o := &verification{globals: g}
	c := &cobra.Command{
		Use: "verify [flags]", Short: "Tell whether a token is accepted, and why not",
		Long: "Give the verdict that a server over this database would give on a token from\n" +
			"standard input, a file, or a prompt. Exit code 0 is accepted, 3 is not. What was\n" +
			"not asked is listed as unchecked.",
		Example: "  keyreeve verify < token.txt\n  keyreeve verify --key-file token.txt --scope read --ip 10.1.2.3\n" +
			"  printf %s \"$TOKEN\" | keyreeve verify -o json",
		SuggestFor: []string{"check", "test", "validate", "auth"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return o.verify(ctx) }),
	}
	fs := c.Flags()
	o.scopes = list[string]{kind: "scope", parse: func(s string) (string, error) { return s, keys.ValidateScope(s) }}
	o.addr = value[netip.Addr]{kind: "address", parse: keys.ParseAddr}
	fs.StringVar(&o.keyFile, "key-file", "-", "read the token from this `file`; - is standard input")
	fs.Var(&o.scopes, "scope", "demand this scope; repeat for more")
	fs.StringVar(&o.q.Role, "role", "", "demand this role")
	fs.StringVar(&o.q.Owner, "owner", "", "demand this owner")
	fs.StringVar(&o.q.Resource, "resource", "", "the resource that is asked for")
	fs.Var(&o.addr, "ip", "the address that the request comes from")
	must(c.MarkFlagFilename("key-file"))
	return c
}

func (o *verification) verify(ctx context.Context) error {
	o.readOnly = true
	o.q.Scopes, o.q.Addr = o.scopes.v, o.addr.v
	token, err := o.readToken(ctx, o.keyFile)
	if err != nil {
		return err
	}
	var v keys.Verdict
	var info keys.Info
	err = o.opened(ctx, toRead, func(s *keys.Service) (err error) {
		info = s.Store.Info()
		v, err = s.Verify(ctx, token, o.q)
		return err
	})
	if err != nil {
		return err
	}
	if in := keys.Inspect(token); v.Outcome == keys.Unknown && in.Kind == keys.PastedToken && !in.Valid && o.rules().Form == nil {
		o.note("the token's checksum is wrong: see what is the matter with it by keyreeve inspect")
	}
	o.unasked(v)
	o.advise([]render.Result{{Advice: v.Advice}})
	return o.answer(v, info)
}

func (o *verification) answer(v keys.Verdict, info keys.Info) error {
	opts, err := o.options(info.Fields)
	if err != nil {
		return err
	}
	doc := []render.Pair{
		{Name: "accepted", Value: v.Accepted},
		{Name: "reason", Value: string(v.Outcome)},
		{Name: "unchecked", Value: v.Unchecked},
		{Name: "key", Value: v.Key},
	}
	if !forPeople(opts.Format) && len(opts.Columns) == 0 {
		doc = append(doc, render.Pair{Name: "advice", Value: v.Advice})
	}
	err = render.Document(o.Out, opts, doc)
	return verdict(v.Accepted, err)
}

// unasked tells of a refusal that the right question could turn.
func (o *verification) unasked(v keys.Verdict) {
	switch {
	case v.Outcome == keys.WrongNetwork && !o.q.Addr.IsValid():
		o.note("the key is limited to networks: say by --ip where the request comes from")
	case v.Outcome == keys.WrongResource && o.q.Resource == "":
		o.note("the key is bound to a resource: say by --resource which one is asked for")
	case slices.Contains(v.Unchecked, bytesPast72) && !o.structured():
		o.note("the server looks at the first 72 bytes of a token only: what follows them was not compared")
	}
}

// bytesPast72 is the word for what the hash of a long token leaves out.
const bytesPast72 = "bytes_past_72"
