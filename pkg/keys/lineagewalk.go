package keys

import (
	"context"
	"maps"
	"slices"
)

// origins reads what made keys, and the keys that these replaced, and so on to the
// first of each line; it adds all of them to ids.
func (s *Service) origins(ctx context.Context, l *lineage, ids map[string]bool) error {
	for asked := maps.Clone(ids); len(asked) > 0; {
		found, err := s.Store.Last(ctx, ActionCreate, slices.Collect(maps.Keys(asked))...)
		if err != nil {
			return err
		}
		clear(asked)
		for id, e := range found {
			o, ok := originIn(e)
			if !ok {
				continue
			}
			if l.made[id] = o; !ids[o.Predecessor] {
				ids[o.Predecessor], asked[o.Predecessor] = true, true
			}
		}
	}
	return nil
}

// successions reads what replaced keys, and what replaced that, and so on to the last
// of each line.
func (s *Service) successions(ctx context.Context, l *lineage, ids map[string]bool) error {
	for asked := maps.Clone(ids); len(asked) > 0; {
		found, err := s.Store.Last(ctx, ActionRotate, slices.Collect(maps.Keys(asked))...)
		if err != nil {
			return err
		}
		clear(asked)
		for id, e := range found {
			told, ok := successionIn(e)
			if !ok {
				continue
			}
			if l.rotated[id] = told; !ids[told.Successor] {
				ids[told.Successor], asked[told.Successor] = true, true
			}
		}
	}
	return nil
}

// outdated refuses a request that made one of the keys before k: whoever repeats it
// comes too late, and another key would be one too many.
func (l *lineage) outdated(ctx context.Context, r Reader, k *Key, request string) error {
	for old := k; old != nil; {
		var err error
		if old, err = l.before(ctx, r, old); err != nil {
			return err
		}
		if old != nil && l.requestOf(old) == request {
			e := Errorf(ReasonAlreadyRotated, "that request made %s, which was replaced by %s since", old.ID, k.name())
			e.Matches = []Key{*k}
			return e.OnKey(old.ID)
		}
	}
	return nil
}

// live puts the nearest key that is still accepted in the place of a successor that
// was itself replaced and has ended: it is what the clients of the old key use.
func (l *lineage) live(ctx context.Context, r Reader, b *bond, now Instant) error {
	for b.next != nil && !usable(b.next, now) {
		next, _, err := l.after(ctx, r, b.next)
		if next == nil || err != nil {
			return err
		}
		b.next = next
	}
	return nil
}
