package db

import (
	"errors"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// held starts a process that holds a lock on the database for a while.
func held(t *testing.T, path, lock string, d time.Duration) worker {
	t.Helper()
	w := startWorker(t)
	tell(t, []worker{w}, func(int) task { return task{Do: "hold", Path: path, Journal: lock, Timeout: d} })
	if a := w.answer(t); !a.Held {
		t.Fatalf("the lock was not taken: %+v", a)
	}
	return w
}

func TestLockIsWaitedForAndAnnounced(t *testing.T) {
	for journal, path := range map[string]string{"wal": nativeFile(t), "delete": guestFile(t, "delete")} {
		waited := 0
		d := mustOpen(t, Options{Path: path, Access: ReadWrite, Waiting: func() { waited++ }})
		other, start := held(t, path, "IMMEDIATE", 1500*time.Millisecond), time.Now()
		_, err := serviceOver(d).Create(t.Context(), keys.CreateRequest{}, quiet{})
		if took := time.Since(start); err != nil || waited != 1 || took < time.Second {
			t.Errorf("%s: after %s and %d announcements: %v", journal, took, waited, err)
		}
		if a := other.answer(t); a.Reason != "" {
			t.Errorf("%s: the other process says %q: %s", journal, a.Reason, a.Text)
		}
	}
}

func TestLockIsGivenUpAfterTheTimeout(t *testing.T) {
	path := guestFile(t, "delete")
	d := mustOpen(t, Options{Path: path, Access: ReadWrite, Timeout: 200 * time.Millisecond})
	other := held(t, path, "EXCLUSIVE", 3*time.Second)
	err := d.Update(t.Context(), func(keys.Tx) error { return errors.New("the function ran") })
	wantReason(t, err, keys.ReasonBusy)
	err = d.View(t.Context(), func(keys.Reader) error { return errors.New("the function ran") })
	wantReason(t, err, keys.ReasonBusy)
	_, err = Open(t.Context(), Options{Path: path, Timeout: 200 * time.Millisecond})
	wantReason(t, err, keys.ReasonBusy)
	other.answer(t)
	if n, events := tally(t, d); n != 0 || events != 0 {
		t.Errorf("%d keys and %d events", n, events)
	}
}

// Where there is no write-ahead log a reader holds off the commit, which must wait
// longer than SQLite itself does.
func TestCommitWaitsForAReader(t *testing.T) {
	path := guestFile(t, "delete")
	reader := plainPool(t, path)
	reader.SetMaxOpenConns(1)
	mustExec(t, reader, "BEGIN", "SELECT count(*) FROM sqlite_master")
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	released := make(chan error, 1)
	_, err := serviceOver(d).Create(t.Context(), keys.CreateRequest{}, delivering(func() {
		time.AfterFunc(4*engineWait, func() {
			_, err := reader.Exec("COMMIT")
			released <- err
		})
	}))
	if err != nil {
		t.Error(err)
	}
	if err := <-released; err != nil {
		t.Error(err)
	}
	if n, events := tally(t, d); n != 1 || events != 1 {
		t.Errorf("%d keys and %d events", n, events)
	}
}

// delivering is a delivery that does something while the lock is held.
type delivering func()

func (delivering) Stage([]keys.Issued) error { return nil }
func (d delivering) Deliver() (bool, error)  { d(); return false, nil }
func (delivering) Publish() error            { return nil }
func (delivering) Discard()                  {}

// A pager that nobody leaves must not stop the server, also where a reader holds
// off the commit of a writer.
func TestStandingReaderDelaysNobody(t *testing.T) {
	path := guestFile(t, "delete")
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	s := serviceOver(d)
	if _, err := s.Create(t.Context(), keys.CreateRequest{Count: 100}, quiet{}); err != nil {
		t.Fatal(err)
	}
	writer, pages := startWorker(t), 0
	err := s.List(t.Context(), keys.Query{Limit: 10}, func([]keys.Key) error {
		if pages++; pages > 2 {
			return nil
		}
		time.Sleep(50 * time.Millisecond) // the next page has been read meanwhile
		tell(t, []worker{writer}, func(int) task { return task{Do: "create", Path: path, Count: 3, Timeout: time.Second} })
		if a := writer.answer(t); a.Reason != "" {
			t.Errorf("the writer says %q: %s", a.Reason, a.Text)
		}
		return nil
	})
	if err != nil || pages < 10 {
		t.Errorf("%d pages, %v", pages, err)
	}
}
