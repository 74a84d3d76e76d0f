package db

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestNoFileStaysBehind(t *testing.T) {
	for _, journal := range []string{"wal", "delete", "truncate", "persist"} {
		for access, rows := range map[Access]int{ReadOnly: 3, ReadWrite: 4} {
			dir := ownDir(t)
			path := serverDB(t, filepath.Join(dir, "a.db"), journal)
			before := namesIn(t, dir)
			got, err := visit(path, access, currentIdentity())
			if err != nil || got != rows {
				t.Errorf("%s, access %d: %d rows, %v", journal, access, got, err)
			}
			for _, name := range namesIn(t, dir) {
				if !slices.Contains(before, name) {
					t.Errorf("%s, access %d: left %s behind", journal, access, name)
				}
			}
			if l, err := lookAt(path); err != nil || l.WAL != (journal == "wal") {
				t.Errorf("%s, access %d: the journal mode was changed (%v)", journal, access, err)
			}
		}
	}
}

func TestReaderChangesNothing(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "delete")
	pool := mustConnect(t, path, ReadOnly)
	_, err := pool.Exec("DELETE FROM t")
	wantReason(t, wrap(err, path, "deleting"), keys.ReasonReadOnly)
}

func TestReaderHoldsNoLock(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "delete")
	mustConnect(t, path, ReadOnly)
	mustExec(t, serverPool(t, path, "delete"), "BEGIN EXCLUSIVE", "INSERT INTO t (b) VALUES (1)", "COMMIT")
}

func TestOddPathsOpenThatVeryFile(t *testing.T) {
	for _, name := range oddNames {
		dir := ownDir(t)
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			if runtime.GOOS == "linux" {
				t.Error(err)
			}
			continue // this file system does not allow the name
		}
		pool := mustConnect(t, path, ReadWrite)
		mustExec(t, pool, "CREATE TABLE t (a, b)", "INSERT INTO t VALUES (1, 2)")
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		if n, err := visit(path, ReadOnly, currentIdentity()); err != nil || n != 1 {
			t.Errorf("%q: %d rows, %v", name, n, err)
		}
		if diff := cmp.Diff([]string{name}, namesIn(t, dir)); diff != "" {
			t.Errorf("%q: wrote elsewhere:\n%s", name, diff)
		}
	}
}

func TestConnectCreatesNothing(t *testing.T) {
	dir := ownDir(t)
	for _, access := range []Access{ReadOnly, ReadWrite, Create} {
		_, err := connect(t.Context(), look{Path: filepath.Join(dir, "none.db"), Writable: true}, access, 0)
		wantReason(t, err, keys.ReasonUnreadable)
	}
	if names := namesIn(t, dir); names != nil {
		t.Errorf("made %v", names)
	}
}

func TestProtectionsAreInForce(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "wal")
	pool := mustConnect(t, path, ReadWrite)
	if err := pool.QueryRow(`SELECT "no such column" FROM t`).Scan(new(string)); err == nil {
		t.Error("a mistyped column is taken for a string: _dqs is not in force")
	}
	mustExec(t, pool, "PRAGMA writable_schema = ON")
	if _, err := pool.Exec("DELETE FROM sqlite_schema"); err == nil {
		t.Error("the schema can be edited: _defensive is not in force")
	}
	for name, want := range map[string]int{"foreign_keys": 1, "trusted_schema": 0, "synchronous": 2, "busy_timeout": 100} {
		var got int
		if err := pool.QueryRow("PRAGMA " + name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %d, want %d (%v)", name, got, want, err)
		}
	}
}

func TestPragmaNotInForceIsRefused(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "delete")
	pool := serverPool(t, path, "delete")
	if err := inForce(t.Context(), pool, []pragma{{"foreign_keys", 0}}); err != nil {
		t.Error(err)
	}
	for _, p := range []pragma{{"foreign_keys", 1}, {"foreign_keyz", 1}} {
		if err := inForce(t.Context(), pool, []pragma{p}); err == nil {
			t.Errorf("%v passes for being in force", p)
		}
	}
}

func TestOneConnection(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "delete")
	if n := mustConnect(t, path, ReadWrite).Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d connections may compete for the write lock", n)
	}
}

func TestConnectIsInterrupted(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "delete")
	l, err := lookAt(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = connect(ctx, l, ReadOnly, 0)
	wantReason(t, err, keys.ReasonInterrupted)
}
