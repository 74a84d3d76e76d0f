package db

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// ownDir returns a directory that only we may write, whatever the umask.
func ownDir(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// serverPool opens a database as its server would, with none of our settings.
func serverPool(t testing.TB, path, journal string) *sql.DB {
	t.Helper()
	pool, err := sql.Open("sqlite", "file://"+uriEscaped(path)+"?_pragma=journal_mode("+journal+")")
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	t.Cleanup(func() { pool.Close() })
	return pool
}

func mustExec(t testing.TB, pool *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := pool.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// serverDB makes a database with one table of three rows, closed again.
func serverDB(t testing.TB, path, journal string) string {
	t.Helper()
	pool := serverPool(t, path, journal)
	mustExec(t, pool, "CREATE TABLE t (a INTEGER PRIMARY KEY, b)", "INSERT INTO t (b) VALUES ('x'), ('y'), ('z')")
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func reasonOf(err error) keys.Reason {
	var e *keys.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Reason
	}
	return keys.Reason("not a *keys.Error: " + err.Error())
}

func wantReason(t testing.TB, err error, want keys.Reason) {
	t.Helper()
	if got := reasonOf(err); got != want {
		t.Fatalf("reason %q, want %q (%v)", got, want, err)
	}
}

func namesIn(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func write(t testing.TB, path string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// visit does what a command does: look, check, connect, work, close.
func visit(path string, access Access, id identity) (rows int, err error) {
	ctx := context.Background()
	l, err := lookAt(path)
	if err != nil {
		return 0, err
	}
	if err := l.check(access, id); err != nil {
		return 0, err
	}
	var pool *sql.DB
	err = acquire(ctx, time.Second, nil, func() (err error) {
		pool, err = connect(ctx, l, access, engineWait)
		return err
	})
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	if access != ReadOnly {
		if _, err := pool.Exec("INSERT INTO t (b) VALUES ('ours')"); err != nil {
			return 0, wrap(err, path, "writing")
		}
	}
	err = pool.QueryRow("SELECT count(*) FROM t").Scan(&rows)
	return rows, wrap(err, path, "reading")
}

func mustConnect(t testing.TB, path string, access Access) *sql.DB {
	t.Helper()
	l, err := lookAt(path)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := connect(t.Context(), l, access, engineWait)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	content, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, content)
}
