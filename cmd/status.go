package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newStatus(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Tell how the database stands",
		Long: "Tell which database this is, whether it still needs a bootstrap, and how many\n" +
			"keys it holds.",
		Example:    "  keyreeve status\n  keyreeve status -o json | jq .keys.active",
		SuggestFor: []string{"stat", "count", "health"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return g.status(ctx) }),
	}
}

func (g *globals) status(ctx context.Context) error {
	if err := g.onlyPrints(); err != nil {
		return err
	}
	var sum keys.Summary
	err := g.opened(ctx, toRead, func(s *keys.Service) (err error) {
		sum, err = s.Status(ctx)
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
	return render.Document(g.Out, opts, doc)
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}
