package keys

import (
	"cmp"
	"context"
	"errors"
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
	Unsure    bool // of [Event]
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

const (
	lineFields    = Fields(1<<FieldSuccessor | 1<<FieldPredecessor)
	lineageFields = lineFields | 1<<FieldRequestID
)

// keepsLineage tells whether the table itself knows which key replaced which.
func (s *Service) keepsLineage() bool { return lineageFields.Without(s.Store.Info().Fields) == 0 }

// remembers refuses to answer by what the table has no columns for, and no audit tells.
func (s *Service) remembers(fields Fields) error {
	if info := s.Store.Info(); info.Recalls || fields.Without(info.Fields) == 0 {
		return nil
	}
	return Errorf(ReasonUnsupported, "nothing remembers the rotations of %s: its key table has no columns for them, and no audit is kept", s.rules().server())
}

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

// after returns the key that replaced k, nil if none did or nothing of its line is
// left. Ids may be used again: what the audit tells is about k only if k was there by
// then, and about a successor only if that was made at the moment that it tells.
func (l *lineage) after(ctx context.Context, r Reader, k *Key) (*Key, succession, error) {
	if k.Successor == "" {
		return l.nearest(ctx, r, k)
	}
	if k.Successor == k.ID {
		return nil, succession{}, nil
	}
	told := l.rotated[k.ID]
	if told.Successor != k.Successor {
		told = succession{Successor: k.Successor}
	}
	next, err := found(r.Key(ctx, k.Successor))
	if next == nil || err != nil {
		return nil, told, err
	}
	told.RequestID = cmp.Or(next.RequestID, told.RequestID)
	return next, told, nil
}

// passed tells whether a key was itself replaced, whatever became of its successor. A
// rotation that may have been cut off before its commit counts where a row proves it.
func (l *lineage) passed(ctx context.Context, r Reader, k *Key) (bool, error) {
	told := l.rotated[k.ID]
	switch {
	case k.Successor != "":
		return true, nil
	case told.Unsure:
		next, _, err := l.nearest(ctx, r, k)
		return next != nil, err
	}
	return told.Successor != "" && told.Successor != k.ID && k.CreatedAt.Millis() <= told.At.Millis(), nil
}

// nearest returns the first key of the line behind k, as the audit tells it, that is
// still there: one that was deleted leaves its place to the next, but not to what
// replaced another key that has its id now.
func (l *lineage) nearest(ctx context.Context, r Reader, k *Key) (*Key, succession, error) {
	told, ends := l.rotated[k.ID], l.rotated[k.ID].Ends
	for since, n := k.CreatedAt.Millis(), 0; told.Successor != "" && since <= told.At.Millis() && n <= len(l.rotated); n++ {
		next, err := found(r.Key(ctx, told.Successor))
		if err != nil {
			return nil, succession{}, err
		}
		if told.Ends = ends; next != nil && next.ID != k.ID && next.CreatedAt == told.Created {
			told.RequestID = cmp.Or(next.RequestID, told.RequestID)
			return next, told, nil
		}
		since, told = told.At.Millis(), l.rotated[told.Successor]
		if next != nil && next.CreatedAt.Millis() <= told.At.Millis() {
			break
		}
	}
	return nil, succession{}, nil
}

// before returns the key that k replaced, nil if there was none or it is gone.
func (l *lineage) before(ctx context.Context, r Reader, k *Key) (*Key, error) {
	id := cmp.Or(k.Predecessor, l.made[k.ID].Predecessor)
	var old *Key
	for n := 0; old == nil && n <= len(l.made); n++ {
		if id == "" || id == k.ID {
			return nil, nil
		}
		var err error
		if old, err = found(r.Key(ctx, id)); err != nil {
			return nil, err
		}
		id = l.made[id].Predecessor
	}
	if old == nil {
		return nil, nil
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
