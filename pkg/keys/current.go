package keys

import (
	"context"
	"slices"
)

// settleCurrent replaces labels by ids where only an audit knows which key replaced
// which: a label means the key without a successor, and the table has several of it.
// It reads the audit where one does, before anything of the database is held.
func (s *Service) settleCurrent(ctx context.Context, refs []Ref) error {
	if s.keepsLineage() || !s.Store.Info().Recalls {
		return nil
	}
	several := make([][]Key, len(refs))
	err := s.Store.View(ctx, func(r Reader) (err error) {
		for i := 0; i < len(refs) && err == nil; i++ {
			several[i], err = s.sharing(ctx, r, refs[i].text)
		}
		return err
	})
	if err != nil || !slices.ContainsFunc(several, func(list []Key) bool { return len(list) > 0 }) {
		return err
	}
	if several, err = s.Unreplaced(ctx, several); err != nil {
		return ctx.Err() // that the label means several keys is true all the same
	}
	for i, list := range several {
		if len(list) == 1 {
			refs[i] = IDRef(list[0].ID)
		}
	}
	return nil
}

// sharing returns the keys that a text names by their label, where these are several. An
// id, or the beginning of one, means that key, whatever others are called.
func (s *Service) sharing(ctx context.Context, r Reader, text string) ([]Key, error) {
	if text == "" {
		return nil, nil
	}
	q := s.refQuery(text)
	list, err := everyKey(ctx, r, Query{Ref: &q})
	named := func(k Key) bool { return k.Label != text || k.ID == text || !k.Identified() }
	if err != nil || len(list) < 2 || slices.ContainsFunc(list, named) {
		return nil, err
	}
	return list, nil
}

// Unreplaced returns of each list the keys that no other one of it replaced, as far as
// the table or its audit tells.
func (s *Service) Unreplaced(ctx context.Context, lists [][]Key) ([][]Key, error) {
	line, err := s.lineage(ctx, slices.Concat(lists...))
	if err != nil {
		return nil, err
	}
	left := make([][]Key, len(lists))
	err = s.Store.View(ctx, func(r Reader) (err error) {
		for i := 0; i < len(lists) && err == nil; i++ {
			left[i], err = line.unreplaced(ctx, r, lists[i])
		}
		return err
	})
	return left, err
}

func (l *lineage) unreplaced(ctx context.Context, r Reader, list []Key) (left []Key, err error) {
	for i := range list {
		next, _, err := l.after(ctx, r, &list[i])
		for n := 0; err == nil && next != nil && !holds(list, next.ID) && n <= len(l.rotated); n++ {
			next, _, err = l.after(ctx, r, next)
		}
		if err != nil {
			return nil, err
		}
		if next == nil || !holds(list, next.ID) || next.ID == list[i].ID {
			left = append(left, list[i])
		}
	}
	return left, nil
}

func holds(list []Key, id string) bool {
	return slices.ContainsFunc(list, func(k Key) bool { return k.ID == id })
}
