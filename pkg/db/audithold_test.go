package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// lockedAudit is a file whose lock somebody else has, until the file is closed.
func lockedAudit(t *testing.T) *os.File {
	t.Helper()
	file := write(t, filepath.Join(ownDir(t), "audit.jsonl"), nil)
	var both [2]*os.File
	for i := range both {
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		both[i] = f
	}
	if err := lockFile(both[0]); err != nil {
		t.Fatal(err)
	}
	if lockFile(both[1]) == nil {
		t.Skip("there is no lock here")
	}
	return both[0]
}

// A named log is waited for, and what is refused then names it, not the database.
func TestNamedAuditThatIsLocked(t *testing.T) {
	holder, path := lockedAudit(t), clubFile(t, "delete")
	file, before, waited := holder.Name(), contents(t, path), 0
	d, warnings := audited(t, Options{Path: path, AuditLog: file, AuditMust: true, Timeout: 1200 * time.Millisecond, Waiting: func() { waited++ }})
	err := d.Update(t.Context(), func(keys.Tx) error { return errors.New("the function ran") })
	if e := (*keys.Error)(nil); !errors.As(err, &e) || e.Reason != keys.ReasonBusy || e.Path != file || !strings.Contains(e.Message, file) {
		t.Error(err)
	}
	if waited > 0 || len(*warnings) != 1 || !strings.Contains((*warnings)[0], file) {
		t.Errorf("%d waits for the database, warned with %q", waited, *warnings)
	}
	if diff := cmp.Diff(before, contents(t, path)); diff != "" {
		t.Error(diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d, _ = audited(t, Options{Path: path, AuditLog: file, AuditMust: true})
	time.AfterFunc(20*time.Millisecond, cancel)
	wantReason(t, record(ctx, d, clubEvent(keys.ActionCreate, "a")), keys.ReasonInterrupted)
	time.AfterFunc(20*time.Millisecond, func() { unlockFile(holder) })
	if err := record(t.Context(), d, clubEvent(keys.ActionCreate, "a")); err != nil || len(linesOf(t, file)) != 2 {
		t.Error(err)
	}
}

// The default log is waited for a second, or the whole of a shorter timeout, and then
// written without its lock.
func TestDefaultAuditThatIsLocked(t *testing.T) {
	holder, path := lockedAudit(t), clubFile(t, "delete")
	for i, tt := range []struct{ timeout, least time.Duration }{{patience, grace}, {50 * time.Millisecond, 50 * time.Millisecond}} {
		d, warnings := audited(t, Options{Path: path, AuditLog: holder.Name(), Timeout: tt.timeout})
		start := time.Now()
		if err := d.Update(t.Context(), func(tx keys.Tx) error { return enter(t.Context(), tx, fmt.Sprint("a", i)) }); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < tt.least || took > patience/2 {
			t.Errorf("took %s", took)
		}
		if len(*warnings) != 1 || !strings.Contains((*warnings)[0], holder.Name()) || len(auditedIn(t, holder.Name(), path)) != i+1 {
			t.Errorf("warned with %q", *warnings)
		}
	}
	d, warnings := audited(t, Options{Path: path, AuditLog: holder.Name()})
	time.AfterFunc(20*time.Millisecond, func() { unlockFile(holder) })
	if err := record(t.Context(), d, clubEvent(keys.ActionCreate, "a")); err != nil || len(*warnings) > 0 {
		t.Error(err, *warnings)
	}
}

// Whoever holds the lock of the log, the server is not kept from writing.
func TestLockedAuditDelaysNoServer(t *testing.T) {
	for _, must := range []bool{true, false} {
		for _, journal := range []string{"wal", "delete"} {
			holder, path := lockedAudit(t), clubFile(t, journal)
			d, _ := audited(t, Options{Path: path, AuditLog: holder.Name(), AuditMust: must, Timeout: 1500 * time.Millisecond})
			stop := servingMeanwhile(t, path, "INSERT INTO failures VALUES (?, 1, 1)")
			err := d.Update(t.Context(), func(tx keys.Tx) error { return enter(t.Context(), tx, "a") })
			if want := map[bool]keys.Reason{true: keys.ReasonBusy}[must]; reasonOf(err) != want {
				t.Errorf("%s, must %t: %v", journal, must, err)
			}
			if _, err := stop(); err != nil {
				t.Errorf("%s, must %t: the server says %v", journal, must, err)
			}
		}
	}
}

// servingMeanwhile writes as a server does that waits for a second, until it is
// stopped: then it tells how long its slowest write took.
func servingMeanwhile(t *testing.T, path, insert string) (stop func() (time.Duration, error)) {
	t.Helper()
	server := plainPool(t, path)
	server.SetMaxOpenConns(1)
	mustExec(t, server, "PRAGMA busy_timeout = 1000")
	ctx, cancel := context.WithCancel(t.Context())
	slowest, failed := time.Duration(0), make(chan error, 1)
	go func() {
		var err error
		for n := 0; err == nil && ctx.Err() == nil; n++ {
			start := time.Now()
			_, err = server.Exec(insert, fmt.Sprint("row ", n))
			slowest = max(slowest, time.Since(start))
			time.Sleep(5 * time.Millisecond)
		}
		failed <- err
	}()
	return func() (time.Duration, error) {
		cancel()
		err := <-failed
		return slowest, err
	}
}

// However long the log is, it is read once and while nothing is locked.
func TestLongAuditDelaysNoServer(t *testing.T) {
	s := outsiders()[0]
	s.layout = strings.Replace(s.layout, "ids: {from: database}", "ids: {from: database, reused: true}", 1)
	path := s.make(t)
	line := changeLines(&auditLog{database: path}, "t", phaseCommitted, reasonedEvent(keys.ActionDelete, "2", strings.Repeat("x", 300)))
	write(t, s.options(path).AuditLog, []byte(strings.Repeat(line, (32<<20)/len(line))))
	g := s.at(t, path)
	stop := servingMeanwhile(t, path, "INSERT INTO people VALUES (?)")
	q := g.request()
	q.Count = 1000
	start := time.Now()
	issued, err := g.s.Create(t.Context(), q, quiet{})
	if took := time.Since(start); err != nil || took > patience/2 {
		t.Fatalf("after %s: %v", took, err)
	}
	if len(issued[0].Advice) != 0 || len(issued[1].Advice) != 1 {
		t.Errorf("advice %q and %q", issued[0].Advice, issued[1].Advice)
	}
	if slowest, err := stop(); err != nil {
		t.Errorf("the server says %v after %s", err, slowest)
	}
}

// A process that waits for a database does not hold the log, which other databases
// are recorded in too.
func TestBusyDatabaseDelaysNoOther(t *testing.T) {
	file := write(t, filepath.Join(ownDir(t), "audit.jsonl"), nil)
	busy, free := clubFile(t, "delete"), clubFile(t, "delete")
	server := plainPool(t, busy)
	server.SetMaxOpenConns(1)
	mustExec(t, server, "BEGIN IMMEDIATE")
	stuck, _ := audited(t, Options{Path: busy, AuditLog: file, AuditMust: true, Timeout: patience})
	waits := make(chan error, 1)
	go func() {
		waits <- stuck.Update(t.Context(), func(tx keys.Tx) error { return enter(t.Context(), tx, "a") })
	}()
	time.Sleep(50 * time.Millisecond)
	d, _ := audited(t, Options{Path: free, AuditLog: file, AuditMust: true, Timeout: engineWait / 2})
	for i := range 10 {
		if err := d.Update(t.Context(), func(tx keys.Tx) error { return enter(t.Context(), tx, fmt.Sprint("b", i)) }); err != nil {
			t.Errorf("change %d: %v", i, err)
		}
	}
	mustExec(t, server, "COMMIT")
	if err := <-waits; err != nil || len(auditedIn(t, file, busy)) != 1 {
		t.Error(err)
	}
}

// Nobody else writes between an intent and its outcome.
func TestAuditIsHeldForTheWholeChange(t *testing.T) {
	holder := lockedAudit(t)
	unlockFile(holder)
	d, _ := audited(t, Options{AuditLog: holder.Name(), AuditMust: true})
	err := d.Update(t.Context(), func(tx keys.Tx) error {
		if lockFile(holder) == nil {
			t.Error("the log is not locked")
		}
		return enter(t.Context(), tx, "a")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := lockFile(holder); err != nil {
		t.Errorf("the log is not let go of: %v", err)
	}
}
