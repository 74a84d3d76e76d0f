package cmd

import (
	"context"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// amending holds the flags of update.
type amending struct {
	change
	attributes     attributes
	q              keys.UpdateRequest
	addScopes      list[string]
	removeScopes   list[string]
	addNetworks    list[netip.Prefix]
	removeNetworks list[netip.Prefix]
	removeMetadata list[string]
	clear          list[keys.Field]
	flags          *pflag.FlagSet
	warned         bool
}

func newUpdate(g *globals) *cobra.Command {
	o := &amending{change: change{globals: g}}
	c := &cobra.Command{
		Use: "update REF... | --where FILTER...", Short: "Change what keys are called, may do, and how long they last",
		Long: "Change attributes of keys; their tokens stay. --scope, --allow-ip and the like\n" +
			"replace what was there, --add-scope and --remove-scope change a part of it, and\n" +
			"--clear takes an attribute away. Several keys are one transaction, all or\n" +
			"nothing. Values are judged as create judges them. The filters of list choose\n" +
			"keys by --where, and a person is asked about those that were found.",
		Example: "  keyreeve update ci --expires 90d\n  keyreeve update ci --add-scope deploy --remove-scope admin\n" +
			"  keyreeve update 7fQ2bX9a --label web --clear resource,networks\n" +
			"  keyreeve update --where owner=alice --where 'label=ci-*' --owner bob",
		SuggestFor: []string{"edit", "set", "modify", "alter", "patch", "rename", "extend", "renew"},
		RunE:       g.run(o.update),
	}
	o.keys.addWhere(c, g)
	o.addCommon(c, "override the guard of the last usable key")
	o.addAttributes(c)
	return c
}

func (o *amending) addAttributes(c *cobra.Command) {
	fs := c.Flags()
	o.flags = fs
	o.attributes.addFlags(c, &o.q.Key, func() keys.Instant { return keys.At(o.Now()) })
	o.addScopes, o.removeScopes = scopeList(), scopeList()
	o.addNetworks, o.removeNetworks = networkList(), networkList()
	o.removeMetadata = list[string]{kind: "name", parse: parseMetadataName}
	o.clear = list[keys.Field]{kind: "field", parse: parseClearable}
	fs.Lookup("scope").Usage = "what they may do, and nothing else; repeat, or separate by commas; * is everything"
	fs.Lookup("allow-ip").Usage = "the addresses and networks they may come from, and no others; repeat, or separate by commas"
	fs.Lookup("metadata").Usage = "name=value to keep with them besides what is there; repeat for more"
	fs.Var(&o.addScopes, "add-scope", "what they may do besides; repeat for more")
	fs.Var(&o.removeScopes, "remove-scope", "what they may do no longer; repeat for more")
	fs.Var(&o.addNetworks, "add-ip", "an address or network they may come from besides; repeat for more")
	fs.Var(&o.removeNetworks, "remove-ip", "one they may come from no longer; repeat for more")
	fs.Var(&o.removeMetadata, "remove-metadata", "`name` to keep no longer; repeat for more")
	fs.Var(&o.clear, "clear", "take these attributes away: "+strings.Join(clearable(), ", "))
	for _, s := range steps {
		if s.whole != "" {
			exclusive(c, s.whole, s.flag)
		}
	}
	must(c.RegisterFlagCompletionFunc("clear", completeClear))
}

func (o *amending) update(ctx context.Context, args []string) error {
	if err := o.request(); err != nil {
		return err
	}
	return o.with(func(ctx context.Context, s *keys.Service) ([]keys.Change, error) {
		o.q.ChangeRequest = o.change.q
		done, err := s.Update(ctx, o.q)
		o.widened(done)
		return done, err
	})(ctx, args)
}

// request gathers what is to be changed.
func (o *amending) request() error {
	for _, s := range settable {
		if o.flags.Changed(s.flag) && s.flag != "metadata" {
			o.q.Set |= keys.FieldsOf(s.field)
		}
	}
	o.q.Clear = keys.FieldsOf(o.clear.v...)
	if err := o.contradictions(); err != nil {
		return err
	}
	o.attributes.put(&o.q.Key)
	o.q.AddScopes, o.q.RemoveScopes = o.addScopes.v, o.removeScopes.v
	o.q.AddNetworks, o.q.RemoveNetworks = o.addNetworks.v, o.removeNetworks.v
	o.q.SetMetadata, o.q.RemoveMetadata = o.attributes.metadata.m, o.removeMetadata.v
	if whole := keys.FieldsOf(keys.FieldMetadata); o.q.Clear.Has(keys.FieldMetadata) && len(o.q.SetMetadata) > 0 {
		o.q.Clear, o.q.Set, o.q.SetMetadata = o.q.Clear.Without(whole), o.q.Set|whole, nil // nothing else is kept
	}
	q := o.q
	q.Reason = o.change.q.Reason
	return q.Validate(keys.At(o.Now()))
}
