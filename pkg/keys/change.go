package keys

import (
	"context"
	"errors"
)

// Result is the word for what became of a key.
type Result string

// The results.
const (
	Created   Result = "created"
	Changed   Result = "changed"
	Unchanged Result = "unchanged"
	Deleted   Result = "deleted"
)

// ChangeRequest names keys and says how to change them.
type ChangeRequest struct {
	Refs   []Ref
	Reason string // kept in the audit, and on a revoked key
	Force  bool   // overrides a guard; the audit says so
	DryRun bool   // does everything and keeps nothing
	// ExpiresAt is the new expiry of keys that are activated, if Expires is set.
	ExpiresAt Instant
	Expires   bool
}

// Change is what became of one key.
type Change struct {
	Key    Key // after the change; a deleted key as it was
	Result Result
	Advice []string // what to know about it on this server
}

// errDryRun rolls a transaction back that did all it should.
var errDryRun = errors.New("dry run")

// Revoke switches keys off, all or none. A key that is off already is
// unchanged. ReasonLastActive or ReasonLastAdmin protect the last usable key.
func (s *Service) Revoke(ctx context.Context, q ChangeRequest) ([]Change, error) {
	return s.edit(ctx, q, ActionRevoke, true, func(k *Key, now Instant) bool {
		if !k.Enabled && k.RevokedUntil.IsNone() {
			return false
		}
		k.Enabled, k.RevokedUntil = false, Instant{}
		k.RevokedAt, k.RevokedBy, k.RevokedReason = now, s.Actor.Who(), q.Reason
		return true
	})
}

// Activate switches keys on again, all or none. A key that is on is unchanged;
// an expired one stays expired. A label that another active key has taken
// meanwhile gives ReasonLabelTaken.
func (s *Service) Activate(ctx context.Context, q ChangeRequest) ([]Change, error) {
	return s.edit(ctx, q, ActionActivate, false, func(k *Key, _ Instant) bool {
		if k.Enabled {
			return false
		}
		k.Enabled, k.RevokedUntil = true, Instant{}
		k.RevokedAt, k.RevokedBy, k.RevokedReason = Instant{}, "", ""
		return true
	})
}

// Delete removes keys for good, all or none. The guards of Revoke hold.
func (s *Service) Delete(ctx context.Context, q ChangeRequest) ([]Change, error) {
	return s.change(ctx, q, func(tx Tx, list []Key, now Instant) ([]Change, error) {
		forced, err := guard(ctx, tx, list, now, q.Force)
		if err != nil {
			return nil, err
		}
		var done []Change
		for i := range list {
			if err := tx.Delete(ctx, list[i].ID); err != nil {
				return nil, err
			}
			event := s.event(ActionDelete, now, q, &list[i], nil)
			event.Forced = forced
			if err := tx.Record(ctx, []Event{event}); err != nil {
				return nil, err
			}
			done = append(done, Change{Key: list[i], Result: Deleted})
		}
		return done, nil
	})
}

// edit changes keys in place by apply, which tells whether it changed anything.
func (s *Service) edit(ctx context.Context, q ChangeRequest, action Action, guarded bool, apply func(*Key, Instant) bool) ([]Change, error) {
	return s.change(ctx, q, func(tx Tx, list []Key, now Instant) (done []Change, err error) {
		forced := false
		if guarded {
			if forced, err = guard(ctx, tx, list, now, q.Force); err != nil {
				return nil, err
			}
		}
		for _, before := range list {
			k := before
			if !apply(&k, now) {
				done = append(done, Change{Key: k, Result: Unchanged})
				continue
			}
			if err := s.labelFree(ctx, tx, &k, now); err != nil {
				return nil, err
			}
			if err := tx.Replace(ctx, &k); err != nil {
				return nil, err
			}
			event := s.event(action, now, q, &before, &k)
			event.Forced = forced
			if err := tx.Record(ctx, []Event{event}); err != nil {
				return nil, err
			}
			done = append(done, Change{Key: k, Result: Changed})
		}
		return done, nil
	})
}

// change runs work on the keys that the request names, in one transaction.
func (s *Service) change(ctx context.Context, q ChangeRequest, work func(Tx, []Key, Instant) ([]Change, error)) ([]Change, error) {
	if err := optional(q.Reason, ValidateReason); err != nil {
		return nil, err
	}
	refs, err := s.settle(ctx, q.Refs)
	if err != nil {
		return nil, err
	}
	var done []Change
	err = s.Store.Update(ctx, func(tx Tx) error {
		list, err := selectIn(ctx, tx, refs)
		if err != nil {
			return err
		}
		if done, err = work(tx, list, s.now()); err == nil && q.DryRun {
			return errDryRun
		}
		return err
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return done, err
}

func (s *Service) event(action Action, now Instant, q ChangeRequest, before, after *Key) Event {
	e := Event{At: now, Action: action, Actor: s.Actor, Reason: q.Reason}
	if after != nil {
		e.KeyID = after.ID
	} else {
		e.KeyID = before.ID
	}
	e.Before, e.After = Diff(before, after)
	return e
}

// labelFree refuses a label that another usable key without a successor has.
func (s *Service) labelFree(ctx context.Context, tx Tx, k *Key, now Instant) error {
	if k.Label == "" || k.Successor != "" || !usable(k, now) {
		return nil
	}
	policy, err := tx.Policy(ctx)
	if err != nil || !policy.UniqueLabels {
		return err
	}
	same, err := tx.Page(ctx, Query{Now: now, Statuses: []Status{Active, Pending}, Ref: &RefQuery{Label: k.Label}})
	for i := range same {
		if same[i].ID != k.ID {
			return Errorf(ReasonLabelTaken, "the label %q belongs to key %s already", PrintableText(k.Label), same[i].ID).OnKey(same[i].ID)
		}
	}
	return err
}

// usable tells whether the key is accepted, or will be once its time comes.
func usable(k *Key, now Instant) bool {
	s := k.Status(now)
	return s == Active || s == Pending
}
