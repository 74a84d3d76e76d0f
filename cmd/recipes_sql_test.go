package cmd_test

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// TestSQLRecipes runs the statements through another connection than keyreeve's.
func TestSQLRecipes(t *testing.T) {
	k := newKitchen(t)
	db := openSQL(t, k.path)
	simple, full := recipe(t, "sql-simple"), recipe(t, "sql-full")
	usable := map[string]bool{"all": true, "plain": true, "scoped": true}
	live := map[string]bool{"all": true, "plain": true, "scoped": true, "bound": true, "net4": true, "net6": true, "any6": true, "rated": true}
	for label, token := range k.tokens {
		hash := sql.Named("hash", keys.Digest(token))
		if found := rowsOf(t, db, simple, hash); (found == 1) != usable[label] {
			t.Errorf("keyreeve_usable_keys has %d rows for %s", found, label)
		}
		if found := rowsOf(t, db, full, hash); (found == 1) != live[label] {
			t.Errorf("keyreeve_live_keys has %d rows for %s", found, label)
		}
	}
	for _, query := range []string{simple, full} {
		plan := strings.Join(planOf(t, db, query), "\n")
		if !strings.Contains(plan, "SEARCH keyreeve_keys USING INDEX keyreeve_keys_hash") {
			t.Errorf("not one indexed lookup:\n%s", plan)
		}
	}
}

func rowsOf(t *testing.T, db *sql.DB, query string, args ...any) int {
	t.Helper()
	rs, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	n := 0
	for rs.Next() {
		n++
	}
	return n
}

func planOf(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rs, err := db.Query("EXPLAIN QUERY PLAN "+query, sql.Named("hash", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	var steps []string
	for rs.Next() {
		var id, parent, unused int
		var detail string
		if err := rs.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	return steps
}

// TestLastUseRecipe checks that a use is recorded, once a minute, and counts as
// no change.
func TestLastUseRecipe(t *testing.T) {
	k := newKitchen(t)
	db := openSQL(t, k.path)
	before := counter(t, db, recipe(t, "sql-counter"))
	id := k.id(t, "plain")
	const first = int64(1_800_000_000_000)
	for _, use := range []struct {
		at      int64
		address string
		want    string
	}{
		{first, "192.0.2.1", "192.0.2.1"}, {first + 59_999, "192.0.2.2", "192.0.2.1"}, {first + 60_000, "192.0.2.3", "192.0.2.3"},
	} {
		for _, statement := range strings.SplitAfter(strings.TrimSpace(recipe(t, "sql-last-use")), ";") {
			args := []any{sql.Named("now", use.at), sql.Named("address", use.address), sql.Named("id", id)}
			if !strings.Contains(statement, ":") {
				args = nil
			}
			db.SetMaxOpenConns(1) // the statements are one transaction
			if _, err := db.Exec(statement, args...); err != nil {
				t.Fatal(err)
			}
		}
		if got := k.run(t, "", "list", "--label", "plain", "--columns", "last_used_from", "-o", "csv", "--no-headers"); got != use.want {
			t.Errorf("used at %d from %s: keyreeve lists %q, want %q", use.at, use.address, got, use.want)
		}
	}
	if after := counter(t, db, recipe(t, "sql-counter")); after != before {
		t.Errorf("recording the last use moved the change counter from %d to %d", before, after)
	}
	k.run(t, "", "revoke", "plain")
	if after := counter(t, db, recipe(t, "sql-counter")); after != before+1 {
		t.Errorf("a change moved the change counter from %d to %d", before, after)
	}
}

func counter(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	var id string
	if err := db.QueryRow(query).Scan(&id, &n); err != nil || len(id) != 32 {
		t.Fatalf("%q, %v", id, err)
	}
	return n
}

// TestShellRecipe needs what the recipe says it needs.
func TestShellRecipe(t *testing.T) {
	for _, tool := range []string{"sh", "sqlite3", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: the shell recipe is not run", tool)
		}
	}
	k := newKitchen(t)
	script := filepath.Join(t.TempDir(), "check")
	if err := os.WriteFile(script, []byte(recipe(t, "sh-simple")), 0o700); err != nil {
		t.Fatal(err)
	}
	for label, usable := range map[string]bool{
		"all": true, "plain": true, "scoped": true, "bound": false, "net4": false, "rated": false, "gone": false,
		"over": false, "later": false, "slow": false, "unknown": false,
	} {
		c := exec.Command("sh", script, k.path)
		c.Stdin = strings.NewReader(k.tokens[label] + "\n")
		out, err := c.Output()
		if (err == nil) != usable {
			t.Errorf("%s: %v", label, err)
		}
		want := ""
		if usable {
			want = k.id(t, label) + "\n"
		}
		if string(out) != want {
			t.Errorf("%s: printed %q, want %q", label, out, want)
		}
	}
}
