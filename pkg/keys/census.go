package keys

import (
	"context"
	"hash/fnv"
)

// census tells the rows of a table at one moment from those at another.
type census struct {
	rows int
	sum  uint64
}

// census counts the rows. Where a table keeps no lineage, it tells under the lock
// whether a key came since the audit was read, which could be somebody's successor.
func (s *Service) census(ctx context.Context, r Reader) (c census, err error) {
	q := Query{Now: s.now(), Fields: FieldsOf(FieldCreatedAt)}
	for {
		page, err := r.Page(ctx, q)
		if err != nil || len(page) == 0 {
			return c, err
		}
		for i := range page {
			h := fnv.New64a()
			h.Write([]byte(page[i].ID + " " + page[i].CreatedAt.String()))
			c.rows, c.sum = c.rows+1, c.sum+h.Sum64()
		}
		q.After = &page[len(page)-1]
	}
}
