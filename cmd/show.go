package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newShow(g *globals) *cobra.Command {
	var named refs
	c := &cobra.Command{
		Use: "show REF...", Short: "Show everything that is known of a key",
		Long: "Show everything that is known of a key, except its token and hash, which nothing\n" +
			"shows. Of a deleted key it says when and by whom it was deleted.",
		Example:    "  keyreeve show ci\n  keyreeve show 7fQ2bX9a -o json\n  keyreeve show --key-file token.txt",
		SuggestFor: []string{"get", "info", "describe", "cat", "whoami"},
		RunE: g.run(func(ctx context.Context, args []string) error {
			if err := g.onlyPrints(); err != nil {
				return err
			}
			list, err := named.read(ctx, g, args)
			if err != nil {
				return err
			}
			return g.show(ctx, list)
		}),
	}
	named.addFlags(c, g)
	return c
}

func (g *globals) show(ctx context.Context, named []keys.Ref) error {
	var found []keys.Key
	var fields keys.Fields
	err := g.opened(ctx, toRead, func(s *keys.Service) (err error) {
		if found, err = s.Select(ctx, named...); err == nil {
			found, fields = g.kin(ctx, s, found)
		}
		return err
	})
	if err != nil {
		return err
	}
	opts, err := g.options(fields)
	if err != nil {
		return err
	}
	if len(named) == 1 {
		return render.Detail(g.Out, opts, found[0])
	}
	return render.Details(g.Out, opts, found)
}

// kin adds which keys replaced which, where that is left to an audit, and returns the
// fields that are known then.
func (g *globals) kin(ctx context.Context, s *keys.Service, list []keys.Key) ([]keys.Key, keys.Fields) {
	held := s.Store.Info().Fields
	told := keys.FieldsOf(keys.FieldPredecessor, keys.FieldSuccessor)
	if told.Without(held) == 0 || !s.Store.Info().Recalls {
		return list, held
	}
	related, err := s.Kin(ctx, list)
	if err != nil { // the keys are there all the same
		g.note("which keys these replaced is not known: %v", err)
		return list, held
	}
	return related, held | told
}
