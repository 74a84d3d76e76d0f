package keys

import (
	"context"
	"slices"
)

// Kin returns the keys with those that they replaced and that replaced them, where
// their table leaves that to the audit.
func (s *Service) Kin(ctx context.Context, list []Key) (kin []Key, err error) {
	if s.keepsLineage() {
		return list, nil
	}
	line, err := s.lineage(ctx, list)
	if err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(r Reader) error {
		kin = slices.Clone(list)
		for i := range list {
			next, _, err := line.after(ctx, r, &list[i])
			if err != nil {
				return err
			}
			old, err := line.before(ctx, r, &list[i])
			if err != nil {
				return err
			}
			kin[i].Successor, kin[i].Predecessor = idOf(next), idOf(old)
		}
		return nil
	})
	return kin, err
}
