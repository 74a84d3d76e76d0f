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
//
// Values are compared as the column has them, but moments as a key has them, since
// one moment has many texts.
func (t *table) compare(f keys.Field, op string, value any) cond {
	if t.lacks(f) {
		return always(false)
	}
	if at, ok := value.(*keys.Instant); ok && !t.checked {
		return t.timed(f, op, at)
	}
	absent, c := 0, t.codecOf(f)
	if c.nullIsOn {
		absent = 1
	}
	return cond{fmt.Sprintf("coalesce(%s %s ?, %d)", t.exactly(f), op, absent), []any{c.encode(value)}}
}

// timed is compare for moments where a column may hold anything.
func (t *table) timed(f keys.Field, op string, at *keys.Instant) cond {
	var ms any
	if !at.IsNone() {
		ms = at.Millis()
	}
	return cond{"coalesce(" + t.moment(f) + " " + op + " ?, 0)", []any{ms}}
}

// comparable is the condition that the field's column holds what it should.
func (t *table) comparable(f keys.Field) string {
	return fmt.Sprintf(t.codecOf(f).sorts, t.column[f])
}

// codecOf returns the codec of a field that has a column.
func (t *table) codecOf(f keys.Field) codec {
	for i, c := range t.Columns {
		if c.Field == f {
			return t.codecs[i]
		}
	}
	return codec{}
}

// bind returns value as the field's column writes it, nil if there is none.
func (t *table) bind(f keys.Field, value any) any {
	if t.lacks(f) {
		return nil
	}
	return t.codecOf(f).encode(value)
}

// on is the condition that a key is not revoked at now.
func (t *table) on(now keys.Instant) cond {
	lifted := t.compare(keys.FieldRevokedUntil, "<=", &now)
	switch {
	case !t.flagless:
		yes := true
		return either(t.compare(keys.FieldEnabled, "=", &yes), lifted)
	case t.Rules.Revoke == keys.RevokeTime:
		return either(cond{sql: t.column[keys.FieldRevokedAt] + " IS NULL"}, lifted)
	}
	return always(true)
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
		list = append(list, t.compare(keys.FieldLabel, "GLOB", &glob), t.labelled())
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
