package db

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

// patience is far more than any lock of these tests lasts.
const patience = time.Minute

func mustOpen(t testing.TB, o Options) *DB {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = patience
	}
	d, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// plainPool is how an application opens its file: with none of our settings.
func plainPool(t testing.TB, path string) *sql.DB {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

// makeTables gives the database its tables, which otherwise the first key does.
func makeTables(t testing.TB, d *DB) {
	t.Helper()
	if err := d.Update(t.Context(), func(keys.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// nativeFile returns the path of a database without keys, in a file of its own.
func nativeFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(ownDir(t), "keys.db")
	d := mustOpen(t, Options{Path: path, Access: Create})
	makeTables(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// guestFile is nativeFile in the file of an application that journals in its own
// way and has tables and marks of its own.
func guestFile(t testing.TB, journal string) string {
	t.Helper()
	path := serverDB(t, filepath.Join(ownDir(t), "app.db"), journal)
	mustExec(t, serverPool(t, path, journal), "PRAGMA user_version = 77", "PRAGMA application_id = 4711",
		"CREATE TABLE keys (id INTEGER PRIMARY KEY, hash TEXT)", "INSERT INTO keys (hash) VALUES ('theirs')")
	d := mustOpen(t, Options{Path: path, Access: Create, Layout: NativeFamily})
	makeTables(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// observed is the database behind open, as the contract suite sees it.
func observed(t *testing.T, path string, open func() (keys.Store, error)) keystest.Database {
	pool := plainPool(t, path)
	return keystest.Database{
		Open: open,
		Audit: func() ([]keys.Event, error) {
			return auditOf(t.Context(), pool)
		},
		Changes: func() (n int64, err error) {
			return n, pool.QueryRow("SELECT change_counter FROM keyreeve_state").Scan(&n)
		},
		LockOut: func(address string, failures int, since keys.Instant) error {
			var until any
			if failures > 5 { // a server that locks an address out writes until when
				until = since.Add(5 * time.Minute).Millis()
			}
			_, err := pool.Exec("INSERT INTO keyreeve_lockouts VALUES (?, ?, ?, ?)", address, failures, since.Millis(), until)
			return err
		},
	}
}

func auditOf(ctx context.Context, pool *sql.DB) (list []keys.Event, err error) {
	rs, err := pool.QueryContext(ctx, `SELECT at, action, coalesce(key_id, ''), user, coalesce(claimed_user, ''), host, process,
		coalesce(reason, ''), forced, coalesce(before, ''), coalesce(after, '') FROM keyreeve_audit ORDER BY seq`)
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	for rs.Next() {
		var e keys.Event
		var at int64
		a := &e.Actor
		err := rs.Scan(&at, &e.Action, &e.KeyID, &a.User, &a.Claimed, &a.Host, &a.Process, &e.Reason, &e.Forced, &e.Before, &e.After)
		if err != nil {
			return nil, err
		}
		e.At = keys.Millis(at)
		list = append(list, e)
	}
	return list, rs.Err()
}

func opening(path string) func() (keys.Store, error) {
	return func() (keys.Store, error) {
		return Open(context.Background(), Options{Path: path, Access: ReadWrite, Timeout: patience})
	}
}

func TestContractOfOwnFile(t *testing.T) {
	keystest.Run(t, func(t *testing.T) keystest.Database {
		path := nativeFile(t)
		return observed(t, path, opening(path))
	})
}

// unlessShort skips what a short run has seen over keyreeve's own file.
func unlessShort(t *testing.T) {
	if testing.Short() {
		t.Skip("the same promises again")
	}
}

func TestContractInApplicationsFile(t *testing.T) {
	unlessShort(t)
	keystest.Run(t, func(t *testing.T) keystest.Database {
		path := guestFile(t, "delete")
		t.Cleanup(func() { stillTheirs(t, path, "delete") })
		return observed(t, path, opening(path))
	})
}

// stillTheirs checks that an application's file is as the application left it.
func stillTheirs(t *testing.T, path, journal string) {
	t.Helper()
	pool := plainPool(t, path)
	for query, want := range map[string]string{
		"PRAGMA journal_mode": journal, "PRAGMA user_version": "77", "PRAGMA application_id": "4711",
		"SELECT group_concat(hash) FROM keys": "theirs", "PRAGMA integrity_check": "ok", "PRAGMA foreign_key_check": "",
	} {
		var got string
		if err := pool.QueryRow(query).Scan(&got); err != nil && err != sql.ErrNoRows || got != want {
			t.Errorf("%s gives %q, want %q (%v)", query, got, want, err)
		}
	}
}

func TestContractThroughApplicationsHandle(t *testing.T) {
	unlessShort(t)
	keystest.Run(t, func(t *testing.T) keystest.Database {
		path := guestFile(t, "wal")
		handle := plainPool(t, path)
		t.Cleanup(func() { stillTheirs(t, path, "wal") })
		return observed(t, path, func() (keys.Store, error) {
			return FromDB(context.Background(), handle, Options{Access: ReadWrite, Timeout: patience})
		})
	})
}

func TestOwnFileIsMarkedAndLeavesNothingBeside(t *testing.T) {
	path := nativeFile(t)
	if diff := cmp.Diff([]string{"keys.db"}, namesIn(t, filepath.Dir(path))); diff != "" {
		t.Errorf("left behind:\n%s", diff)
	}
	pool := plainPool(t, path)
	for pragma, want := range map[string]string{"journal_mode": "wal", "application_id": "1263687237"} {
		var got string
		if err := pool.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q (%v)", pragma, got, want, err)
		}
	}
}

func TestReadOnlyStoreChangesNothing(t *testing.T) {
	path := nativeFile(t)
	d := mustOpen(t, Options{Path: path, Access: ReadOnly})
	wantReason(t, d.Update(t.Context(), func(keys.Tx) error { t.Error("the function ran"); return nil }), keys.ReasonReadOnly)
	if !strings.HasSuffix(d.Info().Path, "keys.db") || d.Info().Schema != len(migrations()) {
		t.Errorf("%+v", d.Info())
	}
}
