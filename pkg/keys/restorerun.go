package keys

import (
	"context"
	"errors"
)

// restoring is one restore at work.
type restoring struct {
	s      *Service
	q      RestoreRequest
	from   Reader
	held   held
	policy Policy // of the backup
	now    Instant
	tx     Tx
	fresh  []Key // to be made again
	events []Event
	forced bool
	seen   fingerprint
	done   Restored
}

// newRestoring reads the backup, before any lock is taken.
func (s *Service) newRestoring(ctx context.Context, q RestoreRequest, from Reader) (*restoring, error) {
	w := &restoring{s: s, q: q, from: from}
	var err error
	if w.policy, err = from.Policy(ctx); err != nil {
		return nil, policyOfBackup(err, q.From.Info().Path)
	}
	w.held, err = readHeld(ctx, from)
	return w, err
}

// policyOfBackup says of a setting that is not understood whose it is.
func policyOfBackup(err error, path string) error {
	var e *Error
	if !errors.As(err, &e) || e.Reason != ReasonPolicy {
		return err
	}
	return Errorf(ReasonPolicy, "the policy of the backup %s cannot be restored: its setting %s is not one that this version understands",
		path, PrintableText(e.Setting)).OnSetting(e.Setting).OnPath(path)
}

// run is the part of a restore that holds the lock.
func (w *restoring) run(ctx context.Context, tx Tx) error {
	w.tx, w.now = tx, w.s.now()
	p, err := w.held.plan(ctx, tx)
	if err != nil {
		return err
	}
	w.done.Unchanged, w.done.Unread = p.unchanged, p.unread
	if p.due() {
		if err := w.guard(ctx); err != nil {
			return err
		}
		if err := w.s.claimIfOpen(ctx, tx, w.now); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context, planned) error{w.apply, w.restorePolicy} {
		if err := step(ctx, p); err != nil {
			return err
		}
	}
	return w.seal(ctx)
}

// seal ends the work under the lock.
func (w *restoring) seal(ctx context.Context) error {
	if err := w.flush(ctx, 0); err != nil {
		return err
	}
	w.done.Plan = w.seen.String()
	switch {
	case w.q.Plan != "" && w.q.Plan != w.done.Plan:
		return Errorf(ReasonOvertaken, "somebody changed the keys meanwhile: nothing was restored")
	case w.q.DryRun:
		return errDryRun
	}
	return nil
}

// apply deletes first and makes keys last, so that one can take what another had.
func (w *restoring) apply(ctx context.Context, p planned) error {
	for _, step := range []struct {
		ids  []string
		work func(context.Context, string) error
	}{{p.deleted, w.delete}, {p.changed, w.change}, {p.created, w.create}} {
		for _, id := range step.ids {
			err := step.work(ctx, id)
			if err == nil {
				err = w.flush(ctx, atATime)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// guard refuses a backup that would let nobody in, as [Service.guard] does for single
// keys: what it holds is what there will be.
func (w *restoring) guard(ctx context.Context) error {
	if w.s.rules().Guard == GuardNone {
		return nil
	}
	role, err := w.s.guardedRole(ctx, w.from, w.now, w.q.Force)
	if err != nil {
		return err
	}
	survives, err := w.from.Survivor(ctx, w.now, role, nil)
	w.forced = !survives
	if survives || err != nil || w.q.Force {
		return err
	}
	reason, text := nobodyLeft(role, w.s.Store.Info().Fields)
	return Errorf(reason, "%s", text)
}

// nobodyLeft is the refusal, in terms of what the table knows of keys.
func nobodyLeft(role string, held Fields) (Reason, string) {
	reason, text := ReasonLastActive, "the backup has no active key"
	if role != "" {
		reason, text = ReasonLastAdmin, text+" with the role "+role
	}
	return reason, text + countsOn(held)
}

// restorePolicy makes the policy that of the backup.
func (w *restoring) restorePolicy(ctx context.Context, _ planned) error {
	if !w.s.rules().Settings {
		return nil
	}
	before, err := w.tx.Policy(ctx)
	if err != nil {
		return err
	}
	var stored, was, is []Setting
	usual := DefaultPolicy()
	for _, name := range w.policy.differing(&before) {
		set := RestoredSetting{name, before.Get(name), w.policy.Get(name)}
		w.done.Policy = append(w.done.Policy, set)
		w.seen.add(set)
		was, is = append(was, Setting{name, set.Before}), append(is, Setting{name, set.After})
		if set.After == usual.Get(name) {
			set.After = ""
		}
		stored = append(stored, Setting{name, set.After})
	}
	if len(stored) == 0 {
		return nil
	}
	event := w.event(nil, nil)
	event.Before, event.After = settingsJSON(was), settingsJSON(is)
	w.events = append(w.events, event)
	return w.tx.SetPolicy(ctx, stored)
}
