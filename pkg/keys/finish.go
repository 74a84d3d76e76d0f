package keys

import (
	"context"
	"errors"
)

// FinishRequest names rotations, by the old key or its successor.
type FinishRequest struct {
	ChangeRequest      // Force overrides ReasonTooEarly and the guard; Where, Until and Expires mean nothing
	Due           bool // instead of Refs: all whose overlap is over and whose old key is still accepted
}

// Finished is what became of one rotation.
type Finished struct {
	Change            // of the old key
	Rotation Rotation // as it was before
	Left     bool     // with Due: it may not be finished yet
}

// Finish ends rotations, all or none: it switches the old keys off, or deletes them
// where their table knows nothing else. One that has ended by itself, or was finished
// before, is unchanged. The guard of Revoke holds.
//
// ReasonTooEarly says that the successor is known to be unused, or that nothing is
// known of its use and the overlap is not over; ReasonNotUsable that the successor is
// gone, revoked or expired; ReasonNotRotated that there is no successor; ReasonUnsupported
// what it does of [Service.Rotations].
func (s *Service) Finish(ctx context.Context, q FinishRequest) ([]Finished, error) {
	if err := optional(q.Reason, ValidateReason); err != nil {
		return nil, err
	}
	if err := s.remembers(lineFields); err != nil {
		return nil, err
	}
	if q.Due != (len(q.Refs) == 0) {
		return nil, Errorf(ReasonInvalid, "which rotations? either all that are due, or those of the keys that are named")
	}
	var err error
	if q.Refs, err = s.settle(ctx, q.Refs); err != nil {
		return nil, s.lookedUp(ctx, err)
	}
	for {
		done, err := s.finish(ctx, &q)
		if errors.Is(err, errOvertaken) {
			continue
		}
		return done, s.lookedUp(ctx, err)
	}
}

func (s *Service) finish(ctx context.Context, q *FinishRequest) (done []Finished, err error) {
	bonds, err := s.bonds(ctx, q.Refs)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx Tx) error {
		now := s.now()
		if done, err = s.judgeRotations(ctx, tx, q, bonds, now); err != nil {
			return err
		}
		if err := s.end(ctx, tx, q, done, now); err != nil {
			return err
		}
		if q.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return done, err
}

// judgeRotations reads the keys again under the lock, and settles what is to be done
// with each rotation: those with the result Changed are to be ended.
func (s *Service) judgeRotations(ctx context.Context, tx Tx, q *FinishRequest, bonds []bond, now Instant) (list []Finished, err error) {
	recorded := &recording{held: s.Store.Info().Fields}
	for _, b := range bonds {
		if err := b.reread(ctx, tx); err != nil {
			return nil, err
		}
		rotation, err := b.rotation(ctx, tx, recorded, now)
		if err != nil {
			return nil, err
		}
		f := Finished{Change: Change{Key: rotation.Old, Result: Unchanged}, Rotation: rotation}
		early := rotation.tooEarly(now)
		switch {
		case q.Due && rotation.State != RotationDue:
			continue
		case rotation.State == RotationFinished:
		case early == nil || q.Force:
			f.Result = Changed
		case q.Due:
			f.Left = true
		default:
			return nil, early
		}
		list = append(list, f)
	}
	return list, nil
}

// reread reads the keys of a bond again. One that is another by now gives errOvertaken.
func (b *bond) reread(ctx context.Context, r Reader) error {
	for _, k := range []**Key{&b.old, &b.next} {
		if *k == nil {
			continue
		}
		is, err := found(r.Key(ctx, (*k).ID))
		if err == nil && (is == nil || is.CreatedAt != (*k).CreatedAt || is.Successor != (*k).Successor || is.Predecessor != (*k).Predecessor) {
			err = errOvertaken
		}
		if err != nil {
			return err
		}
		*k = is
	}
	return nil
}

// tooEarly says why the old key should be accepted a while longer, nil if it need not.
func (r *Rotation) tooEarly(now Instant) error {
	k := &r.Old
	switch {
	case r.New == nil:
		return Errorf(ReasonNotUsable, "the key that replaces %s is gone", k.name()).OnKey(k.ID)
	case !usable(r.New, now):
		return Errorf(ReasonNotUsable, "%s, which replaces %s, is %s", r.New.name(), k.name(), r.New.Status(now)).OnKey(r.New.ID)
	case r.Use == NotInUse:
		return Errorf(ReasonTooEarly, "%s, which replaces %s, is not in use yet", r.New.name(), k.name()).OnKey(k.ID)
	case r.Use == UseUnknown && !r.OverlapEnds.IsNone() && !r.OverlapEnds.Reached(now):
		return Errorf(ReasonTooEarly, "%s may be in use until %s, and nothing tells whether its successor %s is in use yet",
			k.name(), r.OverlapEnds, r.New.ID).OnKey(k.ID)
	case r.Use == UseUnknown && r.OverlapEnds.IsNone():
		return Errorf(ReasonTooEarly, "nothing tells whether %s, which replaces %s, is in use yet, nor when the overlap ends",
			r.New.name(), k.name()).OnKey(k.ID)
	}
	return nil
}
