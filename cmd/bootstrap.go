package cmd

import (
	"context"

	"github.com/spf13/cobra"
)

func newBootstrap(g *globals) *cobra.Command {
	n := &newKey{globals: g}
	c := &cobra.Command{
		Use: "bootstrap [flags]", Short: "Claim a database and print its first token",
		Long: "Claim a database and print its first token, which has every scope unless\n" +
			"--scope names some. Of any number of bootstraps exactly one wins, for ever. This\n" +
			"is the only command that creates a database file; into an application's own file\n" +
			"it puts its tables only with --layout native. On another server's database it\n" +
			"makes the key that the server's own bootstrap would make, and closes that.",
		Example: "  keyreeve bootstrap\n" +
			"  keyreeve bootstrap --db /var/lib/app/keys.db --out /root/first-token\n" +
			"  keyreeve bootstrap --if-needed --env-file .env --env-name API_KEY",
		SuggestFor: []string{"init", "setup", "claim", "initial"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return n.create(ctx, toCreate) }),
	}
	n.addFlags(c)
	c.Flags().Lookup("label").DefValue = "bootstrap"
	c.Flags().BoolVar(&n.q.IfNeeded, "if-needed", false, "succeed without a token where the database is claimed already")
	return c
}
