package db

import (
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

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
	list = append(list, t.texts(&q)...)
	list = append(list, t.moments(&q)...)
	list = append(list, t.traits(&q)...)
	return all(list...)
}

// texts are the conditions of a query on what people wrote.
func (t *table) texts(q *keys.Query) (list []cond) {
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
		list = append(list, t.compare(keys.FieldLabel, "GLOB", &glob), t.labelled())
	}
	if q.Scope != "" {
		list = append(list, t.hasScope(q.Scope))
	}
	return list
}

// moments are the conditions of a query on when something happened or will.
func (t *table) moments(q *keys.Query) (list []cond) {
	for _, m := range []struct {
		at    *keys.Instant
		field keys.Field
		op    string
	}{
		{&q.ExpiresBy, keys.FieldExpiresAt, "<="}, {&q.CreatedBy, keys.FieldCreatedAt, "<="}, {&q.UnusedBy, keys.FieldCreatedAt, "<="},
		{&q.RevokedBy, keys.FieldRevokedAt, "<="}, {&q.UsedSince, keys.FieldLastUsedAt, ">="},
	} {
		if !m.at.IsNone() {
			list = append(list, t.compare(m.field, m.op, m.at))
		}
	}
	if !q.UnusedBy.IsNone() {
		list = append(list, t.idle(&q.UnusedBy)...)
	}
	if !q.RevokedBy.IsNone() {
		list = append(list, t.status(keys.Revoked, q.Now))
	}
	return list
}

// idle are the conditions that nothing after a moment speaks for a key that was made
// before it.
func (t *table) idle(since *keys.Instant) (list []cond) {
	for _, f := range []keys.Field{keys.FieldLastUsedAt, keys.FieldNotBefore, keys.FieldRevokedUntil} {
		list = append(list, not(t.compare(f, ">", since)))
	}
	return list
}

// traits are the conditions of a query that are met or not.
func (t *table) traits(q *keys.Query) (list []cond) {
	for _, trait := range []struct {
		wanted bool
		cond   func() cond
	}{
		{q.Endless, func() cond { return not(t.dated(keys.FieldExpiresAt)) }},
		{q.Current, func() cond { return not(t.filled(keys.FieldSuccessor)) }},
		{q.Replaced, func() cond { return t.filled(keys.FieldSuccessor) }},
		{q.Unbound, func() cond { return not(t.filled(keys.FieldResource)) }},
		{q.Holding, func() cond { return t.holding(q.Now) }},
	} {
		if trait.wanted {
			list = append(list, trait.cond())
		}
	}
	return list
}

// holding is the condition that a key is accepted at now, or will be without anybody
// doing anything.
func (t *table) holding(now keys.Instant) cond {
	ended := t.compare(keys.FieldExpiresAt, "<=", &now)
	return all(not(ended), either(t.on(now), t.dated(keys.FieldRevokedUntil)))
}

// dated is the condition that a field holds a moment which can be reached. Like those
// of [table.compare], its expression keeps the planner off the column's own index.
func (t *table) dated(f keys.Field) cond {
	switch {
	case t.lacks(f):
		return always(false)
	case t.checked:
		return cond{sql: "+" + t.column[f] + " IS NOT NULL"}
	}
	return t.timed(f, "<=", &latest)
}

// filled is the condition that a field of text holds some.
func (t *table) filled(f keys.Field) cond {
	if t.lacks(f) {
		return always(false)
	}
	some := "coalesce(" + t.column[f] + " <> '', 0)"
	if sorts := t.codecOf(f).sorts; sorts != "" && !t.checked {
		some += " AND " + t.comparable(f)
	}
	return cond{sql: some}
}

// hasScope is the condition that the key has the scope, or all of them.
func (t *table) hasScope(scope string) cond {
	for i, c := range t.Columns {
		if c.Field == keys.FieldScopes && t.codecs[i].has != nil {
			name := t.column[c.Field]
			return either(t.codecs[i].has(name, scope), t.codecs[i].has(name, keys.AllScopes))
		}
	}
	return always(false)
}

// hasInJSON looks for an element of a JSON array: no scope contains a quote, so
// its quoted form cannot be part of another.
func hasInJSON(column, element string) cond {
	return cond{"coalesce(instr(" + column + ", ?), 0) > 0", []any{strings.Trim(marshal([]string{element}), "[]")}}
}

// hasInCommas looks for an element between commas, with any spaces around it.
func hasInCommas(column, element string) cond {
	if strings.ContainsAny(element, ", ") {
		return always(false)
	}
	return cond{"coalesce(instr(',' || replace(" + column + ", ' ', '') || ',', ?), 0) > 0", []any{"," + element + ","}}
}

// labelled is the condition that a key has a label, where an empty one may be kept.
func (t *table) labelled() cond {
	if t.checked || t.lacks(keys.FieldLabel) {
		return always(true)
	}
	return cond{sql: "coalesce(" + t.column[keys.FieldLabel] + " <> '', 0)"}
}
