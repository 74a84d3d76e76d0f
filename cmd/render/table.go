package render

import (
	"cmp"
	"io"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// tableFields returns the fields that a table of this format may have as columns.
func (o *Options) tableFields() []keys.Field {
	if o.Format == Wide {
		return o.columns(wideColumns())
	}
	return o.columns(tableColumns)
}

func columnsOf(fields []keys.Field) []column {
	columns := make([]column, len(fields))
	for i, f := range fields {
		columns[i] = column{title(f.String()), elastic.Has(f)}
	}
	return columns
}

func (o *Options) row(fields []keys.Field, k *keys.Key) []string {
	row := make([]string, len(fields))
	for i, f := range fields {
		row[i] = o.cell(f, k)
	}
	return row
}

// tablePages keeps the rows until the list is closed: only then is it known how
// wide each column is.
type tablePages struct {
	o      Options
	out    io.Writer
	fields []keys.Field
	used   keys.Fields // that any key had a value for
	rows   [][]string
	marks  map[int]string // by row: the columns whose values could not be read
}

func (p *tablePages) Page(page []keys.Key) error {
	for i := range page {
		p.rows = append(p.rows, p.o.row(p.fields, &page[i]))
		p.used |= p.o.set(p.fields, &page[i]) | damaged(&page[i])
		if len(page[i].Damage) > 0 {
			p.mark(len(p.rows)-1, damageColumns(&page[i]))
		}
	}
	return nil
}

func (p *tablePages) mark(row int, columns string) {
	if p.marks == nil {
		p.marks = map[int]string{}
	}
	p.marks[row] = columns
}

func (p *tablePages) Close() error {
	fields, rows := p.fields, p.rows
	if p.o.Format == Wide && len(p.o.Columns) == 0 {
		fields, rows = dropUnused(p.fields, p.used, p.rows)
	}
	columns := columnsOf(fields)
	if len(p.marks) > 0 && len(p.o.Columns) == 0 {
		columns = append(columns, column{title: "damaged"})
		for i := range rows {
			rows[i] = append(rows[i], cmp.Or(p.marks[i], none))
		}
	}
	return writeTable(p.out, &p.o, columns, rows)
}

// set returns which of the fields have a value in k.
func (o *Options) set(fields []keys.Field, k *keys.Key) keys.Fields {
	var set keys.Fields
	for _, f := range fields {
		if o.fieldText(f, k, "") != "" {
			set |= keys.FieldsOf(f)
		}
	}
	return set
}

// dropUnused leaves out the columns that no key has a value for, except those of
// a plain table: twenty columns of nothing would bury the others.
func dropUnused(fields []keys.Field, used keys.Fields, rows [][]string) ([]keys.Field, [][]string) {
	keep := func(f keys.Field) bool { return used.Has(f) || slices.Contains(tableColumns, f) }
	for r, row := range rows {
		kept := row[:0]
		for i, f := range fields {
			if keep(f) {
				kept = append(kept, row[i])
			}
		}
		rows[r] = kept
	}
	return slices.DeleteFunc(slices.Clone(fields), func(f keys.Field) bool { return !keep(f) }), rows
}
