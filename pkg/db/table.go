package db

import (
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// table is a Layout made ready for use: its statements, built once.
type table struct {
	*Layout
	codecs     []codec
	copies     []codec               // of Copies
	column     map[keys.Field]string // quoted, without a key for absent fields
	unfilled   []string              // columns that a new row needs and nothing gives a value
	every      projection
	insert     string
	asCreated  []int        // columns whose value means none where it is that of the creation
	lossy      []int        // columns that keep less than a field may hold
	absent     []keys.Field // that no column holds and that nothing else tells
	schemeless bool         // no column tells how a key is hashed: the rules do
	flagless   bool         // no column tells whether a key is enabled: another may
	selects    bool         // a token has a part by which its key is found
}

// projection is a SELECT of some columns, and which those are.
type projection struct {
	selects string
	columns []picked
	revoked int         // place of the column that tells of a revocation, -1 if none does
	odd     keys.Fields // in which the server takes some values in a way of its own
}

// picked is one column of a projection.
type picked struct {
	column int
	field  keys.Field
	decode func(v, ref any) error
}

// newTable makes a layout ready for use. Its codecs must be known ones.
func newTable(l *Layout) *table {
	t := &table{Layout: l, column: map[keys.Field]string{}, selects: selects(l.Rules.Form)}
	for i, c := range l.Columns {
		t.column[c.Field] = quote(c.Name)
		made := c.codec()
		if !l.checked {
			made = made.doubted(c.Field)
		}
		t.codecs = append(t.codecs, made)
		if c.AsCreated {
			t.asCreated = append(t.asCreated, i)
		}
		if t.codecs[i].lossy {
			t.lossy = append(t.lossy, i)
		}
	}
	for _, c := range l.Copies {
		t.copies = append(t.copies, codecs[c.Codec])
	}
	t.schemeless, t.flagless = t.lacks(keys.FieldScheme), t.lacks(keys.FieldEnabled)
	t.absent = t.unkept()
	t.every = t.projection(l.fields())
	t.insert = t.insertion()
	return t
}

func (t *table) lacks(f keys.Field) bool { return t.column[f] == "" }

// codec returns the codec of the column with all that the column adds to it. What
// a hash has around it is the column's own, such as the name of its scheme; what
// another field has around it, such as the beginning of a masked form, is shown
// only.
func (c *Column) codec() codec {
	made := codecs[c.Codec]
	if c.Before != "" || c.After != "" {
		if c.Field == keys.FieldHash {
			made = made.marked(c.Before, c.After)
		} else {
			made = made.shown(c.Before, c.After)
		}
	}
	return made
}

// doubted is the codec of a field where the table may hold what is not for it: NULL
// where a row without a value is no key, and moments that nobody will see.
func (c codec) doubted(f keys.Field) codec {
	switch f {
	case keys.FieldID:
		return c.required().naming()
	case keys.FieldHash:
		return c.required()
	}
	if c.moment != nil {
		return c.bounded(f == keys.FieldExpiresAt || f == keys.FieldRevokedUntil)
	}
	return c
}

// unkept returns the fields that the table has no place for and that a key does not
// get in another way.
func (t *table) unkept() (absent []keys.Field) {
	derived := keys.FieldsOf(keys.FieldID, keys.FieldStatus, keys.FieldScheme, keys.FieldEnabled)
	for _, f := range (^keys.Fields(0)).Without(derived).List() {
		if t.lacks(f) {
			absent = append(absent, f)
		}
	}
	return absent
}

// insertion is the statement for a new row: columns, copies, constants.
func (t *table) insertion() string {
	var names []string
	for _, c := range t.Columns {
		names = append(names, quote(c.Name))
	}
	for _, c := range t.Copies {
		names = append(names, quote(c.Name))
	}
	for _, c := range t.Constants {
		names = append(names, quote(c.Name))
	}
	return "INSERT INTO " + quote(t.Table) + " (" + strings.Join(names, ", ") + ") VALUES (" +
		strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", ") + ")"
}

// projection selects the columns of the fields that are wanted, and those without
// which they cannot be told.
func (t *table) projection(wanted keys.Fields) projection {
	times := t.flagless && t.Rules.Revoke == keys.RevokeTime
	if times {
		wanted |= keys.FieldsOf(keys.FieldRevokedAt)
	}
	p := projection{revoked: -1}
	var names []string
	for i, c := range t.Columns {
		if !wanted.Has(c.Field) {
			continue
		}
		if times && c.Field == keys.FieldRevokedAt {
			p.revoked = len(names)
		}
		names = append(names, t.result(c.Field))
		p.columns = append(p.columns, picked{i, c.Field, t.codecs[i].decode})
	}
	p.odd = wanted & t.peculiar()
	p.selects = "SELECT " + strings.Join(names, ", ") + " FROM " + quote(t.Table)
	return p
}

// peculiar returns the fields of which the server knows some values only.
func (t *table) peculiar() (fields keys.Fields) {
	if t.Rules.Roles != nil && !t.lacks(keys.FieldRole) {
		fields |= keys.FieldsOf(keys.FieldRole)
	}
	if t.Rules.Scopes != nil && !t.lacks(keys.FieldScopes) {
		fields |= keys.FieldsOf(keys.FieldScopes)
	}
	return fields
}

// result is the field's column in a SELECT. Drivers turn what a column holds into a
// time or a truth value by the type in its declaration; an expression has none.
func (t *table) result(f keys.Field) string {
	if t.checked {
		return t.column[f]
	}
	return "+" + t.column[f]
}

// exactly is the field's column in a comparison. Text is compared byte by byte: a
// column that folds letters must not make one key answer to the name of another.
func (t *table) exactly(f keys.Field) string {
	if t.checked {
		return t.column[f]
	}
	return t.column[f] + " COLLATE BINARY"
}

// byID is the tail of a statement about one key.
func (t *table) byID() string { return " WHERE " + t.exactly(keys.FieldID) + " = ?" }

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
