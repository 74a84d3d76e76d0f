package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// standing holds the flags of status.
type standing struct {
	*globals
	check  bool
	within duration
	flags  *pflag.FlagSet
}

func newStatus(g *globals) *cobra.Command {
	o := &standing{globals: g, within: duration{soon}}
	c := &cobra.Command{
		Use: "status", Short: "Tell how the database stands",
		Long: "Tell which database this is, whether it still needs a bootstrap, and how many\n" +
			"keys it holds. With --check, for cron and monitoring, tell also what needs\n" +
			"somebody soon: keys that expire and that nothing replaces, rotations that end\n" +
			"before their successors were used, and a guard that is one key from refusing.\n" +
			"Exit code 3 is that there is something.",
		Example: "  keyreeve status\n  keyreeve status -o json | jq .keys.active\n" +
			"  keyreeve status --check --within 14d",
		SuggestFor: []string{"stat", "count", "health"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return o.status(ctx) }),
	}
	o.flags = c.Flags()
	o.flags.BoolVar(&o.check, "check", false, "list what needs somebody soon; exit 3 if there is anything")
	o.flags.Var(&o.within, "within", "with --check: how far to look ahead")
	complete(c, "within", "7d", "14d", "30d")
	return c
}

// checks refuses what contradicts itself.
func (o *standing) checks() error {
	if !o.check && o.flags.Changed("within") {
		return keys.Errorf(keys.ReasonInvalid, "--within says how far --check looks ahead: give both")
	}
	if o.check && o.output.value == string(render.CSV) {
		return keys.Errorf(keys.ReasonInvalid, "with --check there is no output format csv: a list within an answer has no place in it")
	}
	return checkWithin(o.within)
}

func (o *standing) status(ctx context.Context) error {
	g := o.globals
	if err := g.onlyPrints(); err != nil {
		return err
	}
	if err := o.checks(); err != nil {
		return err
	}
	var sum keys.Summary
	var found []keys.Finding
	err := g.opened(ctx, toRead, func(s *keys.Service) (err error) {
		if sum, err = s.Status(ctx); err == nil && o.check {
			found, err = s.Check(ctx, o.within.Duration)
		}
		return err
	})
	if err != nil {
		return err
	}
	counts, total := []render.Pair{{Name: "total"}}, 0
	for _, s := range keys.Statuses() {
		counts = append(counts, render.Pair{Name: string(s), Value: sum.Counts[s]})
		total += sum.Counts[s]
	}
	counts[0].Value = total
	opts, err := g.options(sum.Fields)
	if err != nil {
		return err
	}
	doc := []render.Pair{
		{Name: "needs_bootstrap", Value: sum.NeedsBootstrap},
		{Name: "layout", Value: sum.Layout},
		{Name: "era", Value: orNil(sum.Era)},
		{Name: "schema", Value: sum.Schema},
		{Name: "path", Value: sum.Path},
		{Name: "claimed_at", Value: sum.Claimed},
		{Name: "keys", Value: counts},
	}
	if g.guest() {
		doc[3].Value = nil // it is not ours to count
		doc = slices.Insert(doc, 3, render.Pair{Name: "server", Value: g.rules().Server})
	}
	if o.check {
		doc = append(doc, render.Pair{Name: "findings", Value: g.findingList(found, opts.Format)})
	}
	return verdict(!failing(found), render.Document(g.Out, opts, doc))
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}
