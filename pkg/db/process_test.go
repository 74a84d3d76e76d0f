package db

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

const crowd = 16 // processes

// rounds is how often a race between processes is run.
func rounds(full int) int {
	if testing.Short() || raceDetector {
		return max(full/10, 2)
	}
	return full
}

func TestProcessesBootstrapOnce(t *testing.T) {
	workers := startWorkers(t, crowd)
	for round := range rounds(50) {
		path := filepath.Join(ownDir(t), "keys.db")
		tell(t, workers, func(int) task { return task{Do: "bootstrap", Path: path, Timeout: patience} })
		var won []keys.Issued
		for _, w := range workers {
			a := w.answer(t)
			if won = append(won, a.Keys...); len(a.Keys) == 0 && a.Reason != keys.ReasonAlreadyBootstrapped {
				t.Errorf("round %d: a loser says %q: %s", round, a.Reason, a.Text)
			}
		}
		if len(won) != 1 {
			t.Fatalf("round %d: %d processes have a token", round, len(won))
		}
		onlyKey(t, path, won[0])
	}
}

// onlyKey checks that the token opens the one key of a database, and what else is there.
func onlyKey(t *testing.T, path string, won keys.Issued) {
	t.Helper()
	d := mustOpen(t, Options{Path: path})
	v, err := serviceOver(d).Verify(t.Context(), won.Token, keys.Request{})
	if err != nil || !v.Accepted || v.Key.ID != won.Key.ID {
		t.Errorf("the token is answered with %+v, %v", v, err)
	}
	if n, events := tally(t, d); n != 1 || events != 1 {
		t.Errorf("%d keys and %d events", n, events)
	}
	d.Close()
	if diff := cmp.Diff([]string{"keys.db"}, namesIn(t, filepath.Dir(path))); diff != "" {
		t.Errorf("left behind:\n%s", diff)
	}
}

// tally counts the keys and the events of the audit in one state.
func tally(t testing.TB, d *DB) (n, events int) {
	t.Helper()
	err := d.pool.QueryRow("SELECT (SELECT count(*) FROM keyreeve_keys), (SELECT count(*) FROM keyreeve_audit)").Scan(&n, &events)
	if err != nil {
		t.Fatal(err)
	}
	return n, events
}

func TestProcessesRevokeAllButOne(t *testing.T) {
	workers := startWorkers(t, crowd)
	for journal, path := range map[string]string{"wal": nativeFile(t), "delete": guestFile(t, "delete")} {
		d := mustOpen(t, Options{Path: path, Access: ReadWrite})
		s := serviceOver(d)
		for round := range rounds(25) {
			issued, err := s.Create(t.Context(), keys.CreateRequest{Count: 2}, quiet{})
			if err != nil {
				t.Fatal(err)
			}
			revokeAll(t, workers, path, issued)
			sum, err := s.Status(t.Context())
			if err != nil || sum.Counts[keys.Active] != 1 {
				t.Fatalf("%s, round %d: %d keys are active, %v", journal, round, sum.Counts[keys.Active], err)
			}
			discard(t, s, issued)
		}
	}
}

// revokeAll has every worker go for one of two keys.
func revokeAll(t *testing.T, workers []worker, path string, two []keys.Issued) {
	t.Helper()
	tell(t, workers, func(i int) task {
		return task{Do: "revoke", Path: path, IDs: []string{two[i%2].Key.ID}, Timeout: patience}
	})
	for _, w := range workers {
		if a := w.answer(t); a.Reason != "" && a.Reason != keys.ReasonLastActive {
			t.Errorf("a process says %q: %s", a.Reason, a.Text)
		}
	}
}

func discard(t *testing.T, s *keys.Service, list []keys.Issued) {
	t.Helper()
	for _, i := range list {
		if _, err := s.Delete(t.Context(), keys.ChangeRequest{Refs: refsTo(i.Key.ID), Force: true}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestProcessesWriteAtOnce(t *testing.T) {
	const writers = 8
	each := rounds(100)
	for journal, path := range map[string]string{"wal": nativeFile(t), "delete": guestFile(t, "delete")} {
		workers := startWorkers(t, writers)
		tell(t, workers, func(int) task { return task{Do: "create", Path: path, Count: each, Timeout: 10 * time.Second} })
		d := mustOpen(t, Options{Path: path})
		for _, w := range workers {
			a := w.answer(t)
			if a.Reason != "" {
				t.Errorf("%s: a writer says %q: %s", journal, a.Reason, a.Text)
			}
			present(t, d, a.Keys)
		}
		if n, events := tally(t, d); n != writers*each || events != n {
			t.Errorf("%s: %d keys and %d events, want %d", journal, n, events, writers*each)
		}
		var changes int
		if err := d.pool.QueryRow("SELECT change_counter FROM keyreeve_state").Scan(&changes); err != nil || changes != writers*each {
			t.Errorf("%s: %d changes were counted, want %d (%v)", journal, changes, writers*each, err)
		}
	}
}

// present checks that acknowledged keys are there, whole.
func present(t *testing.T, d *DB, list []keys.Issued) {
	t.Helper()
	err := d.View(t.Context(), func(r keys.Reader) error {
		for _, i := range list {
			k, err := r.Key(t.Context(), i.Key.ID)
			if err != nil || k.Hash != keys.Digest(i.Token) {
				t.Errorf("an acknowledged key is %+v, %v", k, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestKilledProcessesLoseNothing(t *testing.T) {
	for journal, path := range map[string]string{"wal": nativeFile(t), "delete": guestFile(t, "delete")} {
		var acknowledged []keys.Issued
		for round := range rounds(12) {
			workers := startWorkers(t, 3)
			tell(t, workers, func(i int) task {
				return task{Do: "create until killed", Path: path, Count: 1 + 20*i, Timeout: patience}
			})
			acknowledged = append(acknowledged, killedAfter(t, workers, time.Duration(20+round*7)*time.Millisecond)...)
			d := mustOpen(t, Options{Path: path})
			present(t, d, acknowledged)
			if n, events := tally(t, d); n < len(acknowledged) || n != events {
				t.Errorf("%s, round %d: %d keys were acknowledged, there are %d with %d events", journal, round, len(acknowledged), n, events)
			}
			var verdict string
			if err := d.pool.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
				t.Errorf("%s, round %d: integrity: %q, %v", journal, round, verdict, err)
			}
			d.Close()
		}
		if len(acknowledged) == 0 {
			t.Errorf("%s: every process was killed before its first key", journal)
		}
	}
}

// killedAfter kills the workers one after the other in the middle of their work,
// and returns what they had acknowledged.
func killedAfter(t *testing.T, workers []worker, d time.Duration) (acknowledged []keys.Issued) {
	t.Helper()
	acknowledged = append(acknowledged, workers[0].answer(t).Keys...) // all have begun, or soon do
	for _, w := range workers {
		time.Sleep(d / time.Duration(len(workers)))
		if err := w.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range workers {
		for {
			var a answer
			if err := w.out.Decode(&a); err != nil {
				break // the last line may be cut
			}
			if a.Reason != "" {
				t.Errorf("a process says %q: %s", a.Reason, a.Text)
			}
			acknowledged = append(acknowledged, a.Keys...)
		}
		if err := w.cmd.Wait(); err == nil {
			t.Error("a process ended by itself")
		}
	}
	return acknowledged
}
