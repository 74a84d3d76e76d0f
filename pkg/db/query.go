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
	if q.Ref != nil {
		c := all(r.reference(q.Ref), r.matching(q), r.behind(q.After))
		if q.Any {
			return r.fetchSome(ctx, p, 1, " WHERE "+c.sql+" LIMIT ?", append(c.args, limit)...)
		}
		return r.referenced(ctx, p, limit, c)
	}
	match := r.matching(q)
	if q.After == nil {
		return r.ordered(ctx, p, limit, match)
	}
	// Two statements instead of one with OR: each walks the index from its place.
	created, id := r.column[keys.FieldCreatedAt], r.column[keys.FieldID]
	at := r.bind(keys.FieldCreatedAt, &q.After.CreatedAt)
	page, err := r.ordered(ctx, p, limit, all(cond{created + " = ? AND " + id + " > ?", []any{at, q.After.ID}}, match))
	if err != nil || len(page) == limit {
		return page, err
	}
	older, err := r.ordered(ctx, p, limit-len(page), all(cond{created + " < ?", []any{at}}, match))
	return append(page, older...), err
}

func (r *rows) ordered(ctx context.Context, p projection, limit int, c cond) ([]keys.Key, error) {
	tail := " WHERE " + c.sql + " ORDER BY " + r.column[keys.FieldCreatedAt] + " DESC, " + r.column[keys.FieldID] + " LIMIT ?"
	return r.fetchSome(ctx, p, min(limit, pageSize), tail, append(c.args, limit)...)
}

// referenced sorts by expressions: by the columns, the engine might walk the whole
// table in their order instead of looking up a few ids.
func (r *rows) referenced(ctx context.Context, p projection, limit int, c cond) ([]keys.Key, error) {
	tail := " WHERE " + c.sql + " ORDER BY +" + r.column[keys.FieldCreatedAt] + " DESC, +" + r.column[keys.FieldID] + " LIMIT ?"
	return r.fetchSome(ctx, p, 1, tail, append(c.args, limit)...)
}

// behind is the condition that a key comes after this one, which may be nil.
func (r *rows) behind(k *keys.Key) cond {
	if k == nil {
		return always(true)
	}
	created, id := "+"+r.column[keys.FieldCreatedAt], "+"+r.column[keys.FieldID]
	at := r.bind(keys.FieldCreatedAt, &k.CreatedAt)
	return either(cond{created + " < ?", []any{at}}, cond{created + " = ? AND " + id + " > ?", []any{at, k.ID}})
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

// Survivor implements [keys.Reader].
func (r *rows) Survivor(ctx context.Context, now keys.Instant, role string, except []string) (bool, error) {
	lasting := now.Add(keys.GuardHorizon)
	conds := []cond{
		all(not(r.compare(keys.FieldExpiresAt, "<=", &lasting)), not(r.compare(keys.FieldNotBefore, ">", &now))),
	}
	if name, ok := r.column[keys.FieldResource]; ok {
		conds = append(conds, cond{sql: name + " IS NULL"})
	}
	if role != "" {
		conds = append(conds, r.compare(keys.FieldRole, "=", &role))
	}
	// The literal lets the partial index of enabled keys serve the common case.
	for _, on := range r.switchedOn(now) {
		found, err := r.outside(ctx, all(append(conds, on)...), except)
		if found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// switchedOn returns the ways not to be revoked at now, each for a query of its own.
func (r *rows) switchedOn(now keys.Instant) []cond {
	enabled, ok := r.column[keys.FieldEnabled]
	if !ok {
		return []cond{always(true)}
	}
	ways := []cond{{sql: enabled + " = 1"}}
	if until, ok := r.column[keys.FieldRevokedUntil]; ok {
		ways = append(ways, cond{until + " <= ?", []any{r.bind(keys.FieldRevokedUntil, &now)}})
	}
	return ways
}

// outside tells whether a key of the condition is not in except, which may be
// longer than a statement's list of parameters: one more row than that must be.
func (r *rows) outside(ctx context.Context, c cond, except []string) (bool, error) {
	excepted := make(map[string]bool, len(except))
	for _, id := range except {
		excepted[id] = true
	}
	query := "SELECT " + r.column[keys.FieldID] + " FROM " + quote(r.Table) + " WHERE " + c.sql + " LIMIT ?"
	rs, err := r.session.query(ctx, query, append(c.args, len(excepted)+1)...)
	if err != nil {
		return false, wrap(err, r.path, "looking for another key")
	}
	defer rs.Close()
	for rs.Next() {
		var id string
		if err := rs.Scan(&id); err != nil || !excepted[id] {
			return err == nil, wrap(err, r.path, "looking for another key")
		}
	}
	return false, wrap(rs.Err(), r.path, "looking for another key")
}

// Candidates implements [keys.Reader].
func (r *rows) Candidates(ctx context.Context, p keys.Presented) ([]keys.Key, error) {
	hash, scheme := r.column[keys.FieldHash], r.column[keys.FieldScheme]
	for _, d := range p.Digests {
		found, err := r.fetch(ctx, 1, " WHERE "+hash+" = ? AND "+scheme+" = ?", d.Hash, string(d.Scheme))
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	if p.Selector != "" {
		return r.fetch(ctx, 1, " WHERE "+r.column[keys.FieldID]+" = ? AND NOT "+scheme+" = '"+string(keys.SHA256)+"'", p.Selector)
	}
	if !p.Scan {
		return nil, nil
	}
	slow, err := r.SlowKeys(ctx)
	if err != nil {
		return nil, err
	}
	var active, rest []keys.Key
	for _, k := range slow {
		if k.Status(p.Now) == keys.Active {
			active = append(active, k)
		} else if p.Inactive {
			rest = append(rest, k)
		}
	}
	return append(active, rest...), nil
}

// SlowKeys implements [keys.Reader].
func (r *rows) SlowKeys(ctx context.Context) ([]keys.Key, error) {
	scheme := r.column[keys.FieldScheme]
	found, err := r.fetch(ctx, 0, " WHERE "+scheme+" <> '"+string(keys.SHA256)+"'")
	if err != nil {
		return nil, err
	}
	var slow []keys.Key
	for _, k := range found {
		if !k.HasSelector() {
			slow = append(slow, k)
		}
	}
	return slow, nil
}
