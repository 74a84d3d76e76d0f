package db

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestSchemaBeforeIsReadAndNotWritten(t *testing.T) {
	for _, access := range []Access{ReadOnly, ReadWrite, Create} {
		path := oldFile(t)
		before := dump(t, path)
		d := mustProgram(t, path, access, stepTwo)
		if found, err := serviceOver(d).Select(t.Context(), keys.TextRef("00000001")); err != nil || len(found) != 1 {
			t.Errorf("access %d: %d keys, %v", access, len(found), err)
		}
		if access != ReadOnly {
			_, err := serviceOver(d).Create(t.Context(), keys.CreateRequest{}, quiet{})
			wantReason(t, err, keys.ReasonOldSchema)
		}
		if diff := cmp.Diff(before, dump(t, path)); diff != "" {
			t.Errorf("access %d changed\n%s", access, diff)
		}
	}
}

func TestSchemaOfOtherProgramsIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		change  string
		further []string
		want    keys.Reason
	}{
		"two versions behind": {"SELECT 1", []string{stepTwo, stepThree}, keys.ReasonOldSchema},
		"a newer version":     {"UPDATE keyreeve_state SET schema_version = 2", nil, keys.ReasonNewSchema},
		"a far newer version": {"UPDATE keyreeve_state SET schema_version = 99", nil, keys.ReasonNewSchema},
		"no row of the state": {"DELETE FROM keyreeve_state", nil, keys.ReasonCorrupt},
	} {
		path := oldFile(t)
		mustExec(t, plainPool(t, path), tt.change)
		before := dump(t, path)
		for _, access := range []Access{ReadOnly, ReadWrite, Create} {
			d, err := programOf(t, path, access, tt.further...)
			if err == nil {
				_, err = serviceOver(d).Status(t.Context())
			}
			if e := (*keys.Error)(nil); !errors.As(err, &e) || e.Reason != tt.want || e.Path != path {
				t.Errorf("%s, access %d: %v, want %q and the path", name, access, err, tt.want)
			}
		}
		if diff := cmp.Diff(before, dump(t, path)); diff != "" {
			t.Errorf("%s changed\n%s", name, diff)
		}
	}
}

// Another process may migrate while this one has the database open.
func TestSchemaThatGrowsMeanwhileIsNotWritten(t *testing.T) {
	path := oldFile(t)
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	if _, _, err := serviceOver(mustProgram(t, path, ReadWrite, stepTwo)).Migrate(t.Context(), keys.ChangeRequest{}); err != nil {
		t.Fatal(err)
	}
	before := dump(t, path)
	_, err := serviceOver(d).Create(t.Context(), keys.CreateRequest{}, quiet{})
	wantReason(t, err, keys.ReasonNewSchema)
	_, _, err = serviceOver(d).Migrate(t.Context(), keys.ChangeRequest{})
	wantReason(t, err, keys.ReasonNewSchema)
	if diff := cmp.Diff(before, dump(t, path)); diff != "" {
		t.Errorf("changed\n%s", diff)
	}
}

func TestMigrateOnce(t *testing.T) {
	path := oldFile(t)
	for _, from := range []int{1, 3, 3} {
		d := mustProgram(t, path, ReadWrite, stepTwo, stepThree)
		was, is, err := serviceOver(d).Migrate(t.Context(), keys.ChangeRequest{Reason: "new version"})
		if err != nil || was != from || is != 3 || d.Info().Schema != 3 {
			t.Fatalf("from %d to %d, Info %+v, %v", was, is, d.Info(), err)
		}
	}
	stillTheirs(t, path, "delete")
	checkMigrated(t, path)
}

// checkMigrated looks at what a migration from 1 to 3 leaves.
func checkMigrated(t *testing.T, path string) {
	t.Helper()
	d := mustProgram(t, path, ReadWrite, stepTwo, stepThree)
	var counted, changes int
	err := d.pool.QueryRow("SELECT (SELECT a FROM keyreeve_two), change_counter FROM keyreeve_state").Scan(&counted, &changes)
	if err != nil || counted != 3 || changes != 2 {
		t.Errorf("the step saw %d keys, %d changes were counted, %v", counted, changes, err)
	}
	audit, err := auditOf(t.Context(), d.pool)
	if err != nil || len(audit) != 4 {
		t.Fatalf("the audit is %+v, %v", audit, err)
	}
	last := audit[3]
	if last.Action != keys.ActionMigrate || last.Before != `{"schema":1}` || last.After != `{"schema":3}` || last.Reason != "new version" {
		t.Errorf("the audit says %+v", last)
	}
	if _, err := serviceOver(d).Create(t.Context(), keys.CreateRequest{}, quiet{}); err != nil {
		t.Error(err)
	}
}

func TestMigrateOnceInACrowd(t *testing.T) {
	path := oldFile(t)
	programs := make([]*DB, 8)
	for i := range programs {
		programs[i] = mustProgram(t, path, ReadWrite, stepTwo)
	}
	var migrated atomic.Int32
	done := make(chan error)
	for _, d := range programs {
		go func() {
			from, to, err := serviceOver(d).Migrate(context.Background(), keys.ChangeRequest{})
			if from != to {
				migrated.Add(1)
			}
			done <- err
		}()
	}
	for range programs {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := migrated.Load(); n != 1 {
		t.Errorf("migrated %d times", n)
	}
}

func TestMigrationThatFailsLeavesNothing(t *testing.T) {
	refused := errors.New("refused")
	for name, tt := range map[string]struct {
		further []string
		done    func(keys.Tx, int, int) error
	}{
		"a step that fails":          {[]string{brokenStep}, func(keys.Tx, int, int) error { return nil }},
		"a step that fails later":    {[]string{stepTwo, brokenStep}, func(keys.Tx, int, int) error { return nil }},
		"what comes with it refuses": {[]string{stepTwo}, func(keys.Tx, int, int) error { return refused }},
	} {
		path := oldFile(t)
		before := dump(t, path)
		d := mustProgram(t, path, ReadWrite, tt.further...)
		schema := d.Info().Schema
		if err := d.Migrate(t.Context(), tt.done); err == nil {
			t.Errorf("%s: no error", name)
		}
		if diff := cmp.Diff(before, dump(t, path)); diff != "" || d.Info().Schema != schema {
			t.Errorf("%s leaves schema %d and\n%s", name, d.Info().Schema, diff)
		}
		if _, err := serviceOver(mustOpen(t, Options{Path: path, Access: ReadWrite})).Create(t.Context(), keys.CreateRequest{}, quiet{}); err != nil {
			t.Errorf("%s: the old program: %v", name, err)
		}
	}
}

func TestMigrateDryRun(t *testing.T) {
	path := oldFile(t)
	before := dump(t, path)
	d := mustProgram(t, path, ReadWrite, stepTwo)
	from, to, err := serviceOver(d).Migrate(t.Context(), keys.ChangeRequest{DryRun: true})
	if err != nil || from != 1 || to != 2 || d.Info().Schema != 1 {
		t.Errorf("from %d to %d, Info %+v, %v", from, to, d.Info(), err)
	}
	if diff := cmp.Diff(before, dump(t, path)); diff != "" {
		t.Errorf("changed\n%s", diff)
	}
	if from, to, err = serviceOver(d).Migrate(t.Context(), keys.ChangeRequest{}); err != nil || from != 1 || to != 2 {
		t.Errorf("from %d to %d, %v", from, to, err)
	}
}

func TestMigrateNeedsAWriter(t *testing.T) {
	d := mustProgram(t, oldFile(t), ReadOnly, stepTwo)
	_, _, err := serviceOver(d).Migrate(t.Context(), keys.ChangeRequest{})
	wantReason(t, err, keys.ReasonReadOnly)
}
