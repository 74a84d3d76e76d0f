package keys

import "context"

// Delete removes keys for good, all or none, and takes them out of their lines: the
// keys before and after one that is gone succeed each other. The guards of Revoke
// hold, and ReasonStillActive protects keys that a running server remembers once it has
// accepted them.
func (s *Service) Delete(ctx context.Context, q ChangeRequest) ([]Change, error) {
	return s.change(ctx, q, s.remover(ctx, q))
}

// remover returns what removes the keys of a request.
func (s *Service) remover(ctx context.Context, q ChangeRequest) func(Tx, []Key, Instant) ([]Change, error) {
	return func(tx Tx, list []Key, now Instant) ([]Change, error) {
		forced, err := s.guard(ctx, tx, list, now, q.Force)
		if err != nil {
			return nil, err
		}
		remembered, err := s.remembered(list, now, q.Force)
		if err != nil {
			return nil, err
		}
		done, err := s.deleteEach(ctx, tx, q, list, now, forced || remembered)
		if err != nil {
			return nil, err
		}
		return done, s.rejoin(ctx, tx, q, list, now)
	}
}

func (s *Service) deleteEach(ctx context.Context, tx Tx, q ChangeRequest, list []Key, now Instant, forced bool) (done []Change, err error) {
	for i := range list {
		k := &list[i]
		if err := tx.Delete(ctx, k.ID); err != nil {
			return nil, err
		}
		event := s.event(ActionDelete, now, q, k, nil)
		event.Forced = forced
		if err := tx.Record(ctx, []Event{event}); err != nil {
			return nil, err
		}
		done = append(done, Change{Key: *k, Was: k.Status(now), Result: Deleted, Advice: s.adviceOnChange(ActionDelete, q, k)})
	}
	return done, nil
}

// remembered refuses to delete keys in use where the server would go on accepting
// them, and only a key that is still there can be taken from its memory. force
// overrides it; the first result tells that it had to.
func (s *Service) remembered(list []Key, now Instant, force bool) (forced bool, err error) {
	why := s.rules().KeepActive
	if why == "" {
		return false, nil
	}
	for i := range list {
		switch k := &list[i]; {
		case !usable(k, now):
		case force:
			forced = true
		default:
			return false, Errorf(ReasonStillActive, "%s is %s: %s", k.name(), k.Status(now), why).OnKey(k.ID)
		}
	}
	return forced, nil
}
