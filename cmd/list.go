package cmd

import (
	"context"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// listing holds the flags of list.
type listing struct {
	*globals
	q         keys.Query
	statuses  list[keys.Status]
	expiring  duration
	unusedFor duration
	flags     *pflag.FlagSet
}

func newList(g *globals) *cobra.Command {
	o := &listing{globals: g}
	c := &cobra.Command{
		Use: "list [flags]", Aliases: []string{"ls"}, Short: "List keys, newest first",
		Long: "List keys, newest first, then by id. Flags narrow the list; no key is no error.",
		Example: "  keyreeve list\n  keyreeve list --status active --owner alice -o wide\n" +
			"  keyreeve list --expiring 14d\n  keyreeve list -o jsonl | jq -r .id",
		SuggestFor: []string{"keys", "all", "search"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return o.list(ctx) }),
	}
	fs := c.Flags()
	o.flags = fs
	o.statuses = list[keys.Status]{kind: "status", parse: parseStatus}
	fs.Var(&o.statuses, "status", "only keys with this status: revoked, expired, pending or active; repeat for more")
	fs.StringVar(&o.q.Owner, "owner", "", "only keys of this owner")
	fs.StringVar(&o.q.LabelGlob, "label", "", "only keys whose label matches this `pattern`, such as 'ci-*'")
	fs.StringVar(&o.q.Scope, "scope", "", "only keys that have this scope, or *")
	fs.StringVar(&o.q.Role, "role", "", "only keys with this role")
	fs.StringVar(&o.q.Resource, "resource", "", "only keys bound to this resource")
	fs.Var(&o.expiring, "expiring", "only keys that expire within this time, or have expired")
	fs.Var(&o.unusedFor, "unused-for", "only keys that were not used for this long")
	for _, name := range []string{"expiring", "unused-for"} {
		fs.Lookup(name).DefValue = ""
	}
	completeChoice(c, "status", statusWords())
	complete(c, "expiring", "7d", "14d", "30d")
	complete(c, "unused-for", "30d", "90d")
	return c
}

func statusWords() []string {
	var words []string
	for _, s := range keys.Statuses() {
		words = append(words, string(s))
	}
	return words
}

func parseStatus(s string) (keys.Status, error) {
	c := choice{allowed: statusWords()}
	return keys.Status(s), c.Set(s)
}

func (o *listing) list(ctx context.Context) error {
	if err := o.onlyPrints(); err != nil {
		return err
	}
	if o.q.Scope != "" {
		if err := keys.ValidateScope(o.q.Scope); err != nil {
			return err
		}
	}
	debug.SetGCPercent(400) // the pages of a long listing live briefly: 10 MB more are worth a third of its time
	now := keys.At(o.Now())
	o.q.Statuses = o.statuses.v
	if o.flags.Changed("expiring") {
		o.q.ExpiresBy = now.Add(o.expiring.Duration)
	}
	if o.flags.Changed("unused-for") {
		o.q.UnusedBy = now.Add(-o.unusedFor.Duration)
	}
	return o.opened(ctx, toRead, func(s *keys.Service) error {
		if err := o.filterable(s.Store.Info()); err != nil {
			return err
		}
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
	if o.flags.Changed("unused-for") {
		o.unrecorded(s)
	}
	err = pages.Close()
	o.damaged(pages)
	return err
}

// unrecorded says what a server does not record of the use of its keys.
func (o *listing) unrecorded(s *keys.Service) {
	for _, text := range s.AdviceOnUse() {
		o.note("%s", text)
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

// filters are the flags that choose by a field which not every table has.
var filters = []struct {
	flag  string
	field keys.Field
}{
	{"owner", keys.FieldOwner},
	{"label", keys.FieldLabel},
	{"scope", keys.FieldScopes},
	{"role", keys.FieldRole},
	{"resource", keys.FieldResource},
	{"expiring", keys.FieldExpiresAt},
	{"unused-for", keys.FieldLastUsedAt},
}

// filterable refuses to choose by what the table does not have: the answer would
// be about something else.
func (o *listing) filterable(info keys.Info) error {
	for _, f := range filters {
		if o.flags.Changed(f.flag) && !info.Fields.Has(f.field) {
			return keys.Errorf(keys.ReasonUnsupported, "--%s: the key table of %s has no column for %s", f.flag, info.Path, f.field).OnPath(info.Path)
		}
	}
	return nil
}
