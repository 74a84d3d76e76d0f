package cmd_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

const schemaPage = "../man/keyreeve-schema.5"

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// freshSchema returns a database with the schema's files played into it.
func freshSchema(t *testing.T) *sql.DB {
	t.Helper()
	files, err := filepath.Glob("../pkg/db/schema/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schema files: %v", err)
	}
	db := openSQL(t, filepath.Join(t.TempDir(), "schema.db"))
	for _, file := range files { // Glob sorts
		if _, err := db.Exec(readText(t, file)); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return db
}

func openSQL(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// column returns the first column of a query's rows.
func column(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rs, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	var list []string
	for rs.Next() {
		var s string
		if err := rs.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	if err := rs.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// subsection returns what the page says between a heading and the next one.
func subsection(t *testing.T, page, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, heading+"\n")
	if !found {
		t.Fatalf("the page has no %q", heading)
	}
	return regexp.MustCompile(`(?m)^\.S[SH] `).Split(rest, 2)[0]
}

var (
	documentedColumn = regexp.MustCompile(`(?m)^\.TP\n\\fB(\w+)\\fR (\w+(?:, or NULL)?)$`)
	boldWord         = regexp.MustCompile(`\\fB(\w+)\\fR`)
)

// TestSchemaPageTables holds the page to every table: each column, its type, and
// whether it may be NULL, in the order of the schema.
func TestSchemaPageTables(t *testing.T) {
	page, db := readText(t, schemaPage), freshSchema(t)
	tables := column(t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'keyreeve%'")
	if len(tables) < 5 {
		t.Fatalf("the schema has only the tables %v", tables)
	}
	for _, table := range tables {
		var said []string
		for _, m := range documentedColumn.FindAllStringSubmatch(subsection(t, page, ".SS "+table), -1) {
			said = append(said, m[1]+" "+m[2])
		}
		is := column(t, db, `SELECT name || ' ' || type || iif("notnull", '', ', or NULL') FROM pragma_table_info(?) ORDER BY cid`, table)
		if diff := cmp.Diff(is, said); diff != "" {
			t.Errorf("%s: the schema (-) and its page (+) differ:\n%s", table, diff)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^\.SS (keyreeve_\w+)$`).FindAllStringSubmatch(page, -1) {
		if n := column(t, db, "SELECT count(*) FROM sqlite_master WHERE name = ?", m[1]); n[0] != "1" {
			t.Errorf("the page tells of %s, which the schema does not have", m[1])
		}
	}
}

func TestSchemaPageViews(t *testing.T) {
	page, db := readText(t, schemaPage), freshSchema(t)
	views := column(t, db, "SELECT name FROM sqlite_master WHERE type = 'view'")
	if len(views) < 2 {
		t.Fatalf("the schema has only the views %v", views)
	}
	for _, view := range views {
		_, list, found := strings.Cut(subsection(t, page, ".SS "+view), "Its columns are\n")
		if !found {
			t.Fatalf("the page does not list the columns of %s", view)
		}
		var said []string
		for _, m := range boldWord.FindAllStringSubmatch(strings.SplitN(list, ".\n", 2)[0], -1) {
			said = append(said, m[1])
		}
		if diff := cmp.Diff(column(t, db, "SELECT name FROM pragma_table_info(?) ORDER BY cid", view), said); diff != "" {
			t.Errorf("%s: the schema (-) and its page (+) differ:\n%s", view, diff)
		}
	}
}

// TestSchemaPageWords looks for the words of closed sets: schemes, settings,
// actions, and the number of the schema.
func TestSchemaPageWords(t *testing.T) {
	page, db := readText(t, schemaPage), freshSchema(t)
	ddl := column(t, db, "SELECT sql FROM sqlite_master WHERE name = 'keyreeve_keys'")[0]
	for set, words := range map[string]struct {
		section string
		list    []string
	}{
		"scheme":  {".SH OTHER HASH SCHEMES", quotedWords(regexp.MustCompile(`scheme IN \(.*?\)`).FindString(ddl), `'([\w-]+)'`)},
		"setting": {".SS keyreeve_settings", settingNames()},
		"action":  {".SS keyreeve_audit", quotedWords(readText(t, "../pkg/keys/audit.go"), `Action = "(\w+)"`)},
	} {
		if len(words.list) < 3 {
			t.Errorf("found only the %ss %v", set, words.list)
		}
		text := strings.ReplaceAll(subsection(t, page, words.section), `\-`, "-")
		for _, w := range words.list {
			if !regexp.MustCompile(`\b` + w + `\b`).MatchString(text) {
				t.Errorf("the page does not tell of the %s %s", set, w)
			}
		}
	}
	files, _ := filepath.Glob("../pkg/db/schema/*.sql")
	if said := fmt.Sprintf("It describes schema %d.", len(files)); !strings.Contains(page, said) {
		t.Errorf("the page does not say %q", said)
	}
}

func settingNames() (names []string) {
	for _, s := range keys.PolicySettings() {
		names = append(names, s.Name)
	}
	return names
}

func quotedWords(text, pattern string) []string {
	var list []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	slices.Sort(list)
	return slices.Compact(list)
}
