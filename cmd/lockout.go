package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newLockout(g *globals) *cobra.Command {
	return g.family(&cobra.Command{
		Use: "lockout COMMAND", Short: "List and clear the addresses that a server locked out",
		Long: "A server that counts failures refuses an address after too many of them. Where\n" +
			"it keeps the count in the database, these commands show it and clear it, and the\n" +
			"server sees that on the next request.",
		Example: "  keyreeve lockout list\n  keyreeve lockout clear 192.0.2.7",
	}, newLockoutList(g), newLockoutClear(g))
}

func newLockoutList(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List the addresses that have failures or are locked out",
		Long: "List the addresses that the database counts failures of, and until when those\n" +
			"are locked out that are.",
		Example:    "  keyreeve lockout list\n  keyreeve lockout list -o json | jq -r '.[] | select(.locked) | .address'",
		SuggestFor: []string{"lockouts", "locked", "bans", "blocked"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return g.lockouts(ctx) }),
	}
}

func (g *globals) lockouts(ctx context.Context) error {
	if err := g.onlyPrints(); err != nil {
		return err
	}
	var list []keys.Lockout
	var info keys.Info
	err := g.opened(ctx, toRead, func(s *keys.Service) (err error) {
		info = s.Store.Info()
		list, err = s.Lockouts(ctx)
		return err
	})
	if err != nil {
		return err
	}
	opts, err := g.options(info.Fields)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		if g.ErrTTY {
			g.note("no address has failures")
		}
		g.otherLimit(info)
	}
	r := lockoutRecords(list)
	damaged := 0
	for i := range list {
		advice := lockoutDamage(&list[i])
		r.Rows[i] = append(r.Rows[i], advice)
		if len(advice) > 0 {
			damaged++
		}
	}
	if damaged > 0 && opts.Format == render.Table { // the others say it themselves
		g.note("%d of %d rows have values that are not what they should be: %s", damaged, len(list), g.command("lockout list -o wide"))
	}
	return render.List(g.Out, opts, r)
}

// lockoutDamage says which values could not be read.
func lockoutDamage(l *keys.Lockout) []string {
	return slices.DeleteFunc([]string{l.FailuresDamage, l.SinceDamage}, func(s string) bool { return s == "" })
}

// otherLimit tells of a limit that the database knows nothing of: it could be
// what somebody is looking for here.
func (g *globals) otherLimit(info keys.Info) {
	if info.Rules != nil && info.Rules.Lockout.Else != "" {
		g.note("%s", info.Rules.Lockout.Else)
	}
}

func lockoutRecords(list []keys.Lockout) render.Records {
	shown := []string{"address", "failures", "since", "until", "locked"}
	r := render.Records{Names: records["lockout list"], Short: shown}
	for i := range list {
		l := &list[i]
		row := []any{l.Address, int(l.Failures), l.Since, l.Until, !l.Until.IsNone()}
		for at, unread := range []bool{false, l.FailuresDamage != "", l.SinceDamage != "", l.Unreadable(), l.Unreadable()} {
			if unread {
				row[at] = render.Unread{}
			}
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}
