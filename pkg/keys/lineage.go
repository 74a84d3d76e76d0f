package keys

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
)

// lineage tells which key replaced which. A table without columns for that leaves
// it to the audit, which is read before anything of the database is held.
type lineage struct {
	rotated map[string]succession // by the id of the key that was replaced; nil where the table tells
	made    map[string]origin     // by the id of its successor
}

// succession is what the event of a rotation tells, besides the keys.
type succession struct {
	At        Instant
	Successor string
	Created   Instant // of the successor, as its table keeps that
	Ends      Instant // of the overlap
	RequestID string
}

// origin is what the event of a key's creation tells where it replaced another.
type origin struct {
	Predecessor string
	Created     Instant
	RequestID   string
}

// bond is a key with the one that replaced it.
type bond struct {
	old  *Key // nil: it is gone
	next *Key // nil: it is gone
	told succession
}

const lineageFields = Fields(1<<FieldSuccessor | 1<<FieldPredecessor | 1<<FieldRequestID)

// keepsLineage tells whether the table itself knows which key replaced which.
func (s *Service) keepsLineage() bool { return lineageFields.Without(s.Store.Info().Fields) == 0 }

// lineage reads what the audit tells of keys, of those that they replaced, and of
// those that replaced them. Where the table tells all of that itself, it reads nothing.
func (s *Service) lineage(ctx context.Context, list []Key) (*lineage, error) {
	l := &lineage{}
	if s.keepsLineage() && s.Store.Info().Fields.Has(FieldExpiresAt) || len(list) == 0 {
		return l, nil
	}
	l.rotated, l.made = map[string]succession{}, map[string]origin{}
	ids := map[string]bool{}
	for i := range list {
		ids[list[i].ID] = true
	}
	if err := s.origins(ctx, l, ids); err != nil {
		return nil, err
	}
	return l, s.successions(ctx, l, ids)
}

// origins adds to ids those of the keys that were replaced.
func (s *Service) origins(ctx context.Context, l *lineage, ids map[string]bool) error {
	found, err := s.Store.Last(ctx, ActionCreate, slices.Collect(maps.Keys(ids))...)
	for id, e := range found {
		if o, ok := originIn(e); ok {
			l.made[id], ids[o.Predecessor] = o, true
		}
	}
	return err
}

// successions looks for successors, and for those of the successors in turn, so that
// it is known whether one was itself replaced.
func (s *Service) successions(ctx context.Context, l *lineage, ids map[string]bool) error {
	for range 2 {
		found, err := s.Store.Last(ctx, ActionRotate, slices.Collect(maps.Keys(ids))...)
		if err != nil {
			return err
		}
		clear(ids)
		for id, e := range found {
			if told, ok := successionIn(e); ok {
				l.rotated[id], ids[told.Successor] = told, true
			}
		}
	}
	return nil
}

// after returns the key that replaced k, nil if none did or it is gone. Ids may be
// used again: what the audit tells is about k only if k was there by then, and about
// a successor only if that was made at the moment that it tells.
func (l *lineage) after(ctx context.Context, r Reader, k *Key) (*Key, succession, error) {
	told := l.rotated[k.ID]
	id := cmp.Or(k.Successor, told.Successor)
	if id == "" || id == k.ID || k.Successor == "" && k.CreatedAt.Millis() > told.At.Millis() {
		return nil, succession{}, nil
	}
	if told.Successor != id {
		told = succession{Successor: id}
	}
	next, err := found(r.Key(ctx, id))
	if next == nil || err != nil || k.Successor == "" && next.CreatedAt != told.Created {
		return nil, succession{}, err
	}
	told.RequestID = cmp.Or(next.RequestID, told.RequestID)
	return next, told, nil
}

// before returns the key that k replaced, nil if there was none or it is gone.
func (l *lineage) before(ctx context.Context, r Reader, k *Key) (*Key, error) {
	id := cmp.Or(k.Predecessor, l.made[k.ID].Predecessor)
	if id == "" || id == k.ID {
		return nil, nil
	}
	old, err := found(r.Key(ctx, id))
	if old == nil || err != nil {
		return nil, err
	}
	next, _, err := l.after(ctx, r, old)
	if next == nil || next.ID != k.ID {
		return nil, err
	}
	return old, nil
}

// found makes nil of a key that is not there.
func found(k Key, err error) (*Key, error) {
	if errors.Is(err, &Error{Reason: ReasonNotFound}) {
		return nil, nil
	}
	return &k, err
}

// bond returns the rotation that k is part of, as the old key if it can be, nil for
// none.
func (l *lineage) bond(ctx context.Context, r Reader, k *Key) (*bond, error) {
	next, told, err := l.after(ctx, r, k)
	if err != nil {
		return nil, err
	}
	if next != nil || k.Successor != "" {
		return &bond{k, next, told}, nil
	}
	old, err := l.before(ctx, r, k)
	if old == nil || err != nil {
		return nil, err
	}
	next, told, err = l.after(ctx, r, old)
	return &bond{old, next, told}, err
}

// requestOf returns the request id of the rotation that made k, "" for none.
func (l *lineage) requestOf(k *Key) string {
	if o, ok := l.made[k.ID]; ok && k.RequestID == "" && o.Created == k.CreatedAt {
		return o.RequestID
	}
	return k.RequestID
}
