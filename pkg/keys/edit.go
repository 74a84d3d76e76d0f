package keys

import "context"

// edition is a change of keys in place.
type edition struct {
	action Action
	// apply changes a key, and tells whether it did.
	apply func(k *Key, now Instant) (changed bool, err error)
	// allowed, if there is one, judges the keys that change, as they will be.
	allowed func(tx Tx, changed []Key, now Instant) error
	// stayed, if there is one, says why a key is unchanged where that is not plain.
	stayed func(k *Key) []string
}

// edit does e to the keys that the request names or describes, to all or none, under
// the guard.
func (s *Service) edit(ctx context.Context, q ChangeRequest, e edition) ([]Change, error) {
	return s.change(ctx, q, func(tx Tx, list []Key, now Instant) ([]Change, error) {
		done, changed, err := e.applied(list, now)
		if err != nil {
			return nil, err
		}
		forced, err := s.guardChange(ctx, tx, list, done, now, q.Force)
		if err != nil {
			return nil, err
		}
		if e.allowed != nil {
			if err := e.allowed(tx, changed, now); err != nil {
				return nil, err
			}
		}
		for i := range done {
			if err := s.changeTo(ctx, tx, q, e.action, &list[i], &done[i], now, forced); err != nil {
				return nil, err
			}
		}
		return done, nil
	})
}

// applied returns what becomes of each key, and those that change where somebody is to
// judge them.
func (e *edition) applied(list []Key, now Instant) (done []Change, changed []Key, err error) {
	done = make([]Change, len(list))
	if e.allowed != nil {
		changed = make([]Key, 0, len(list))
	}
	for i := range list {
		c := &done[i]
		c.Key, c.Was, c.Result = list[i], list[i].Status(now), Unchanged
		other, err := e.apply(&c.Key, now)
		switch {
		case err != nil:
			return nil, nil, err
		case other:
			if c.Result = Changed; e.allowed != nil {
				changed = append(changed, c.Key)
			}
		case e.stayed != nil:
			c.Advice = e.stayed(&c.Key)
		}
	}
	return done, changed, nil
}

// changeTo writes what becomes of a key, if it changes, and records it. Its label must
// be free if it did not hold it before.
func (s *Service) changeTo(ctx context.Context, tx Tx, q ChangeRequest, action Action, before *Key, c *Change, now Instant, forced bool) error {
	if c.Result != Changed {
		return nil
	}
	k := &c.Key
	if !before.holds(now) || before.Label != k.Label {
		if err := s.labelFree(ctx, tx, k, now); err != nil {
			return err
		}
	}
	if err := s.replace(ctx, tx, k, now); err != nil {
		return err
	}
	c.Advice = s.adviceOnChange(action, q, k)
	event := s.event(action, now, q, before, k)
	event.Forced = forced
	return tx.Record(ctx, []Event{event})
}

// replace writes a key that was changed.
func (s *Service) replace(ctx context.Context, tx Tx, k *Key, now Instant) error {
	k.UpdatedAt = now
	k.drop(lacking(s.Store.Info().Fields))
	return tx.Replace(ctx, k)
}
