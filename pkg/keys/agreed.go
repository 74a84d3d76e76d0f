package keys

import (
	"context"
	"errors"
	"maps"
	"slices"
)

// Agreed are keys that somebody agreed to change, by id, each with the status that it
// had then.
type Agreed map[string]Status

// of returns the keys of a list that were agreed on, all of them. ReasonOvertaken says
// of one that it is not in the list any more, or has another status.
func (a Agreed) of(ctx context.Context, r Reader, list []Key, now Instant) ([]Key, error) {
	kept, here := []Key{}, map[string]bool{}
	for i := range list {
		k := &list[i]
		was, agreed := a[k.ID]
		switch {
		case !agreed:
			continue
		case k.Status(now) != was:
			return nil, a.overtaken(k, now)
		}
		kept, here[k.ID] = append(kept, *k), true
	}
	for _, id := range slices.Sorted(maps.Keys(a)) {
		if !here[id] {
			return nil, a.lost(ctx, r, id, now)
		}
	}
	return kept, nil
}

// lost says what became of a key that was agreed on and is not found.
func (a Agreed) lost(ctx context.Context, r Reader, id string, now Instant) error {
	k, err := found(r.Key(ctx, id))
	switch {
	case err != nil:
		return err
	case k == nil:
		return Errorf(ReasonOvertaken, "key %s is gone now, and was %s when it was shown", id, a[id]).OnKey(id)
	}
	return a.overtaken(k, now)
}

func (a Agreed) overtaken(k *Key, now Instant) error {
	is, was := k.Status(now), a[k.ID]
	if is == was {
		return Errorf(ReasonOvertaken, "key %s does not match any more, and did when it was shown", k.name()).OnKey(k.ID)
	}
	return Errorf(ReasonOvertaken, "key %s is %s now, and was %s when it was shown", k.name(), is, was).OnKey(k.ID)
}

// named returns the keys that refs name, of which one that was agreed on may be gone.
func (s *Service) named(ctx context.Context, r Reader, q *ChangeRequest, now Instant) ([]Key, error) {
	list, err := s.selectIn(ctx, r, q.Refs)
	if q.Agreed == nil {
		return list, err
	}
	if gone := (*absent)(nil); errors.As(err, &gone) {
		return nil, q.Agreed.lost(ctx, r, gone.name, now)
	}
	if err != nil {
		return nil, err
	}
	return q.Agreed.of(ctx, r, list, now)
}

// unless is why a described key is left out, where nobody had agreed on it.
func (a Agreed) unless(e *Error) error {
	if a == nil {
		return nil
	}
	return Errorf(ReasonOvertaken, "%s", e.Message).OnKey(e.Key)
}
