package keys

import (
	"context"
	"errors"
)

// rejoin makes the neighbours of keys that are gone succeed each other. A key that
// would get its label back by that, and may not have it, keeps the successor that is
// gone.
func (s *Service) rejoin(ctx context.Context, tx Tx, q ChangeRequest, list []Key, now Instant) error {
	if held := s.Store.Info().Fields; !held.Has(FieldSuccessor) || !held.Has(FieldPredecessor) {
		return nil
	}
	gone := make(map[string]*Key, len(list))
	for i := range list {
		gone[list[i].ID] = &list[i]
	}
	for i := range list {
		before := nearest(gone, list[i].ID, func(k *Key) string { return k.Predecessor })
		after := nearest(gone, list[i].ID, func(k *Key) string { return k.Successor })
		if err := s.join(ctx, tx, q, gone, before, after, now); err != nil {
			return err
		}
	}
	return nil
}

// nearest follows a line past the keys that are gone, and returns the id of the first
// that is not. Lines that somebody else wrote may turn back on themselves.
func nearest(gone map[string]*Key, id string, next func(*Key) string) string {
	for range gone {
		k := gone[id]
		if k == nil {
			break
		}
		id = next(k)
	}
	if gone[id] != nil {
		return ""
	}
	return id
}

// join makes two keys succeed each other that pointed to keys which are gone.
func (s *Service) join(ctx context.Context, tx Tx, q ChangeRequest, gone map[string]*Key, before, after string, now Instant) error {
	first, err := s.neighbour(ctx, tx, before)
	if err != nil {
		return err
	}
	second, err := s.neighbour(ctx, tx, after)
	if err != nil {
		return err
	}
	if first != nil && gone[first.Successor] != nil {
		if err := s.relink(ctx, tx, q, first, FieldSuccessor, idOf(second), now); err != nil {
			return err
		}
	}
	if second != nil && gone[second.Predecessor] != nil {
		return s.relink(ctx, tx, q, second, FieldPredecessor, idOf(first), now)
	}
	return nil
}

// neighbour returns the key with this id, nil where there is none.
func (s *Service) neighbour(ctx context.Context, r Reader, id string) (*Key, error) {
	if id == "" {
		return nil, nil
	}
	k, err := r.Key(ctx, id)
	if errors.Is(err, &Error{Reason: ReasonNotFound}) {
		return nil, nil
	}
	return &k, err
}

func idOf(k *Key) string {
	if k == nil {
		return ""
	}
	return k.ID
}

// relink writes the id of another neighbour into a key.
func (s *Service) relink(ctx context.Context, tx Tx, q ChangeRequest, k *Key, f Field, id string, now Instant) error {
	c := Change{Key: *k, Result: Changed}
	*f.Ref(&c.Key).(*string) = id
	if c.Key.Successor == "" && k.Successor != "" {
		err := s.mayStandAlone(ctx, tx, &c.Key, now)
		if errors.Is(err, &Error{Reason: ReasonLabelTaken}) || errors.Is(err, &Error{Reason: ReasonPolicy}) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return s.changeTo(ctx, tx, q, ActionUpdate, k, &c, now, false)
}

// mayStandAlone refuses a key without a successor beside another one of its label, or
// beside another that one_full_key lets its owner have.
func (s *Service) mayStandAlone(ctx context.Context, tx Tx, k *Key, now Instant) error {
	if err := s.labelFree(ctx, tx, k, now); err != nil || !s.rules().Settings {
		return err
	}
	policy, err := tx.Policy(ctx)
	if err != nil {
		return err
	}
	return s.policyAllows(ctx, tx, policy, []Key{*k}, now)
}
