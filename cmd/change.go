package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// change holds the flags of the commands that change existing keys.
type change struct {
	*globals
	refs    refs
	q       keys.ChangeRequest
	expires value[keys.Instant]
	revives bool // the keys are meant to be accepted afterwards
	yes     bool
}

// addFlags adds those of every command that changes keys; guarded ones get --force
// with what it overrides.
func (o *change) addFlags(c *cobra.Command, guarded string) {
	fs := c.Flags()
	o.refs.addFlags(c, o.globals)
	fs.StringVar(&o.q.Reason, "reason", "", "why, for the audit")
	fs.BoolVar(&o.q.DryRun, "dry-run", false, "say what would change, and change nothing")
	fs.BoolVarP(&o.yes, "yes", "y", false, "go on without a question")
	if guarded != "" {
		fs.BoolVar(&o.q.Force, "force", false, guarded+"; the audit says so")
	}
}

func newRevoke(g *globals) *cobra.Command {
	o := &change{globals: g}
	c := &cobra.Command{
		Use: "revoke REF...", Short: "Switch keys off, at once; activate brings them back",
		Long: "Switch keys off: a server refuses them from its next look at the database on.\n" +
			"Several REFs are one transaction, all or nothing. The last usable key is\n" +
			"guarded.",
		Example:    "  keyreeve revoke 7fQ2bX9a --reason 'laptop lost'\n  keyreeve revoke ci web\n  keyreeve revoke --key-file leaked.txt",
		SuggestFor: []string{"deactivate", "disable", "block", "suspend", "expire"},
		RunE:       g.run(o.with(func(ctx context.Context, s *keys.Service) ([]keys.Change, error) { return s.Revoke(ctx, o.q) })),
	}
	o.addFlags(c, "override the guard of the last usable key")
	return c
}

func newActivate(g *globals) *cobra.Command {
	o := &change{globals: g, revives: true}
	c := &cobra.Command{
		Use: "activate REF...", Short: "Switch revoked keys on again",
		Long: "Switch revoked keys on again. An expired key stays expired without --expires. A\n" +
			"label that another active key has taken meanwhile is a conflict. Where a table\n" +
			"can only let keys expire, their expiry becomes what the audit knows it was.",
		Example: "  keyreeve activate 7fQ2bX9a --reason 'laptop found'\n" +
			"  keyreeve activate ci --expires 90d",
		SuggestFor: []string{"enable", "reactivate", "unrevoke", "restore", "unblock"},
		RunE: g.run(o.with(func(ctx context.Context, s *keys.Service) ([]keys.Change, error) {
			o.q.ExpiresAt, o.q.Expires = o.expires.v, o.expires.text != ""
			return s.Activate(ctx, o.q)
		})),
	}
	o.addFlags(c, "")
	o.expires = value[keys.Instant]{kind: "when", parse: func(s string) (keys.Instant, error) { return keys.ParseExpiry(s, keys.At(o.Now())) }}
	c.Flags().Var(&o.expires, "expires", "new end of their life: 90d, 2027-01-31 (00:00 UTC), RFC 3339, or never")
	complete(c, "expires", "30d", "90d", "1y", "never")
	return c
}

func newDelete(g *globals) *cobra.Command {
	o := &change{globals: g}
	c := &cobra.Command{
		Use: "delete REF...", Short: "Remove keys for good",
		Long: "Remove keys for good; the audit keeps who did it and when. It asks first, or\n" +
			"needs --yes. The last usable key is guarded.",
		Example:    "  keyreeve delete 7fQ2bX9a\n  keyreeve delete old-ci older-ci --yes --reason 'cleaning up'",
		SuggestFor: []string{"rm", "remove", "destroy", "purge", "drop"},
		RunE:       g.run(o.delete),
	}
	o.addFlags(c, "override the guards of the last usable key, and of active keys that a server remembers")
	return c
}

// with runs one use case on the keys that were named, and shows the results.
func (o *change) with(work func(context.Context, *keys.Service) ([]keys.Change, error)) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) (err error) {
		if o.q.Refs, err = o.refs.read(ctx, o.globals, args); err != nil {
			return err
		}
		return o.apply(ctx, work)
	}
}

func (o *change) apply(ctx context.Context, work func(context.Context, *keys.Service) ([]keys.Change, error)) error {
	var done []keys.Change
	var info keys.Info
	err := o.opened(ctx, toWrite, func(s *keys.Service) (err error) {
		info = s.Store.Info()
		done, err = work(ctx, s)
		return err
	})
	if err != nil {
		return err
	}
	return o.show(done, info)
}

// show renders what became of the keys, and says what that does not mean.
func (o *change) show(done []keys.Change, info keys.Info) error {
	list := make([]render.Result, len(done))
	for i, d := range done {
		list[i] = render.Result{Key: d.Key, Result: string(d.Result), Advice: d.Advice, Dry: o.q.DryRun}
		if o.revives && d.Key.Status(keys.At(o.Now())) == keys.Expired {
			o.note("key %s is still expired, since %s", d.Key.ID, d.Key.ExpiresAt)
		}
	}
	o.advise(list)
	if o.q.DryRun {
		o.note("dry run: nothing was changed")
	}
	err := o.showResults(list, info.Fields, len(o.q.Refs) == 1)
	if o.q.DryRun {
		return err
	}
	return unread(err)
}

// advise says what an operator must know about changes on this server, each thing
// once. JSON has it in its documents.
func (g *globals) advise(list []render.Result) {
	var said []string
	for i := range list {
		for _, text := range list[i].Advice {
			if !g.structured() && !slices.Contains(said, text) {
				g.note("%s", text)
				said = append(said, text)
			}
		}
	}
}

func (g *globals) showResults(list []render.Result, fields keys.Fields, single bool) error {
	opts, err := g.options(fields)
	if err != nil {
		return err
	}
	return render.Results(g.Out, opts, list, single)
}

// delete asks first. The keys are looked up, the database is closed while a
// person thinks, and exactly those keys are deleted.
func (o *change) delete(ctx context.Context, args []string) (err error) {
	if !o.q.DryRun {
		if err := o.needYes(o.yes); err != nil {
			return err
		}
	}
	if o.q.Refs, err = o.refs.read(ctx, o.globals, args); err != nil {
		return err
	}
	if !o.yes && !o.q.DryRun {
		if err := o.ask(ctx); err != nil {
			return err
		}
	}
	return o.apply(ctx, func(ctx context.Context, s *keys.Service) ([]keys.Change, error) { return s.Delete(ctx, o.q) })
}

// ask rehearses the deletion, so that a guard speaks before a person has to
// decide, and asks about exactly the keys that it found.
func (o *change) ask(ctx context.Context) error {
	rehearsal := o.q
	rehearsal.DryRun = true
	var found []keys.Change
	err := o.opened(ctx, toWrite, func(s *keys.Service) (err error) {
		found, err = s.Delete(ctx, rehearsal)
		return err
	})
	if err != nil {
		return err
	}
	o.q.Refs = o.q.Refs[:0]
	list := make([]keys.Key, len(found))
	for i, f := range found {
		list[i] = f.Key
		o.q.Refs = append(o.q.Refs, keys.IDRef(f.Key.ID))
	}
	return o.confirm(ctx, "delete", list)
}
