package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newDelete(g *globals) *cobra.Command {
	o := &change{globals: g, asks: true}
	c := &cobra.Command{
		Use: "delete REF... | FILTER...", Short: "Remove keys for good",
		Long: "Remove keys for good; the audit keeps who did it and when. It asks first, or\n" +
			"needs --yes. The last usable key is guarded. For keys that have been of no use\n" +
			"for a while there is prune.",
		Example: "  keyreeve delete 7fQ2bX9a\n  keyreeve delete old-ci older-ci --yes --reason 'cleaning up'\n" +
			"  keyreeve delete --label 'test-*' --expect 3",
		SuggestFor: []string{"rm", "remove", "destroy", "purge", "drop"},
		RunE:       g.run(o.with(func(ctx context.Context, s *keys.Service) ([]keys.Change, error) { return s.Delete(ctx, o.q) })),
	}
	o.addFlags(c, "override the guards of the last usable key, and of active keys that a server remembers")
	return c
}
