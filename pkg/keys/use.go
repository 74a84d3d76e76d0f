package keys

import (
	"context"
	"slices"
)

// idling are the fields that tell how long a key has been unused.
const idling = Fields(1<<FieldCreatedAt | 1<<FieldLastUsedAt | 1<<FieldNotBefore | 1<<FieldRevokedUntil)

// unusedBy tells whether the key was made by that moment and, as far as its row says, not
// used since then, although it could be: a key that has not begun, or not come back from a
// revocation, waits for its time, and has it from then on.
func (k *Key) unusedBy(by Instant) bool {
	latest := later(later(k.LastUsedAt, k.NotBefore), k.RevokedUntil)
	return k.CreatedAt.Reached(by) && (latest.IsNone() || latest.Reached(by))
}

// Used tells whether somebody has used the key since it was made, as far as that is
// recorded: some servers write the making of a key as its first use.
func (k *Key) Used() bool {
	return !k.LastUsedAt.IsNone() && k.LastUsedAt.Millis() > k.CreatedAt.Millis()
}

// everyMatch is everyKey, but of keys that are chosen for being unused it gives none where
// nobody keeps books of use.
func (s *Service) everyMatch(ctx context.Context, r Reader, q Query) ([]Key, error) {
	list, err := everyKey(ctx, r, q)
	if err != nil || len(list) == 0 || q.UnusedBy.IsNone() {
		return list, err
	}
	return list, s.useIsRecorded(ctx, r, q.UnusedBy)
}

// useIsRecorded refuses to take keys for unused where nobody keeps books: no use of
// any key is recorded since that moment.
func (s *Service) useIsRecorded(ctx context.Context, r Reader, since Instant) error {
	q := Query{Now: since, UsedSince: since, Limit: 100}
	for {
		page, err := r.Page(ctx, q)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return Errorf(ReasonUnsupported, "no use of any key is recorded since %s: nothing tells which keys are unused", since)
		}
		if slices.ContainsFunc(page, func(k Key) bool { return k.Used() }) {
			return nil
		}
		q.After = &page[len(page)-1]
	}
}
