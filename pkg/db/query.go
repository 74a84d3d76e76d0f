package db

import (
	"context"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Page implements [keys.Reader].
func (r *rows) Page(ctx context.Context, q keys.Query) ([]keys.Key, error) {
	limit := q.Limit
	if limit == 0 {
		limit = pageSize
	}
	p := r.every
	if q.Fields != 0 {
		p = r.projection(q.Fields | keys.FieldsOf(keys.FieldID, keys.FieldCreatedAt))
	}
	if q.Ref == nil {
		return r.listed(ctx, p, limit, r.matching(q), q.After)
	}
	behind, err := r.behind(ctx, q.After)
	if err != nil {
		return nil, err
	}
	c := all(r.reference(q.Ref), r.matching(q), behind)
	if q.Any {
		return r.fetchSome(ctx, p, 1, " WHERE "+c.sql+" LIMIT ?", append(c.args, limit)...)
	}
	return r.referenced(ctx, p, limit, c)
}

// order is the tail of a statement that puts keys in the order of a listing. Sorted
// by expressions, a few keys are looked up where by the columns the engine might
// walk the whole table in their order.
func (t *table) order(expression string) string {
	id := expression + t.column[keys.FieldID]
	if t.lacks(keys.FieldCreatedAt) {
		return " ORDER BY " + id + " LIMIT ?"
	}
	return " ORDER BY " + expression + t.column[keys.FieldCreatedAt] + " DESC, " + id + " LIMIT ?"
}

func (r *rows) ordered(ctx context.Context, p projection, limit int, c cond) ([]keys.Key, error) {
	return r.fetchSome(ctx, p, min(limit, pageSize), " WHERE "+c.sql+r.order(""), append(c.args, limit)...)
}

func (r *rows) referenced(ctx context.Context, p projection, limit int, c cond) ([]keys.Key, error) {
	return r.fetchSome(ctx, p, 1, " WHERE "+c.sql+r.order("+"), append(c.args, limit)...)
}

// Count implements [keys.Reader].
func (r *rows) Count(ctx context.Context, now keys.Instant) (map[keys.Status]int, error) {
	var sums []string
	var args []any
	for _, s := range keys.Statuses() {
		c := r.status(s, now)
		sums = append(sums, "coalesce(sum("+c.sql+"), 0)")
		args = append(args, c.args...)
	}
	counts := make([]int, len(sums))
	refs := make([]any, len(sums))
	for i := range counts {
		refs[i] = &counts[i]
	}
	row := r.session.queryRow(ctx, "SELECT "+strings.Join(sums, ", ")+" FROM "+quote(r.Table), args...)
	if err := row.Scan(refs...); err != nil {
		return nil, wrap(err, r.path, "counting keys")
	}
	result := map[keys.Status]int{}
	for i, s := range keys.Statuses() {
		result[s] = counts[i]
	}
	return result, nil
}
