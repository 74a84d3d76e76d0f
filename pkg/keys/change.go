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
	// Agreed are the only keys of those to change, nil for all of them. One that is not
	// as it was agreed on gives ReasonOvertaken; what All and Expect say was judged then.
	Agreed Agreed
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
	Key    Key    // after the change; a deleted key as it was
	Was    Status // before the change
	Result Result
	Advice []string // what to know about it on this server
}

// errDryRun rolls a transaction back that did all it should.
var errDryRun = errors.New("dry run")

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

// change runs work on the keys that the request names or describes, in one
// transaction.
func (s *Service) change(ctx context.Context, q ChangeRequest, work func(Tx, []Key, Instant) ([]Change, error)) ([]Change, error) {
	var err error
	if q.Refs, err = s.settle(ctx, q.Refs); err != nil {
		return nil, err
	}
	choose := func(tx Tx, now Instant) ([]Key, error) { return s.chosen(ctx, tx, &q, now) }
	return s.changeChosen(ctx, q, choose, work)
}

// changeChosen runs work on the keys that choose returns in the same transaction.
func (s *Service) changeChosen(ctx context.Context, q ChangeRequest, choose func(Tx, Instant) ([]Key, error), work func(Tx, []Key, Instant) ([]Change, error)) ([]Change, error) {
	if err := optional(q.Reason, ValidateReason); err != nil {
		return nil, err
	}
	done := []Change{}
	err := s.Store.Update(ctx, func(tx Tx) error {
		now := s.now()
		list, err := choose(tx, now)
		if err == nil {
			err = identified(list...)
		}
		if err != nil || len(list) == 0 {
			return err
		}
		if done, err = work(tx, list, now); err == nil && q.DryRun {
			return errDryRun
		}
		return err
	})
	switch {
	case err == nil, errors.Is(err, errDryRun):
		return done, nil
	}
	return nil, s.lookedUp(ctx, err)
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
