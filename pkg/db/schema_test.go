package db

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// newer is what SQLite 3.9 does not know, by the version that brought it: a file
// with any of it in its schema cannot be opened by an older engine, and a view
// that uses it cannot be read.
var newer = map[string]string{
	"3.15 row values":          `(^|\W)\(\s*\w+\s*,[^()]*\)\s*(=|<>|<|>|IN\b)`,
	"3.24 UPSERT":              `\bON\s+CONFLICT\s*\([^)]*\)\s*DO\b|\bDO\s+(UPDATE|NOTHING)\b`,
	"3.25 window functions":    `\bOVER\b|\bPARTITION\s+BY\b|\bWINDOW\b`,
	"3.30 NULLS FIRST, FILTER": `\bNULLS\s+(FIRST|LAST)\b|\bFILTER\s*\(`,
	"3.31 generated columns":   `\bGENERATED\b|\bAS\s*\([^)]*\)\s*(STORED|VIRTUAL)\b`,
	"3.32 iif":                 `\bIIF\s*\(`,
	"3.35 RETURNING":           `\bRETURNING\b`,
	"3.35 materialized":        `\bMATERIALIZED\b`,
	"3.35 math functions":      `\b(ceil|floor|trunc|ln|log|pow|power|mod|sqrt)\s*\(`,
	"3.37 STRICT":              `\bSTRICT\b`,
	"3.38 json arrows":         `->`,
	"3.38 unixepoch, format":   `\b(unixepoch|format|subsec|octet_length|concat|concat_ws|string_agg|timediff)\s*\(`,
	"3.38 auto modifier":       `'auto'|'subsec'|'subsecond'`,
	"3.39 RIGHT, FULL JOIN":    `\b(RIGHT|FULL)\s+(OUTER\s+)?JOIN\b`,
	"3.39 IS DISTINCT FROM":    `\bIS\s+(NOT\s+)?DISTINCT\s+FROM\b`,
	"3.46 digit separators":    `\b\d+_\d`,
	"an extension":             `\bjson\w*\s*\(|\bUSING\s+\w+\s*\(|\bCREATE\s+VIRTUAL\b|\bREGEXP\b|\bMATCH\b`,
}

var comments = regexp.MustCompile(`--[^\n]*`)

// found returns the newer things that a schema uses.
func found(schema string) (list []string) {
	schema = comments.ReplaceAllString(schema, "")
	for name, pattern := range newer {
		if regexp.MustCompile(`(?i)` + pattern).MatchString(schema) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func TestSchemaIsForOldEngines(t *testing.T) {
	for i, step := range migrations() {
		if list := found(step); len(list) > 0 {
			t.Errorf("step %d uses %q", i+1, list)
		}
	}
}

// The check above must be able to find what it looks for.
func TestNewerSyntaxIsFound(t *testing.T) {
	for name, text := range map[string]string{
		"3.15 row values":          "SELECT 1 WHERE (a, b) = (SELECT 1, 2)",
		"3.24 UPSERT":              "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2",
		"3.25 window functions":    "SELECT row_number() OVER (ORDER BY a)",
		"3.30 NULLS FIRST, FILTER": "CREATE INDEX i ON t (a DESC NULLS LAST)",
		"3.31 generated columns":   "CREATE TABLE t (a, b GENERATED ALWAYS AS (a + 1))",
		"3.32 iif":                 "SELECT iif(a, 1, 2)",
		"3.35 RETURNING":           "DELETE FROM t RETURNING a",
		"3.35 materialized":        "WITH x AS MATERIALIZED (SELECT 1) SELECT * FROM x",
		"3.35 math functions":      "SELECT floor(1.5)",
		"3.37 STRICT":              "CREATE TABLE t (a INT) strict",
		"3.38 json arrows":         "SELECT a ->> '$.b'",
		"3.38 unixepoch, format":   "SELECT unixepoch()",
		"3.38 auto modifier":       "SELECT julianday(1, 'auto')",
		"3.39 RIGHT, FULL JOIN":    "SELECT 1 FROM a FULL JOIN b",
		"3.39 IS DISTINCT FROM":    "SELECT a IS NOT DISTINCT FROM b",
		"3.46 digit separators":    "SELECT 86_400",
		"an extension":             "SELECT json_extract(a, '$')",
	} {
		if list := found(text); !slices.Contains(list, name) {
			t.Errorf("%s is not found in %q", name, text)
		}
	}
	if list := found("-- STRICT RETURNING\nSELECT 1"); list != nil {
		t.Errorf("%q is found in a comment", list)
	}
}

func TestSchemaAndLayoutAgree(t *testing.T) {
	pool := plainPool(t, nativeFile(t))
	rs, err := pool.Query("SELECT name FROM pragma_table_info('keyreeve_keys')")
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	var columns, layout []string
	for rs.Next() {
		var name string
		if err := rs.Scan(&name); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, name)
	}
	for _, c := range nativeLayout().Columns {
		layout = append(layout, c.Name)
		if codecs[c.Codec].encode == nil || codecs[c.Codec].decode == nil {
			t.Errorf("column %s has no codec %q", c.Name, c.Codec)
		}
	}
	if diff := cmp.Diff(columns, layout); diff != "" {
		t.Errorf("columns of the table, and of the layout:\n%s", diff)
	}
	all := keys.FieldsOf(keys.ShownFields()...) | keys.FieldsOf(keys.FieldEnabled, keys.FieldRequestID, keys.FieldHash)
	if missing := all.Without(nativeLayout().fields() | keys.FieldsOf(keys.FieldUpdatedAt)).List(); len(missing) > 0 {
		t.Errorf("fields without a column: %v", missing)
	}
}

// A table that takes anything would hand other programs' mistakes to every server.
func TestSchemaRefusesWrongTypes(t *testing.T) {
	path := nativeFile(t)
	fill(t, mustOpen(t, Options{Path: path, Access: ReadWrite}), 1)
	pool := plainPool(t, path)
	wrong := map[string][]string{
		"keyreeve_keys": {
			"id = NULL", "id = ''", "id = x'00'", "label = ''", "label = x'00'", "masked = NULL", "scheme = 'md5'", "scheme = NULL",
			"hash = NULL", "hash = ''", "hash = x'00'", "scopes = NULL", "scopes = 'read'", "scopes = ''", "resource = ''", "networks = '10.0.0.0/8'",
			"rate_limit = '100'", "rate_limit = '/1'", "enabled = 2", "enabled = NULL", "enabled = 'yes'", "not_before = 'soon'", "expires_at = '2027-01-01'",
			"expires_at = 1.5", "created_at = NULL", "created_at = 'x'", "revoked_at = 'x'", "revoked_until = 'x'", "last_used_at = x'00'",
			"metadata = '[]'", "metadata = NULL", "owner = x'00'", "role = x'00'", "successor = x'00'",
		},
		"keyreeve_state": {"one = 2", "schema_version = 'x'", "change_counter = NULL", "claimed_at = 'now'", "database_id = NULL"},
		"keyreeve_audit": {"at = 'x'", "at = NULL", "action = NULL", "forced = 2", "user = NULL", "key_id = x'00'"},
	}
	for table, changes := range wrong {
		for _, change := range changes {
			if _, err := pool.Exec("UPDATE " + table + " SET " + change); err == nil || !strings.Contains(err.Error(), "constraint") {
				t.Errorf("%s lets pass %s: %v", table, change, err)
			}
		}
	}
}
