package db

import (
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Layout describes one server's key table as data: which table, which column
// holds which field, and how the column writes it.
type Layout struct {
	Family   string
	Era      string // "" where the family has only one
	Table    string
	Columns  []Column
	PrefixID bool // ids are random text, so that a prefix can name a key
}

// Column says where a field lives and by which codec it is written.
type Column struct {
	Field keys.Field
	Name  string
	Codec string // a name in the table of codecs
}

// fields returns what the table can hold. The status is computed everywhere.
func (l *Layout) fields() keys.Fields {
	set := keys.FieldsOf(keys.FieldStatus)
	for _, c := range l.Columns {
		set |= keys.FieldsOf(c.Field)
	}
	return set
}

// table is a Layout made ready for use: its statements, built once.
type table struct {
	*Layout
	codecs  []codec
	column  map[keys.Field]string // quoted, without a key for absent fields
	every   projection
	insert  string
	replace string
}

// projection is a SELECT of some columns, and which those are.
type projection struct {
	selects string
	columns []int
}

func newTable(l *Layout) *table {
	t := &table{Layout: l, column: map[keys.Field]string{}}
	names := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		names[i] = quote(c.Name)
		t.column[c.Field] = names[i]
		t.codecs = append(t.codecs, codecs[c.Codec])
	}
	t.every = t.projection(l.fields())
	t.insert = "INSERT INTO " + quote(l.Table) + " (" + strings.Join(names, ", ") + ") VALUES (" +
		strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", ") + ")"
	t.replace = "UPDATE " + quote(l.Table) + " SET " + strings.Join(names, " = ?, ") + " = ? WHERE " + t.column[keys.FieldID] + " = ?"
	return t
}

// projection selects the columns of the fields that are wanted.
func (t *table) projection(wanted keys.Fields) projection {
	var p projection
	var names []string
	for i, c := range t.Columns {
		if wanted.Has(c.Field) {
			names = append(names, t.column[c.Field])
			p.columns = append(p.columns, i)
		}
	}
	p.selects = "SELECT " + strings.Join(names, ", ") + " FROM " + quote(t.Table)
	return p
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
