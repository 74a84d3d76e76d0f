package db

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// crash leaves at path what a killed server leaves: a database half changed by a
// transaction that outgrew its cache, and the journal that undoes it.
func crash(t testing.TB, path string) {
	t.Helper()
	live := filepath.Join(ownDir(t), "live.db")
	pool := serverPool(t, live, "delete")
	mustExec(t, pool, "CREATE TABLE t (a INTEGER PRIMARY KEY, b)",
		"WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000) INSERT INTO t SELECT n, 'before' || zeroblob(50) FROM c",
		"PRAGMA cache_size = 2", "BEGIN", "UPDATE t SET b = 'after' || b")
	for _, suffix := range []string{"", "-journal"} {
		copyFile(t, live+suffix, path+suffix)
	}
	mustExec(t, pool, "ROLLBACK")
}

func TestCrashedChangeIsUndone(t *testing.T) {
	for _, access := range []Access{ReadOnly, ReadWrite} {
		dir := ownDir(t)
		path := filepath.Join(dir, "a.db")
		crash(t, path)
		pool := mustConnect(t, path, access)
		var total, after int
		if err := pool.QueryRow("SELECT count(*), sum(b LIKE 'after%') FROM t").Scan(&total, &after); err != nil {
			t.Fatal(err)
		}
		if total != 3000 || after != 0 {
			t.Errorf("access %d: %d rows, %d of the unfinished change", access, total, after)
		}
		pool.Close()
		if diff := cmp.Diff([]string{"a.db"}, namesIn(t, dir)); diff != "" {
			t.Errorf("access %d: left behind:\n%s", access, diff)
		}
	}
}

func TestCrashedFirstChangeIsUndone(t *testing.T) {
	live := filepath.Join(ownDir(t), "live.db")
	pool := serverPool(t, live, "delete")
	mustExec(t, pool, "PRAGMA cache_size = 2", "BEGIN", "CREATE TABLE t (a, b)",
		"WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000) INSERT INTO t SELECT n, zeroblob(500) FROM c")
	path := filepath.Join(ownDir(t), "a.db")
	for _, suffix := range []string{"", "-journal"} {
		copyFile(t, live+suffix, path+suffix)
	}
	var tables int
	if err := mustConnect(t, path, ReadOnly).QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil || tables != 0 {
		t.Errorf("%d tables, %v", tables, err)
	}
}

func TestCrashedLogIsRecovered(t *testing.T) {
	live := serverDB(t, filepath.Join(ownDir(t), "live.db"), "wal")
	mustExec(t, serverPool(t, live, "wal"), "INSERT INTO t (b) VALUES ('committed, in the log only')")
	dir := ownDir(t)
	path := filepath.Join(dir, "a.db")
	copyFile(t, live, path)
	copyFile(t, live+"-wal", path+"-wal")
	if n, err := visit(path, ReadOnly, currentIdentity()); err != nil || n != 4 {
		t.Errorf("%d rows, %v", n, err)
	}
	if diff := cmp.Diff([]string{"a.db"}, namesIn(t, dir)); diff != "" {
		t.Errorf("left behind:\n%s", diff)
	}
}

func TestDamageIsNamed(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "delete")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 1000), 100); err != nil {
		t.Fatal(err)
	}
	f.Close()
	_, err = visit(path, ReadOnly, currentIdentity())
	wantReason(t, err, keys.ReasonCorrupt)
}
