package db

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// TestStatementsArePreparedOnce also where the schema changes between two runs, and
// where a run failed.
func TestStatementsArePreparedOnce(t *testing.T) {
	d := mustOpen(t, Options{Path: guestFile(t, "delete"), Access: ReadWrite})
	s, err := d.session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum := func(query string, args ...any) (n int64) {
		t.Helper()
		err := s.each(t.Context(), query, args, func(v []driver.Value) error {
			n += v[0].(int64)
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		return n
	}
	const total, add = "SELECT a FROM pile WHERE a <> ?", "INSERT INTO pile (a) VALUES (?)"
	exec := func(statement string) {
		t.Helper()
		if _, err := s.exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	exec("BEGIN IMMEDIATE")
	exec("CREATE TABLE pile (a INTEGER UNIQUE)")
	for i := range 50 {
		if _, err := s.change(t.Context(), add, i); err != nil {
			t.Fatal(err)
		}
		if want := int64(i * (i + 1) / 2); sum(total, -1) != want {
			t.Errorf("after %d rows the sum is not %d", i+1, want)
		}
		if i == 25 {
			exec("ALTER TABLE pile ADD COLUMN b TEXT")
		}
	}
	if len(s.prepared) != 2 {
		t.Errorf("%d statements for two texts", len(s.prepared))
	}
	for i := range 100 {
		if n := sum(fmt.Sprintf("SELECT %d", i)); n != int64(i) || len(s.prepared) > mostStatements {
			t.Errorf("text %d gives %d, with %d statements", i, n, len(s.prepared))
		}
	}
	if _, err := s.change(t.Context(), add, 1); err == nil || sum(total, -1) != 49*50/2 {
		t.Errorf("a row that is there already: %v", err)
	}
	exec("ROLLBACK")
	if s.close(); len(s.prepared) != 0 {
		t.Errorf("%d statements of a session that is over", len(s.prepared))
	}
}

// TestEventsAreWrittenTogether, in their order, and none without the others.
func TestEventsAreWrittenTogether(t *testing.T) {
	path := guestFile(t, "delete")
	d, pool := mustOpen(t, Options{Path: path, Access: ReadWrite}), plainPool(t, path)
	var want []keys.Event
	record := func(reasons ...string) error {
		return d.Update(t.Context(), func(tx keys.Tx) error {
			list := make([]keys.Event, 1)
			for i, reason := range reasons {
				list[0] = keys.Event{At: keys.Millis(int64(i)), Action: keys.ActionUpdate, KeyID: fmt.Sprint("key", i), Reason: reason}
				if err := tx.Record(t.Context(), list); err != nil {
					return err
				}
				want = append(want, list[0])
			}
			return nil
		})
	}
	if err := record(make([]string, 2*atATime+7)...); err != nil {
		t.Fatal(err)
	}
	got, err := auditOf(t.Context(), pool)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("%d events that were recorded are %d others, %v", len(want), len(got), err)
	}
	mustExec(t, pool, "CREATE UNIQUE INDEX picky ON keyreeve_audit (reason)")
	if err := record("one", "two", "one"); err == nil {
		t.Error("a change was made whose record was refused")
	}
	if got, err = auditOf(t.Context(), pool); len(got) != 2*atATime+7 || err != nil {
		t.Errorf("%d events after a change that failed, %v", len(got), err)
	}
}

// TestEventsWaitForNoTrigger: a dry run never comes to its end, and is to tell what a
// trigger would do all the same.
func TestEventsWaitForNoTrigger(t *testing.T) {
	path := guestFile(t, "delete")
	mustExec(t, plainPool(t, path), "CREATE TRIGGER no BEFORE INSERT ON keyreeve_audit BEGIN SELECT raise(ABORT, 'no'); END")
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	fresh := keys.CreateRequest{DryRun: true}
	if _, err := serviceOver(d).Create(t.Context(), fresh, quiet{}); err == nil {
		t.Error("a dry run of what a trigger refuses succeeds")
	}
}
