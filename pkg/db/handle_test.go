package db

import (
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestClosingLeavesApplicationsHandleOpen(t *testing.T) {
	path := guestFile(t, "delete")
	handle := plainPool(t, path)
	d, err := FromDB(t.Context(), handle, Options{Access: ReadWrite, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	mustExec(t, handle, "INSERT INTO keys (hash) VALUES ('more')")
}

// What an application has set on its connections is its own.
func TestApplicationsConnectionKeepsItsSettings(t *testing.T) {
	path := guestFile(t, "wal")
	handle := plainPool(t, path)
	handle.SetMaxOpenConns(1)
	mustExec(t, handle, "PRAGMA cache_size = 123", "PRAGMA foreign_keys = 0", "PRAGMA synchronous = 1", "PRAGMA busy_timeout = 7")
	d, err := FromDB(t.Context(), handle, Options{Access: ReadWrite, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, d, rounds(bulk+1))
	if _, err := serviceOver(d).Status(t.Context()); err != nil {
		t.Error(err)
	}
	for pragma, want := range map[string]int{"cache_size": 123, "foreign_keys": 0, "synchronous": 1, "busy_timeout": 7, "query_only": 0} {
		var got int
		if err := handle.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %d, want %d (%v)", pragma, got, want, err)
		}
	}
}

// One process may open keyreeve's store before anybody has made the first key.
func TestStoreThatWasOpenedEmptySeesTheFirstKey(t *testing.T) {
	path := guestFile(t, "delete")
	mustExec(t, plainPool(t, path), "DROP VIEW keyreeve_usable_keys", "DROP VIEW keyreeve_live_keys", "DROP TABLE keyreeve_keys",
		"DROP TABLE keyreeve_state", "DROP TABLE keyreeve_audit", "DROP TABLE keyreeve_settings", "DROP TABLE keyreeve_lockouts")
	o := Options{Path: path, Access: Create, Layout: NativeFamily}
	early, maker := mustOpen(t, o), mustOpen(t, o)
	_, err := serviceOver(early).Status(t.Context())
	wantReason(t, err, keys.ReasonEmpty)
	issued, err := serviceOver(maker).Bootstrap(t.Context(), keys.CreateRequest{}, quiet{})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := serviceOver(early).Verify(t.Context(), issued[0].Token, keys.Request{}); err != nil || !v.Accepted {
		t.Errorf("%+v, %v", v, err)
	}
}

// What a bootstrap makes before it fails goes with it, its tables too.
func TestBootstrapThatFailsLeavesNoTables(t *testing.T) {
	path := serverDB(t, ownDir(t)+"/app.db", "delete")
	d := mustOpen(t, Options{Path: path, Access: Create, Layout: NativeFamily})
	for name, q := range map[string]keys.CreateRequest{"a dry run": {DryRun: true}, "a failure": {}} {
		_, err := serviceOver(d).Bootstrap(t.Context(), q, undelivered{})
		if (err != nil) == q.DryRun {
			t.Errorf("%s: %v", name, err)
		}
		_, err = serviceOver(d).Status(t.Context())
		wantReason(t, err, keys.ReasonEmpty)
		var tables int
		if err := plainPool(t, path).QueryRow("SELECT count(*) FROM sqlite_master WHERE name LIKE 'keyreeve%'").Scan(&tables); err != nil || tables != 0 {
			t.Errorf("%s leaves %d tables, %v", name, tables, err)
		}
	}
	if _, err := serviceOver(d).Bootstrap(t.Context(), keys.CreateRequest{}, quiet{}); err != nil {
		t.Error(err)
	}
}

// undelivered is a delivery that fails last of all.
type undelivered struct{ quiet }

func (undelivered) Deliver() (bool, error) {
	return true, keys.Errorf(keys.ReasonOutput, "broken pipe")
}
