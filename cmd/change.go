package cmd

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// change holds the flags of the commands that change existing keys.
type change struct {
	*globals
	keys    selection
	q       keys.ChangeRequest
	revives bool   // the keys are meant to be accepted afterwards
	asks    bool   // a person is asked also about keys that were named
	single  bool   // one key was named
	idle    string // what to say where filters match nothing now, "" for the usual
	does    string // what is asked about the keys, "" for the verb
	yes     bool
}

// changer is a use case that changes the keys which the request names.
type changer func(context.Context, *keys.Service) ([]keys.Change, error)

// addFlags adds those of every command that changes keys, which are all guarded:
// forced tells what --force overrides.
func (o *change) addFlags(c *cobra.Command, forced string) {
	o.keys.addFlags(c, o.globals)
	o.addCommon(c, forced)
}

func (o *change) addCommon(c *cobra.Command, forced string) {
	fs := c.Flags()
	fs.StringVar(&o.q.Reason, "reason", "", "why, for the audit")
	fs.BoolVar(&o.q.DryRun, "dry-run", false, "say what would change, and change nothing")
	fs.BoolVarP(&o.yes, "yes", "y", false, "go on without a question")
	fs.BoolVar(&o.q.Force, "force", false, forced+"; the audit says so")
}

// with runs one use case on the keys that were named or chosen, and shows the
// results. A person is asked about keys that filters chose.
func (o *change) with(work changer) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) (err error) {
		if err := o.keys.check(args); err != nil {
			return err
		}
		doubtful, err := o.doubtful()
		if err != nil {
			return err
		}
		if err = o.keys.request(ctx, o.globals, args, &o.q); err != nil {
			return err
		}
		o.single = len(o.q.Refs) == 1
		if !doubtful {
			return o.apply(ctx, work)
		}
		return o.confirmed(ctx, work)
	}
}

// doubtful tells whether a person must be asked first, and refuses where there is
// none.
func (o *change) doubtful() (bool, error) {
	switch {
	case o.yes, o.q.DryRun, o.keys.counted():
		return false, nil
	case o.keys.filtered():
		return true, o.needAnswer()
	case o.asks:
		return true, o.needYes(false)
	}
	return false, nil
}

func (o *change) apply(ctx context.Context, work changer) error {
	done, info, err := o.run(ctx, work)
	if err != nil {
		return err
	}
	return o.show(done, info)
}

// run does the work, and returns what it did to keys of which database.
func (o *change) run(ctx context.Context, work changer) (done []keys.Change, info keys.Info, err error) {
	err = o.opened(ctx, toWrite, func(s *keys.Service) (err error) {
		info = s.Store.Info()
		if done, err = work(ctx, s); err != nil {
			return err
		}
		if o.keys.given("unused-for") && o.q.Agreed == nil { // else it is said already
			o.unrecorded(s)
		}
		if len(done) == 0 && o.q.Where != nil {
			return o.none(ctx, s)
		}
		return nil
	})
	return done, info, err
}

// none says that no key matches now, though some do but for the clock: that is no
// mistake of whoever asks every day.
func (o *change) none(ctx context.Context, s *keys.Service) error {
	return o.noneOf(ctx, s, &o.keys, cmp.Or(o.idle, "nothing to do"), "is due")
}

// confirmed rehearses the work, so that a guard speaks before a person has to
// decide, and asks about exactly the keys that it would change. The database is
// closed while a person thinks; then those keys are changed, and no others, as long
// as they are what they were.
func (o *change) confirmed(ctx context.Context, work changer) error {
	o.q.DryRun = true
	found, info, err := o.run(ctx, work)
	o.q.DryRun = false
	if err != nil {
		return err
	}
	due := o.agree(found)
	if len(due) == 0 {
		return o.show(found, info)
	}
	if err := o.confirmIDs(ctx, cmp.Or(o.does, o.verb), due); err != nil {
		return err
	}
	done, info, err := o.run(ctx, work)
	if err != nil {
		return err
	}
	return o.show(overlaid(found, done), info)
}

// agree narrows the request down to the keys that would change, and returns them.
func (o *change) agree(found []keys.Change) (due []string) {
	o.q.Agreed = keys.Agreed{}
	for i := range found {
		if f := &found[i]; f.Result != keys.Unchanged {
			due, o.q.Agreed[f.Key.ID] = append(due, f.Key.ID), f.Was
		}
	}
	if o.q.Where == nil {
		o.q.Refs = idRefs(due)
	}
	return due
}

// overlaid is what was rehearsed with what was done in its place.
func overlaid(found, done []keys.Change) []keys.Change {
	at := make(map[string]int, len(found))
	for i := range found {
		at[found[i].Key.ID] = i
	}
	for i := range done {
		found[at[done[i].Key.ID]] = done[i]
	}
	return found
}

// confirmIDs asks about keys, which it shows as they are.
func (g *globals) confirmIDs(ctx context.Context, verb string, ids []string) error {
	var some []keys.Key
	err := g.opened(ctx, toRead, func(s *keys.Service) (err error) {
		some, err = s.Select(ctx, idRefs(ids[:min(len(ids), mostAsked)])...)
		return err
	})
	if err != nil {
		return err
	}
	return g.confirmOf(ctx, verb, some, len(ids))
}
