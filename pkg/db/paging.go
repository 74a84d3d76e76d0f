package db

import (
	"context"
	"database/sql/driver"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// listed returns a page of a listing. Rows whose id is not what it should be have
// no place in the order: they come after all others, on the last page.
func (r *rows) listed(ctx context.Context, p projection, limit int, match cond, after *keys.Key) ([]keys.Key, error) {
	if r.checked {
		return r.walk(ctx, p, limit, match, after)
	}
	if after != nil && !after.Identified() {
		return nil, nil
	}
	named := cond{sql: r.comparable(keys.FieldID) + " AND " + r.column[keys.FieldID] + " <> ''"}
	page, err := r.walk(ctx, p, limit, all(named, match), after)
	if err != nil || len(page) == limit {
		return page, err
	}
	c := all(not(named), match)
	rest, err := r.fetchSome(ctx, p, 0, " WHERE "+c.sql+" LIMIT ?", append(c.args, limit-len(page))...)
	return append(page, rest...), err
}

// walk returns the keys after one, which may be nil: by several statements instead of
// one with OR, since each walks an index from its place.
func (r *rows) walk(ctx context.Context, p projection, limit int, match cond, after *keys.Key) ([]keys.Key, error) {
	if after == nil {
		return r.ordered(ctx, p, limit, match)
	}
	places, err := r.places(ctx, after, "")
	var page []keys.Key
	for i := 0; err == nil && i < len(places) && len(page) < limit; i++ {
		var more []keys.Key
		more, err = r.ordered(ctx, p, limit-len(page), all(places[i], match))
		if page == nil {
			page = more // a copy of a whole page would double its cost
		} else {
			page = append(page, more...)
		}
	}
	return page, err
}

// behind is the condition that a key comes after this one, which may be nil.
func (r *rows) behind(ctx context.Context, k *keys.Key) (cond, error) {
	if k == nil {
		return always(true), nil
	}
	places, err := r.places(ctx, k, "+")
	return either(places...), err
}

// places are the conditions of which the keys after k meet one each, in their order.
func (r *rows) places(ctx context.Context, k *keys.Key, expression string) ([]cond, error) {
	id := cond{expression + r.column[keys.FieldID] + " > ?", []any{r.bind(keys.FieldID, &k.ID)}}
	if r.lacks(keys.FieldCreatedAt) {
		return []cond{id}, nil
	}
	created := expression + r.column[keys.FieldCreatedAt]
	at, err := r.created(ctx, k)
	if err != nil {
		return nil, err
	}
	never := cond{sql: created + " IS NULL"}
	if at == nil {
		return []cond{join("AND", []cond{never, id})}, nil
	}
	same := cond{created + " = ? AND " + id.sql, append([]any{at}, id.args...)}
	list := []cond{same, {created + " < ?", []any{at}}}
	if !r.checked {
		list = append(list, never)
	}
	return list, nil
}

// created returns the creation of k as its row has it. Where the column says more
// than a key, such as a fraction of a millisecond, or something else than it should,
// only the row tells the place of the key among others.
func (r *rows) created(ctx context.Context, k *keys.Key) (at any, err error) {
	at = r.bind(keys.FieldCreatedAt, &k.CreatedAt)
	c := r.codecOf(keys.FieldCreatedAt)
	if at != nil && c.exact && k.CreatedAt != earliest && k.CreatedAt != latest {
		return at, nil
	}
	query := "SELECT " + r.result(keys.FieldCreatedAt) + " FROM " + quote(r.Table) + r.byID()
	err = r.session.each(ctx, query, []any{r.bind(keys.FieldID, &k.ID)}, func(values []driver.Value) error {
		if at = values[0]; at != nil {
			at = clone(at)
		}
		return nil
	})
	return at, wrap(err, r.path, "looking for a place in the list")
}

// clone copies what belongs to the driver.
func clone(v any) any {
	if b, ok := v.([]byte); ok {
		return append([]byte{}, b...)
	}
	return v
}
