package keys

import (
	"context"
	"errors"
	"slices"
)

// ending returns the old keys that are to be switched off. Of all that are due, those
// that the guard protects are left, so that one of them does not hold up the others.
func (s *Service) ending(ctx context.Context, tx Tx, q *FinishRequest, list []Finished, now Instant) (subjects []Key, err error) {
	for i := range list {
		f := &list[i]
		if f.Result != Changed {
			continue
		}
		with := append(slices.Clone(subjects), f.Key)
		if q.Due && !q.Force {
			_, err = s.guard(ctx, tx, with, now, false)
		}
		switch {
		case errors.Is(err, &Error{Reason: ReasonLastActive}) || errors.Is(err, &Error{Reason: ReasonLastAdmin}):
			f.Result, f.Left, err = Unchanged, true, nil
		case err != nil:
			return nil, err
		default:
			subjects = with
		}
	}
	return subjects, nil
}

// end switches off the old keys that are to be, or deletes them.
func (s *Service) end(ctx context.Context, tx Tx, q *FinishRequest, list []Finished, now Instant) error {
	subjects, err := s.ending(ctx, tx, q, list, now)
	if err == nil {
		err = identified(subjects...)
	}
	if err != nil {
		return err
	}
	forced, err := s.guard(ctx, tx, subjects, now, q.Force)
	for i := 0; i < len(list) && err == nil; i++ {
		if f := &list[i]; f.Result == Changed {
			early := f.Rotation.tooEarly(now) != nil
			err = s.endOne(ctx, tx, q, f, forced || early, now)
		}
	}
	return err
}

func (s *Service) endOne(ctx context.Context, tx Tx, q *FinishRequest, f *Finished, forced bool, now Instant) error {
	was, k := f.Key, f.Key
	after := &k
	var err error
	if off := switchOff[s.rules().Revoke]; off == nil {
		f.Result, after = Deleted, nil
		if err = tx.Delete(ctx, k.ID); err == nil {
			err = s.rejoin(ctx, tx, q.ChangeRequest, []Key{k}, now)
		}
	} else {
		off(&k, now)
		if !k.Enabled {
			k.RevokedBy, k.RevokedReason = s.Actor.Who(), q.Reason
		}
		err = s.write(ctx, tx, &was, &k, now)
	}
	if err != nil {
		return err
	}
	event := s.event(ActionFinish, now, q.ChangeRequest, &was, after)
	event.Forced = forced
	f.Key = k
	if f.Advice = s.adviceOnChange(ActionRevoke, q.ChangeRequest, &k); after == nil {
		f.Advice = s.adviceOnChange(ActionDelete, q.ChangeRequest, &k)
	}
	return tx.Record(ctx, []Event{event})
}
