package cmd

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// pruning holds the flags of prune.
type pruning struct {
	change
	q                                 keys.PruneRequest
	expiredFor, revokedFor, unusedFor duration
}

func newPrune(g *globals) *cobra.Command {
	o := &pruning{change: change{globals: g, idle: "nothing to prune", does: "delete"}}
	c := &cobra.Command{
		Use: "prune [flags]", Short: "Delete keys that have been of no use for a while",
		Long: "Delete keys that expired, were revoked, or were used last, so long ago. Any one\n" +
			"of these is enough; filters narrow down which keys it may be. It shows them and\n" +
			"asks, or needs --yes, or their number by --expect. The last usable key is\n" +
			"guarded. A key is left alone where nothing tells since when it is revoked. One\n" +
			"that begins later, or was switched on since, counts as unused from then on.",
		Example: "  keyreeve prune --expired-for 30d --dry-run\n  keyreeve prune --expired-for 30d --revoked-for 30d --yes\n" +
			"  keyreeve prune --unused-for 180d --label 'ci-*' --reason unused",
		SuggestFor: []string{"clean", "cleanup", "gc", "sweep", "vacuum", "expunge"},
	}
	o.addFlags(c)
	c.RunE = g.run(func(ctx context.Context, _ []string) error { return o.prune(ctx, c.Flags()) })
	return c
}

// criterion is one of the ways to have been of no use for a while.
type criterion struct {
	name, about string
	given       *duration
	asked       **time.Duration
}

func (o *pruning) criteria() []criterion {
	return []criterion{
		{"expired-for", "keys that expired this long ago, or earlier", &o.expiredFor, &o.q.ExpiredFor},
		{"revoked-for", "keys that have been revoked for this long", &o.revokedFor, &o.q.RevokedFor},
		{"unused-for", "keys that were not used for this long, while they could be", &o.unusedFor, &o.q.UnusedFor},
	}
}

func (o *pruning) addFlags(c *cobra.Command) {
	o.keys.filter = newFilter()
	o.keys.addTo(c, "unused-for") // which is what it goes by
	o.keys.addExpect(c)
	o.addCommon(c, "override the guards of the last usable key, and of active keys that a server remembers")
	for _, f := range o.criteria() {
		c.Flags().Var(f.given, f.name, f.about)
		c.Flags().Lookup(f.name).DefValue = ""
		complete(c, f.name, "30d", "90d", "1y")
	}
}

// request gathers which keys can go.
func (o *pruning) request(flags *pflag.FlagSet) error {
	some := false
	for _, f := range o.criteria() {
		if flags.Changed(f.name) {
			*f.asked, some = &f.given.Duration, true
			o.chosen = append(o.chosen, "--"+f.name, f.given.String())
		}
	}
	if !some {
		return keys.Errorf(keys.ReasonInvalid, "which keys can go? say it by --expired-for 30d, --revoked-for 30d or --unused-for 90d")
	}
	where, err := o.keys.query(keys.At(o.Now()))
	where.Statuses = o.keys.statuses.v // none given is any: what can go need not be usable
	o.change.q.Where, o.change.q.Expect = &where, o.keys.expect.v
	o.chosen = append(o.chosen, o.keys.words()...)
	return err
}

func (o *pruning) prune(ctx context.Context, flags *pflag.FlagSet) error {
	if err := o.request(flags); err != nil {
		return err
	}
	doubtful := !o.yes && !o.change.q.DryRun && !o.keys.counted()
	if doubtful {
		if err := o.needAnswer(); err != nil {
			return err
		}
	}
	if doubtful {
		return o.confirmed(ctx, o.work)
	}
	return o.apply(ctx, o.work)
}

// work prunes, and tells what is left alone.
func (o *pruning) work(ctx context.Context, s *keys.Service) ([]keys.Change, error) {
	o.q.ChangeRequest = o.change.q
	pruned, err := s.Prune(ctx, o.q)
	if err == nil {
		o.kept(pruned.Kept)
	}
	return pruned.Done, err
}

// kept tells of keys that may have been of no use, each reason once.
func (o *pruning) kept(list []keys.Kept) {
	for len(list) > 0 {
		why := list[0].Why
		same := func(k keys.Kept) bool { return k.Why == why }
		rest := slices.DeleteFunc(slices.Clone(list), same)
		if n := len(list) - len(rest); n == 1 {
			o.note("key %s is kept: it %s", list[0].Key.ID, why)
		} else {
			o.note("%d keys are kept: each %s", n, why)
		}
		list = rest
	}
}
