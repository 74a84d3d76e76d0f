package cmd

import (
	"context"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// listing holds the flags of list.
type listing struct {
	*globals
	filter *filter
	q      keys.Query
}

func newList(g *globals) *cobra.Command {
	o := &listing{globals: g, filter: newFilter()}
	c := &cobra.Command{
		Use: "list [flags]", Aliases: []string{"ls"}, Short: "List keys, newest first",
		Long: "List keys, newest first, then by id. Flags narrow the list; no key is no error.\n" +
			"What these show is for a person to look after: --expiring 14d, --unused-for 90d,\n" +
			"--never-expires, --older-than 1y. The first three are about keys that can be\n" +
			"used: those that are revoked, or have expired, are shown with --status only. A\n" +
			"key that has only begun, or come back from a revocation, is unused from then on.\n" +
			"For cron there is status --check, whose exit code tells whether something needs\n" +
			"looking after.",
		Example: "  keyreeve list\n  keyreeve list --status active --owner alice -o wide\n" +
			"  keyreeve list --expiring 14d\n  keyreeve list --never-expires --unused-for 90d\n" +
			"  keyreeve list -o jsonl | jq -r .id",
		SuggestFor: []string{"keys", "all", "search"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return o.list(ctx) }),
	}
	o.filter.addTo(c)
	return c
}

func (o *listing) list(ctx context.Context) (err error) {
	if err := o.onlyPrints(); err != nil {
		return err
	}
	if o.q, err = o.filter.query(keys.At(o.Now())); err != nil {
		return err
	}
	debug.SetGCPercent(400) // the pages of a long listing live briefly: 10 MB more are worth a third of its time
	return o.opened(ctx, toRead, func(s *keys.Service) error {
		return o.pages(ctx, s)
	})
}

func (o *listing) pages(ctx context.Context, s *keys.Service) error {
	opts, err := o.options(s.Store.Info().Fields)
	if err != nil {
		return err
	}
	pages, n := render.NewKeyList(stoppable{ctx, o.Out}, opts), 0
	err = s.List(ctx, o.q, func(page []keys.Key) error {
		n += len(page)
		return pages.Page(page)
	})
	if err != nil {
		return err
	}
	if n == 0 && o.ErrTTY {
		o.note("no keys match")
	}
	if o.filter.given("unused-for") {
		o.unrecorded(s)
	}
	err = pages.Close()
	o.damaged(pages)
	return err
}

// unrecorded says what a server does not record of the use of its keys.
func (g *globals) unrecorded(s *keys.Service) {
	for _, text := range s.AdviceOnUse() {
		g.note("%s", text)
	}
}

// damaged tells of values that a listing could not show.
func (g *globals) damaged(pages *render.KeyList) {
	rows := "rows have"
	if pages.Damaged == 1 {
		rows = "row has"
	}
	if pages.Damaged == 0 {
		return
	}
	more := g.command("list -o json") // where no id names one of them
	if pages.FirstDamaged != "" {
		more = g.command("show", asWord(pages.FirstDamaged))
	}
	g.note("%d %s values that are not what they should be: %s", pages.Damaged, rows, more)
}
