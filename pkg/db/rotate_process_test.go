package db

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// rotateInProcess rotates one key, and says which one replaced it where another did.
func rotateInProcess(j task, _ *json.Encoder) (a answer, err error) {
	ctx := context.Background()
	d, err := Open(ctx, Options{Path: j.Path, Access: ReadWrite, Timeout: j.Timeout, AuditLog: j.Audit, AuditMust: j.Audit != ""})
	if err != nil {
		return a, err
	}
	defer d.Close()
	q := keys.RotateRequest{ChangeRequest: keys.ChangeRequest{Refs: refsTo(j.IDs...)}, Overlap: time.Hour, BcryptCost: j.Cost}
	done, err := serviceOver(d).Rotate(ctx, q, quiet{})
	for _, r := range done {
		a.Keys = append(a.Keys, r.New)
	}
	if e := (*keys.Error)(nil); errors.As(err, &e) && e.Reason == keys.ReasonAlreadyRotated && len(e.Matches) == 1 {
		return answer{Text: e.Matches[0].ID}, nil
	}
	return a, err
}

// One of several processes rotates a key, and the others learn which key replaced it,
// also where only the audit file knows.
func TestProcessesRotateOnce(t *testing.T) {
	const rotators = 6
	server := theFixture(t, "proxbox/claim").make(t)
	workers := startWorkers(t, rotators)
	for path, audit := range map[string]string{nativeFile(t): "", server: filepath.Join(filepath.Dir(server), "audit.jsonl")} {
		d := mustOpen(t, Options{Path: path, Access: ReadWrite, AuditLog: audit})
		for round := range rounds(20) {
			old, err := serviceOver(d).Create(t.Context(), keys.CreateRequest{BcryptCost: 4}, quiet{})
			if err != nil {
				t.Fatal(err)
			}
			tell(t, workers, func(int) task {
				return task{Do: "rotate", Path: path, Audit: audit, IDs: []string{old[0].Key.ID}, Cost: 4, Timeout: 2 * patience}
			})
			oneWon(t, round, workers)
		}
	}
}

func oneWon(t *testing.T, round int, workers []worker) {
	t.Helper()
	var won, told []string
	for _, w := range workers {
		switch a := w.answer(t); {
		case len(a.Keys) == 1:
			won = append(won, a.Keys[0].Key.ID)
		case a.Reason == "" && a.Text != "":
			told = append(told, a.Text)
		default:
			t.Errorf("round %d: a process says %q: %s", round, a.Reason, a.Text)
		}
	}
	if len(won) != 1 {
		t.Fatalf("round %d: %d processes rotated one key", round, len(won))
	}
	for _, id := range told {
		if id != won[0] {
			t.Errorf("round %d: a loser was told of %q, not %s", round, id, won[0])
		}
	}
}
