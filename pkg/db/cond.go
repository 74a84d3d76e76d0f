package db

import (
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// cond is a condition of a WHERE clause with the values of its parameters.
// Every cond is 0 or 1, never NULL, so that not works as expected.
type cond struct {
	sql  string
	args []any
}

func always(yes bool) cond {
	if yes {
		return cond{sql: "1"}
	}
	return cond{sql: "0"}
}

func join(word string, list []cond) cond {
	var c cond
	parts := make([]string, len(list))
	for i, l := range list {
		parts[i] = "(" + l.sql + ")"
		c.args = append(c.args, l.args...)
	}
	c.sql = strings.Join(parts, " "+word+" ")
	return c
}

func all(list ...cond) cond    { return join("AND", list) }
func either(list ...cond) cond { return join("OR", list) }
func not(c cond) cond          { return cond{"NOT (" + c.sql + ")", c.args} }

// compare is the condition that a field stands in the relation op to value,
// given as a pointer like [keys.Field.Ref] returns. Missing columns and NULL
// never do. The expression keeps the planner off the column's own index: what
// filters a page must not cost it the index that gives its order.
func (t *table) compare(f keys.Field, op string, value any) cond {
	name, ok := t.column[f]
	if !ok {
		return always(false)
	}
	return cond{fmt.Sprintf("coalesce(%s %s ?, 0)", name, op), []any{t.bind(f, value)}}
}

// bind returns value as the field's column writes it.
func (t *table) bind(f keys.Field, value any) any {
	for i, c := range t.Columns {
		if c.Field == f {
			return t.codecs[i].encode(value)
		}
	}
	return nil
}

// on is the condition that a key is not revoked at now.
func (t *table) on(now keys.Instant) cond {
	if _, ok := t.column[keys.FieldEnabled]; !ok {
		return always(true)
	}
	yes := true
	return either(t.compare(keys.FieldEnabled, "=", &yes), t.compare(keys.FieldRevokedUntil, "<=", &now))
}

// status is the condition that a key has the status at now, by the precedence
// that [keys.Key.Status] computes.
func (t *table) status(s keys.Status, now keys.Instant) cond {
	on, ended := t.on(now), t.compare(keys.FieldExpiresAt, "<=", &now)
	early := t.compare(keys.FieldNotBefore, ">", &now)
	switch s {
	case keys.Revoked:
		return not(on)
	case keys.Expired:
		return all(on, ended)
	case keys.Pending:
		return all(on, not(ended), early)
	}
	return all(on, not(ended), not(early))
}

// matching translates a query, all but its place in the order.
func (t *table) matching(q keys.Query) cond {
	list := []cond{always(true)}
	if len(q.Statuses) > 0 {
		var wanted []cond
		for _, s := range q.Statuses {
			wanted = append(wanted, t.status(s, q.Now))
		}
		list = append(list, either(wanted...))
	}
	for _, exact := range []struct {
		field keys.Field
		want  *string
	}{{keys.FieldOwner, &q.Owner}, {keys.FieldRole, &q.Role}, {keys.FieldResource, &q.Resource}} {
		if *exact.want != "" {
			list = append(list, t.compare(exact.field, "=", exact.want))
		}
	}
	if q.LabelGlob != "" {
		glob := strings.ReplaceAll(q.LabelGlob, "[", "[[]")
		list = append(list, t.compare(keys.FieldLabel, "GLOB", &glob))
	}
	if q.Scope != "" {
		list = append(list, t.hasScope(q.Scope))
	}
	if !q.ExpiresBy.IsNone() {
		list = append(list, t.compare(keys.FieldExpiresAt, "<=", &q.ExpiresBy))
	}
	if !q.UnusedBy.IsNone() {
		list = append(list, t.compare(keys.FieldCreatedAt, "<=", &q.UnusedBy),
			not(t.compare(keys.FieldLastUsedAt, ">", &q.UnusedBy)))
	}
	return all(list...)
}

// hasScope looks for the scope as an element of the stored JSON array: no scope
// contains a quote, so its quoted form cannot be part of another.
func (t *table) hasScope(scope string) cond {
	name, ok := t.column[keys.FieldScopes]
	if !ok {
		return always(false)
	}
	list := []string{scope}
	element := strings.Trim(t.bind(keys.FieldScopes, &list).(string), "[]")
	return cond{fmt.Sprintf("instr(%s, ?) > 0 OR instr(%s, ?) > 0", name, name), []any{element, `"*"`}}
}

// reference is the condition that a REF could mean the key. It uses the plain
// columns, so that each of its parts is an index lookup.
func (t *table) reference(q *keys.RefQuery) cond {
	id, label := t.column[keys.FieldID], t.column[keys.FieldLabel]
	current := ""
	if successor, ok := t.column[keys.FieldSuccessor]; ok {
		current = " AND " + successor + " IS NULL"
	}
	parts := []struct {
		value, column string
		prefix        bool
		extra         string
	}{
		{q.ID, id, false, ""},
		{q.IDPrefix, id, true, ""},
		{q.Label, label, false, current},
		{q.LabelPrefix, label, true, current},
		{q.Masked, t.column[keys.FieldMasked], false, ""},
	}
	var ways []cond
	for _, p := range parts {
		switch {
		case p.value == "" || p.column == "" || p.prefix && p.column == id && !t.PrefixID:
		case p.prefix:
			ways = append(ways, cond{p.column + " >= ? AND " + p.column + " < ?" + p.extra, []any{p.value, after(p.value)}})
		default:
			ways = append(ways, cond{p.column + " = ?" + p.extra, []any{p.value}})
		}
	}
	if len(ways) == 0 {
		return always(false)
	}
	return either(ways...) // a constant among them would cost the engine its indexes
}

// after returns the least text above every text that begins with prefix: the
// engine compares bytes, and no byte of UTF-8 is the highest one.
func after(prefix string) string {
	b := []byte(prefix)
	b[len(b)-1]++
	return string(b)
}
