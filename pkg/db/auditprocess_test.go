package db

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Processes that change several databases write one file, in whole lines.
func TestAuditOfManyProcesses(t *testing.T) {
	const writers = 8
	each := rounds(20)
	file := filepath.Join(ownDir(t), "audit.jsonl")
	write(t, file, []byte(`{"at":"2027-01-15T08:00:00Z","phase":"int`)) // by a crash
	paths := []string{clubFile(t, "wal"), clubFile(t, "delete")}
	workers := startWorkers(t, writers)
	tell(t, workers, func(i int) task {
		return task{Do: "admit", Path: paths[i%2], Audit: file, IDs: []string{fmt.Sprint("w", i)}, Count: each, Timeout: patience}
	})
	for _, w := range workers {
		for range each {
			if a := w.answer(t); a.Reason != "" || a.Text == "" {
				t.Fatalf("a process says %q: %s", a.Reason, a.Text)
			}
		}
		if a := w.answer(t); a.Reason != "" {
			t.Fatalf("a process says %q: %s", a.Reason, a.Text)
		}
	}
	afterTorn(t, file)
	for _, path := range paths {
		if events := auditedIn(t, file, path); len(events) != writers/2*each {
			t.Errorf("%d events, want %d", len(events), writers/2*each)
		}
	}
	if n, want := len(linesOf(t, file)), 2*writers*each; n != want {
		t.Errorf("%d lines, want %d", n, want)
	}
}

// afterTorn takes the first line off, which a crash had torn.
func afterTorn(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range text {
		if c == '\n' {
			write(t, file, text[i+1:])
			return
		}
	}
}

// Whenever a process is killed: what it acknowledged is on record as committed,
// whatever is on record as committed is there, what is there was announced, and
// the next process works.
func TestAuditOfKilledProcesses(t *testing.T) {
	for _, journal := range []string{"wal", "delete"} {
		path, file := clubFile(t, journal), filepath.Join(ownDir(t), "audit.jsonl")
		var acknowledged []string
		for round := range rounds(10) {
			w := startWorker(t)
			tell(t, []worker{w}, func(int) task {
				return task{Do: "admit", Path: path, Audit: file, IDs: []string{fmt.Sprint(round)}, Count: 1 << 30, Timeout: patience}
			})
			acknowledged = append(acknowledged, killed(t, w, time.Duration(5+round*7)*time.Millisecond)...)
			d := mustClub(t, Options{Path: path, Access: ReadWrite, AuditLog: file, AuditMust: true})
			if err := d.Update(t.Context(), func(tx keys.Tx) error { return enter(t.Context(), tx, fmt.Sprint("next", round)) }); err != nil {
				t.Fatal(err)
			}
			d.Close()
		}
		reconcile(t, path, file, acknowledged)
	}
}

// killed kills a worker after a while and returns what it had acknowledged.
func killed(t *testing.T, w worker, after time.Duration) (ids []string) {
	t.Helper()
	ids = append(ids, w.answer(t).Text)
	time.Sleep(after)
	if err := w.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for {
		var a answer
		if err := w.out.Decode(&a); err != nil {
			return ids
		}
		ids = append(ids, a.Text)
	}
}

func reconcile(t *testing.T, path, file string, acknowledged []string) {
	t.Helper()
	there, announced, committed := map[string]bool{}, map[string]bool{}, map[string]bool{}
	rs, err := plainPool(t, path).Query("SELECT id FROM members")
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	for rs.Next() {
		var id string
		if err := rs.Scan(&id); err != nil {
			t.Fatal(err)
		}
		there[id] = true
	}
	for _, l := range linesOf(t, file) {
		announced[l.Key] = announced[l.Key] || l.Phase == phaseIntent
	}
	for _, e := range auditedIn(t, file, path) {
		committed[e.KeyID] = true
	}
	for _, id := range acknowledged {
		if !committed[id] {
			t.Errorf("%s was acknowledged, and is not on record", id)
		}
	}
	for id := range committed {
		if !there[id] {
			t.Errorf("%s is on record, and not there", id)
		}
	}
	for id := range there {
		if !announced[id] {
			t.Errorf("%s is there, and was never announced", id)
		}
	}
	if len(acknowledged) == 0 || len(there) == 0 {
		t.Error("nothing was done")
	}
}
