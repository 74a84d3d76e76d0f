package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newRevoke(g *globals) *cobra.Command {
	o := &change{globals: g}
	pause := value[time.Duration]{kind: "duration", parse: parsePause}
	c := &cobra.Command{
		Use: "revoke REF... | FILTER...", Short: "Switch keys off, at once; activate brings them back",
		Long: "Switch keys off: a server refuses them from its next look at the database on.\n" +
			"Several keys are one transaction, all or nothing. The last usable key is\n" +
			"guarded. With --for they come back by themselves, without any program that\n" +
			"would have to run then. Filters choose keys by what they are like, and a person\n" +
			"is asked about those that were found.",
		Example: "  keyreeve revoke 7fQ2bX9a --reason 'laptop lost'\n  keyreeve revoke ci web\n  keyreeve revoke --key-file leaked.txt\n" +
			"  keyreeve revoke ci --for 2h\n  keyreeve revoke --owner alice --reason 'left the team'",
		SuggestFor: []string{"deactivate", "disable", "block", "suspend", "expire"},
	}
	c.RunE = g.run(o.with(func(ctx context.Context, s *keys.Service) ([]keys.Change, error) {
		if pause.v > 0 {
			o.q.Until = keys.At(o.Now()).Add(pause.v)
		}
		return s.Revoke(ctx, o.q)
	}))
	o.addFlags(c, "override the guard of the last usable key")
	c.Flags().Var(&pause, "for", "switch them on again once this time is over")
	complete(c, "for", "1h", "8h", "1d")
	return c
}

// parsePause reads for how long keys are to be off.
func parsePause(s string) (time.Duration, error) {
	d, err := keys.ParseDuration(s)
	if err == nil && d == 0 {
		err = keys.Errorf(keys.ReasonInvalid, "0 is no time at all: the keys would stay as they are")
	}
	return d, err
}
