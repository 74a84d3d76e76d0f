package db

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cells is a database as plain SQL shows it: its pragmas, its schema, and every
// value of every row, by table/first column.column.
type cells map[string]string

// cellsOf reads all of a database but what the engine counts for itself.
func cellsOf(t testing.TB, path string) cells {
	t.Helper()
	pool := plainPool(t, path)
	defer pool.Close()
	all := cells{}
	for _, name := range []string{"journal_mode", "user_version", "page_size", "application_id", "encoding", "auto_vacuum"} {
		all["pragma "+name] = textBy(t, pool, "SELECT * FROM pragma_"+name)
	}
	all["schema"] = textBy(t, pool, "SELECT group_concat(line, x'0a') FROM (SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') AS line FROM sqlite_master ORDER BY rowid)")
	for _, name := range strings.Split(textBy(t, pool, "SELECT group_concat(name) FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'"), ",") {
		maps.Copy(all, cellsOfTable(t, pool, name))
	}
	return all
}

func oneText(t testing.TB, path, query string) string {
	t.Helper()
	pool := plainPool(t, path)
	defer pool.Close()
	return textBy(t, pool, query)
}

func textBy(t testing.TB, pool *sql.DB, query string) (text string) {
	t.Helper()
	if err := pool.QueryRow(query).Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

func cellsOfTable(t testing.TB, pool *sql.DB, name string) cells {
	t.Helper()
	columns := strings.Split(textBy(t, pool, "SELECT group_concat(name) FROM pragma_table_info('"+name+"')"), ",")
	var quoted []string
	for _, c := range columns {
		quoted = append(quoted, "typeof("+quote(c)+") || ' ' || quote("+quote(c)+")")
	}
	rs, err := pool.Query("SELECT quote(" + quote(columns[0]) + "), " + strings.Join(quoted, ", ") + " FROM " + quote(name))
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	all := cells{}
	for rs.Next() {
		values := make([]string, len(columns)+1)
		refs := make([]any, len(values))
		for i := range values {
			refs[i] = &values[i]
		}
		if err := rs.Scan(refs...); err != nil {
			t.Fatal(err)
		}
		for i, c := range columns {
			all[name+"/"+values[0]+"."+c] = values[i+1]
		}
	}
	return all
}

// without drops the rows of some tables.
func (c cells) without(tables ...string) cells {
	rest := maps.Clone(c)
	maps.DeleteFunc(rest, func(cell, _ string) bool {
		name, _, row := strings.Cut(cell, "/")
		return row && slices.Contains(tables, name)
	})
	return rest
}

// differ returns the cells that are not in both the same.
func differ(before, after cells) []string {
	var list []string
	for cell := range after {
		if was, ok := before[cell]; !ok || was != after[cell] {
			list = append(list, cell)
		}
	}
	for cell := range before {
		if _, ok := after[cell]; !ok {
			list = append(list, cell)
		}
	}
	slices.Sort(list)
	return list
}

// of returns the cells of one row.
func (c cells) of(table, id string) []string {
	var list []string
	for cell := range c {
		if strings.HasPrefix(cell, table+"/"+id+".") {
			list = append(list, cell)
		}
	}
	slices.Sort(list)
	return list
}

// expect notes cells that changed although they should not, or did not although they should.
func expect(t testing.TB, what string, before, after cells, want ...string) {
	t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, differ(before, after)); diff != "" && len(want)+len(differ(before, after)) > 0 {
		t.Errorf("%s changes other cells:\n%s", what, diff)
	}
}
