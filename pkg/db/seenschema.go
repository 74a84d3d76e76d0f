package db

import (
	"context"
	"slices"
	"strings"
)

// seenSchema is what was seen of a database: its tables, and the columns of those
// that could hold keys, by the table's name in lower case.
type seenSchema struct {
	tables  []string
	columns map[string][]tableColumn
}

// tableColumn is a column as the database has it.
type tableColumn struct {
	name  string
	needs bool // a value in every new row: nothing else gives it one
}

// tableColumns also reads the type: an INTEGER PRIMARY KEY gets its value from the
// engine, https://www.sqlite.org/lang_createtable.html#rowid
const tableColumns = `SELECT name, "notnull" AND dflt_value IS NULL AND NOT (pk = 1 AND upper(type) = 'INTEGER') FROM pragma_table_info(?)`

// read looks at those of these tables that there are. A view is none.
func (s *seenSchema) read(ctx context.Context, session session, tables []string) error {
	for _, table := range tables {
		folded := strings.ToLower(table)
		if _, known := s.columns[folded]; known || !has(s.tables, table) {
			continue
		}
		columns, err := readColumns(ctx, session, table)
		if err != nil {
			return err
		}
		s.columns[folded] = columns
	}
	return nil
}

func readColumns(ctx context.Context, s session, table string) ([]tableColumn, error) {
	rs, err := s.query(ctx, tableColumns, table)
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	var list []tableColumn
	for rs.Next() {
		var c tableColumn
		if err := rs.Scan(&c.name, &c.needs); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rs.Err()
}

// has tells whether a name is in a list, as SQLite compares names: by ASCII letters
// in any case.
func has(list []string, name string) bool {
	return slices.ContainsFunc(list, func(other string) bool { return strings.EqualFold(other, name) })
}

// names returns the names of the table's columns.
func (s *seenSchema) names(table string) []string {
	var list []string
	for _, c := range s.columns[strings.ToLower(table)] {
		list = append(list, c.name)
	}
	return list
}

// lacking returns the names of wanted that are not in there.
func lacking(there, wanted []string) (missing []string) {
	for _, name := range wanted {
		if !has(there, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// common returns the names of list that are in there.
func common(there, list []string) (both []string) {
	for _, name := range list {
		if has(there, name) {
			both = append(both, name)
		}
	}
	return both
}

// unfilled returns the columns of the layout's table that a new row needs and the
// layout gives no value.
func (l *Layout) unfilled(columns []tableColumn) (missing []string) {
	for _, c := range columns {
		if c.needs && !has(l.given(), c.name) {
			missing = append(missing, c.name)
		}
	}
	return missing
}
