package cmd

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// aboutNew are the flags that say something of new keys and their tokens.
var aboutNew = []string{
	"overlap", "expires", "request-id", "key-file", "bytes", "hash", "bcrypt-cost", "legacy-sha256", "allow-weak-secret",
	"out", "out-dir", "env-file", "env-name",
}

// aboutChange are those that have no use where nothing is changed.
var aboutChange = []string{"force", "reason", "dry-run"}

// modes refuses flags that have no use together with --status, --finish or --due.
func (o *rotating) modes(args []string) error {
	named := len(args) > 0 || o.keys.refs.given()
	mode, without := o.mode()
	switch {
	case mode == "" && o.q.Force:
		return keys.Errorf(keys.ReasonInvalid, "--force is for --finish: a rotation overrides nothing")
	case mode == "":
		return nil
	case o.looks && (o.finishes || o.due):
		return keys.Errorf(keys.ReasonInvalid, "--status and --%s contradict each other: give one of them", mode)
	case o.keys.filtered() || o.keys.counted():
		return keys.Errorf(keys.ReasonInvalid, "--%s is about rotations: filters choose keys", mode)
	case o.due && named:
		return keys.Errorf(keys.ReasonInvalid, "--due is about every rotation: name keys without it")
	case o.finishes && !o.due && !named:
		return keys.Errorf(keys.ReasonInvalid, "which rotation? name it by its old key or its successor, or take all that are over with --due")
	}
	for _, name := range without {
		if o.flags.Changed(name) {
			return keys.Errorf(keys.ReasonInvalid, "--%s and --%s contradict each other: give one of them", mode, name)
		}
	}
	return nil
}

// mode returns the flag that makes this about rotations which were begun before, ""
// if none does, and those that it has no use for.
func (o *rotating) mode() (flag string, without []string) {
	switch {
	case o.due:
		return "due", aboutNew
	case o.finishes:
		return "finish", aboutNew
	case o.looks:
		return "status", append(append([]string{}, aboutNew...), aboutChange...)
	}
	return "", nil
}

// finish ends rotations.
func (o *rotating) finish(ctx context.Context, args []string) error {
	q := keys.FinishRequest{ChangeRequest: o.q.ChangeRequest, Due: o.due}
	q.Reason, q.DryRun = o.newKey.q.Reason, o.newKey.q.DryRun
	if !o.due {
		var err error
		if q.Refs, err = o.keys.refs.read(ctx, o.globals, args); err != nil {
			return err
		}
	}
	var done []keys.Finished
	var fields keys.Fields
	err := o.opened(ctx, toWrite, func(s *keys.Service) (err error) {
		fields = s.Store.Info().Fields
		done, err = s.Finish(ctx, q)
		return err
	})
	if err != nil {
		return err
	}
	return o.showFinished(q, done, fields)
}

// showFinished renders what became of rotations. One that has to be left is a finding.
func (o *rotating) showFinished(q keys.FinishRequest, done []keys.Finished, fields keys.Fields) error {
	var left []*keys.Key
	list := make([]render.Result, len(done))
	for i := range done {
		list[i] = o.finished(&done[i])
		if list[i].Dry = q.DryRun; done[i].Left {
			left = append(left, &done[i].Rotation.Old)
		}
	}
	o.advise(list)
	switch {
	case q.DryRun:
		o.note("dry run: nothing was changed")
	case len(done) == 0 && o.ErrTTY:
		o.note("nothing to do: no rotation is due")
	}
	if len(done) == 0 {
		o.noAudit()
	}
	if len(left) > 0 {
		o.note("%d due, but not finished: see %s", len(left), o.command("rotate --status"))
		o.note("to end such a key all the same: %s", o.command("rotate --finish", asWord(left[0].ID), "--force"))
	}
	err := o.showResults(list, fields, len(q.Refs) == 1)
	if !q.DryRun {
		err = unread(err)
	}
	return verdict(len(left) == 0, err)
}

func (o *rotating) finished(f *keys.Finished) render.Result {
	r := render.Result{Key: f.Key, Result: string(f.Result), Advice: f.Advice}
	if f.Left {
		r.Result = "left"
	}
	successor := ""
	if f.Rotation.New != nil {
		successor = f.Rotation.New.ID
	}
	r.More = []render.Pair{
		{Name: "replaced_by", Value: orNil(successor)},
		{Name: "overlap_ends", Value: f.Rotation.OverlapEnds},
		{Name: "use", Value: string(f.Rotation.Use)},
	}
	return r
}

// status lists rotations.
func (o *rotating) status(ctx context.Context, args []string) (err error) {
	if err := o.onlyPrints(); err != nil {
		return err
	}
	var named []keys.Ref
	if len(args) > 0 || o.keys.refs.given() {
		if named, err = o.keys.refs.read(ctx, o.globals, args); err != nil {
			return err
		}
	}
	var list []keys.Rotation
	err = o.opened(ctx, toRead, func(s *keys.Service) (err error) {
		if list, err = s.Rotations(ctx, named...); err == nil && len(list) > 0 {
			o.unrecorded(s)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		if o.noAudit(); o.ErrTTY {
			o.note("every rotation is finished")
		}
	}
	opts, err := o.options(keys.Fields(0))
	if err != nil {
		return err
	}
	return render.List(o.Out, opts, o.rotations(list))
}

// noAudit says that the audit which alone would tell of rotations is not there: its name
// may be mistyped, and a timer that ends nothing must not be silent.
func (o *rotating) noAudit() {
	file := o.auditFile()
	if _, err := os.Stat(file); o.byAudit() && errors.Is(err, fs.ErrNotExist) {
		o.note("no rotation is known here: there is no audit at %s; name the one that they were recorded in with --audit-log", file)
	}
}

func (o *rotating) rotations(list []keys.Rotation) render.Records {
	r := render.Records{
		Names: records["rotate --status"],
		Short: []string{"old", "label", "new", "overlap_ends", "use", "state"},
	}
	for i := range list {
		n := &list[i]
		var successor, finish any
		if n.New != nil {
			successor = n.New.ID
		}
		if n.State != keys.RotationFinished {
			finish = o.finishing(&n.Old)
		}
		r.Rows = append(r.Rows, []any{
			n.Old.ID, orNil(n.Old.Label), successor, n.Started, n.OverlapEnds, string(n.Use), n.StillUsed, string(n.State), finish,
		})
	}
	return r
}
