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
