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
	Where  *Query // instead of Refs: every key that matches; nil for none
	All    bool   // Where may match every key of the database, which is refused otherwise
	Expect int    // how many keys Where must match, 0 for any number
	Reason string // kept in the audit, and on a revoked key
	Force  bool   // overrides a guard; the audit says so
	DryRun bool   // does everything and keeps nothing
	// ExpiresAt is the new expiry of keys that are activated, if Expires is set.
	ExpiresAt Instant
	Expires   bool
	// Until is when a revocation lifts itself, none for never.
	Until Instant
}

// Change is what became of one key.
type Change struct {
	Key    Key // after the change; a deleted key as it was
	Result Result
	Advice []string // what to know about it on this server
}

// errDryRun rolls a transaction back that did all it should.
var errDryRun = errors.New("dry run")

// switchOff is what revoking does to a key, by kind; false where it is off already.
var switchOff = map[RevokeKind]func(k *Key, now Instant) bool{
	RevokeFlag: disable, RevokeTime: disable, RevokeExpiry: end,
}

// switching are the fields that switch a key off or on. What cannot be read there a
// server may take for either, so a change always writes over it.
const switching = Fields(1<<FieldEnabled | 1<<FieldRevokedAt | 1<<FieldRevokedUntil)

func disable(k *Key, now Instant) bool {
	if !k.Enabled && k.RevokedUntil.IsNone() && !k.unread(switching) {
		return false
	}
	k.Enabled, k.RevokedUntil, k.RevokedAt = false, Instant{}, now
	k.mend(switching)
	return true
}

func end(k *Key, now Instant) bool {
	if k.ExpiresAt.Reached(now) {
		return false
	}
	k.expire(now)
	return true
}

// expire sets the expiry, and tells whether that was another one.
func (k *Key) expire(at Instant) bool {
	other := k.ExpiresAt != at || k.unread(FieldsOf(FieldExpiresAt))
	k.ExpiresAt = at
	k.mend(FieldsOf(FieldExpiresAt))
	return other
}

// Revoke switches keys off, all or none. A key that is off already is
// unchanged. ReasonLastActive or ReasonLastAdmin protect the last usable key.
// ReasonUnsupported says that the server only knows deleted keys.
func (s *Service) Revoke(ctx context.Context, q ChangeRequest) ([]Change, error) {
	r := s.rules()
	off := switchOff[r.Revoke]
	if off == nil {
		return nil, Errorf(ReasonUnsupported, "the key table of %s has no way to switch a key off: delete it", r.server())
	}
	return s.edit(ctx, q, ActionRevoke, func(k *Key, now Instant) (bool, error) {
		if !off(k, now) {
			return false, nil
		}
		if !k.Enabled {
			k.RevokedBy, k.RevokedReason = s.Actor.Who(), q.Reason
		}
		return true, nil
	})
}

func (s *Service) adviceOnChange(action Action, q ChangeRequest, k *Key) []string {
	if q.DryRun {
		return nil
	}
	advise := (*Rules).adviceOn
	if action == ActionActivate {
		advise = (*Rules).adviceOnUse
	}
	return advise(s.rules(), action, k, s.Store.Info().Path)
}

// edit changes keys in place by apply, which tells whether it changed anything.
func (s *Service) edit(ctx context.Context, q ChangeRequest, action Action, apply func(*Key, Instant) (bool, error)) ([]Change, error) {
	return s.change(ctx, q, func(tx Tx, list []Key, now Instant) (done []Change, err error) {
		forced := false
		if action == ActionRevoke {
			if forced, err = s.guard(ctx, tx, list, now, q.Force); err != nil {
				return nil, err
			}
		}
		for i := range list {
			k := list[i]
			changed, err := apply(&k, now)
			if err == nil && changed {
				err = s.replace(ctx, tx, &k, now)
			}
			if err != nil {
				return nil, err
			}
			if !changed {
				done = append(done, Change{Key: k, Result: Unchanged})
				continue
			}
			event := s.event(action, now, q, &list[i], &k)
			event.Forced = forced
			if err := tx.Record(ctx, []Event{event}); err != nil {
				return nil, err
			}
			done = append(done, Change{Key: k, Result: Changed, Advice: s.adviceOnChange(action, q, &k)})
		}
		return done, nil
	})
}

// replace writes a key that was changed.
func (s *Service) replace(ctx context.Context, tx Tx, k *Key, now Instant) error {
	k.UpdatedAt = now
	k.drop(lacking(s.Store.Info().Fields))
	if err := s.labelFree(ctx, tx, k, now); err != nil {
		return err
	}
	return tx.Replace(ctx, k)
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
		list, err := s.selectIn(ctx, tx, refs)
		if err == nil {
			err = identified(list...)
		}
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
	return done, s.lookedUp(ctx, err)
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
