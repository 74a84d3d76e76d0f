package db

import "github.com/keyreeve/keyreeve/pkg/keys"

// reference is the condition that a REF could mean the key. It uses the plain
// columns, so that each of its parts is an index lookup: the engine takes none for
// an exact comparison that is one of several.
func (t *table) reference(q *keys.RefQuery) cond {
	found := t.ways(q, func(f keys.Field) string { return t.column[f] })
	if t.checked {
		return found
	}
	return all(found, t.ways(q, t.exactly))
}

// ways are those in which a REF could mean a key, by columns as the operand says.
func (t *table) ways(q *keys.RefQuery, operand func(keys.Field) string) cond {
	current := ""
	if successor, ok := t.column[keys.FieldSuccessor]; ok {
		current = " AND " + successor + " IS NULL"
	}
	var ways []cond
	for _, p := range []struct {
		value string
		field keys.Field
		begin bool
		extra string
	}{
		{q.ID, keys.FieldID, false, ""},
		{q.IDPrefix, keys.FieldID, true, ""},
		{q.Label, keys.FieldLabel, false, current},
		{q.LabelPrefix, keys.FieldLabel, true, current},
		{q.Masked, keys.FieldMasked, false, ""},
	} {
		bound := t.bind(p.field, &p.value)
		switch column := operand(p.field); {
		case p.value == "" || bound == nil || p.begin && p.field == keys.FieldID && !t.PrefixID:
		case p.begin:
			ways = append(ways, cond{column + " >= ? AND " + column + " < ?" + p.extra, []any{p.value, after(p.value)}})
		default:
			ways = append(ways, cond{column + " = ?" + p.extra, []any{bound}})
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
