package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newMigrate(g *globals) *cobra.Command {
	var q keys.ChangeRequest
	yes := false
	c := &cobra.Command{
		Use: "migrate", Short: "Bring the database's schema up to date",
		Long: "Bring keyreeve's own tables to the schema that this version writes, in one\n" +
			"transaction. No other command does. A database that is up to date is left as it\n" +
			"is.",
		Example:    "  keyreeve migrate --dry-run\n  keyreeve migrate",
		SuggestFor: []string{"upgrade"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return g.migrate(ctx, q) }),
	}
	c.Flags().BoolVar(&q.DryRun, "dry-run", false, "say what would change, and change nothing")
	c.Flags().StringVar(&q.Reason, "reason", "", "why, for the audit")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "accepted by every command that changes something")
	return c
}

func (g *globals) migrate(ctx context.Context, q keys.ChangeRequest) error {
	var from, to int
	var info keys.Info
	err := g.opened(ctx, toWrite, func(s *keys.Service) (err error) {
		info = s.Store.Info()
		from, to, err = s.Migrate(ctx, q)
		return err
	})
	if err != nil {
		return err
	}
	result := keys.Unchanged
	if from != to {
		result = keys.Changed
	}
	opts, err := g.options(info.Fields)
	if err != nil {
		return err
	}
	if q.DryRun {
		g.note("dry run: nothing was changed")
	}
	err = render.Document(g.Out, opts, []render.Pair{
		{Name: "path", Value: info.Path}, {Name: "from", Value: from}, {Name: "to", Value: to}, {Name: "result", Value: string(result)},
	})
	if result == keys.Unchanged || q.DryRun {
		return err
	}
	return unread(err)
}
