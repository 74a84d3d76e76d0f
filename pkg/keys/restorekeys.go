package keys

import (
	"context"
	"slices"
)

// atATime is how many keys are made, and how many events recorded, at once.
const atATime = 500

func (p *planned) due() bool { return len(p.deleted)+len(p.changed)+len(p.created) > 0 }

// delete removes a key that is not in the backup.
func (w *restoring) delete(ctx context.Context, id string) error {
	k, err := w.tx.Key(ctx, id)
	if err != nil {
		return err
	}
	forced, err := w.s.remembered([]Key{k}, w.now, w.q.Force)
	if err == nil {
		err = w.tx.Delete(ctx, id)
	}
	if err != nil {
		return err
	}
	w.tell(&k, nil, forced)
	return nil
}

// change makes a key what it is in the backup, but for its last use.
func (w *restoring) change(ctx context.Context, id string) error {
	before, err := w.tx.Key(ctx, id)
	if err != nil {
		return err
	}
	after, err := w.from.Key(ctx, id)
	if err != nil {
		return err
	}
	if err := w.readable(&after, differing(&before, &after)); err != nil {
		return err
	}
	k := after
	k.keep(&before)
	k.UpdatedAt = w.now
	if err := w.tx.Replace(ctx, &k); err != nil {
		return err
	}
	if k, err = w.tx.Key(ctx, id); err == nil && printOf(&k) != printOf(&after) {
		err = Errorf(ReasonDamaged, "key %s holds a value that the one of the backup cannot replace", k.name()).OnKey(id)
	}
	w.tell(&before, &after, false)
	return err
}

// keep takes over what a restore leaves as it is, unless the id was another key's
// before.
func (k *Key) keep(before *Key) {
	if k.CreatedAt == before.CreatedAt || before.LastUsedAt.IsNone() {
		k.LastUsedAt, k.LastUsedFrom = before.LastUsedAt, before.LastUsedFrom
	}
	other := func(d Damage) bool { return !kept.Has(d.Field) }
	own := slices.DeleteFunc(slices.Clone(k.Damage), func(d Damage) bool { return kept.Has(d.Field) })
	k.Damage = append(own, slices.DeleteFunc(slices.Clone(before.Damage), other)...)
}

// create makes a key again, with others.
func (w *restoring) create(ctx context.Context, id string) error {
	k, err := w.from.Key(ctx, id)
	if err == nil {
		err = w.readable(&k, ^Fields(0))
	}
	if err != nil {
		return err
	}
	w.fresh = append(w.fresh, k)
	w.tell(nil, &k, false)
	return nil
}

// readable refuses a key of the backup of which nobody can say what these fields are:
// what was written instead would be something else.
func (w *restoring) readable(k *Key, fields Fields) error {
	for _, d := range k.Damage {
		if fields.Has(d.Field) && k.untold(d.Field) {
			return w.damaged(k, "its column %s: %s", d.Column, d.Problem)
		}
	}
	if fields&FieldsOf(FieldHash, FieldScheme) == 0 || !w.q.From.Info().Fields.Has(FieldHash) {
		return nil
	}
	switch err := k.Scheme.Check(k.Hash); {
	case err == nil || TooCostly(err): // the server computes what we do not
		return nil
	default:
		return w.damaged(k, "no token fits it: %v", err)
	}
}

func (w *restoring) damaged(k *Key, format string, args ...any) error {
	return Errorf(ReasonDamaged, "key %s of the backup cannot be restored: "+format, append([]any{k.name()}, args...)...).
		OnKey(k.ID).OnPath(w.q.From.Info().Path)
}

// tell notes what became of a key; nil is a key that does not exist.
func (w *restoring) tell(before, after *Key, forced bool) {
	t := RestoredKey{Result: Changed}
	k := after
	switch {
	case after == nil:
		k, t.Result = before, Deleted
	case before == nil:
		t.Result = Created
	default:
		t.Fields = differing(before, after)
	}
	t.ID, t.Label = k.ID, k.Label
	if before != nil {
		t.Was = before.Status(w.now)
	}
	if after != nil {
		t.Is = after.Status(w.now)
	}
	t.Before, t.After = w.s.admission(before, w.now), w.s.admission(after, w.now)
	t.Revived = t.After.exceeds(t.Before) || !t.After.Never() && t.Fields&FieldsOf(FieldHash, FieldScheme) != 0
	t.Advice = w.advice(&t, k)
	w.done.Keys = append(w.done.Keys, t)
	w.seen.add(t.ID, t.Result, printOf(orZero(before)), printOf(orZero(after)))
	event := w.event(before, after)
	event.Forced = event.Forced || forced
	w.events = append(w.events, event)
}

// advice is that on what a person would have done to get there.
func (w *restoring) advice(t *RestoredKey, k *Key) []string {
	r, path := w.s.rules(), w.s.Store.Info().Path
	switch {
	case w.q.DryRun:
		return nil
	case t.Result == Deleted:
		return r.adviceOn(ActionDelete, k, path)
	case t.Result == Created:
		return r.adviceOnUse(ActionCreate, k, path)
	}
	var list []string
	switch {
	case t.Was == Active && (t.Is != Active || t.Fields.Has(FieldHash)): // the token that it had
		list = r.adviceOn(ActionRevoke, k, path)
	case t.Fields&FieldsOf(FieldRole, FieldLabel) != 0:
		list = r.adviceOn(ActionUpdate, k, path)
	}
	if t.Revived {
		list = append(list, r.adviceOnUse(ActionActivate, k, path)...)
	}
	return list
}

func (w *restoring) event(before, after *Key) Event {
	e := Event{At: w.now, Action: ActionRestore, Actor: w.s.Actor, Reason: w.q.Reason, Forced: w.forced}
	switch {
	case after != nil:
		e.KeyID = after.ID
	case before != nil:
		e.KeyID = before.ID
	default:
		return e
	}
	e.Before, e.After = Diff(before, after)
	return e
}

// flush writes what has gathered, if it is so much.
func (w *restoring) flush(ctx context.Context, least int) error {
	if len(w.fresh) > 0 && len(w.fresh) >= least {
		if err := w.tx.Insert(ctx, w.fresh); err != nil {
			return err
		}
		w.fresh = w.fresh[:0]
	}
	if len(w.events) == 0 || len(w.events) < least {
		return nil
	}
	err := w.tx.Record(ctx, w.events)
	w.events = w.events[:0]
	return err
}
