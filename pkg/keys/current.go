package keys

import (
	"context"
	"errors"
)

// settleCurrent is settle for rotations. A label means the key without a successor,
// which a table without a column for that cannot tell: of several keys that a text
// could mean there those are left out that others of them replaced.
func (s *Service) settleCurrent(ctx context.Context, refs []Ref) ([]Ref, error) {
	settled, err := s.settle(ctx, refs)
	if err != nil || s.keepsLineage() {
		return settled, err
	}
	for i, ref := range settled {
		_, err := s.Select(ctx, ref)
		several := (*Error)(nil)
		if !errors.As(err, &several) || several.Reason != ReasonAmbiguous {
			continue
		}
		left, err := s.unreplaced(ctx, several.Matches)
		if err != nil {
			return nil, err
		}
		if len(left) == 1 {
			settled[i] = IDRef(left[0].ID)
		}
	}
	return settled, nil
}

// unreplaced returns the keys of the list that no other key of it replaced.
func (s *Service) unreplaced(ctx context.Context, list []Key) (left []Key, err error) {
	line, err := s.lineage(ctx, list)
	if err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for i := range list {
		listed[list[i].ID] = true
	}
	err = s.Store.View(ctx, func(r Reader) error {
		left = left[:0]
		for i := range list {
			next, _, err := line.after(ctx, r, &list[i])
			if err != nil {
				return err
			}
			if next == nil || !listed[next.ID] {
				left = append(left, list[i])
			}
		}
		return nil
	})
	return left, err
}
