package db

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// linesOf reads an audit file, each line of which must be whole.
func linesOf(t testing.TB, file string) (lines []auditLine) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(bytes.NewReader(text))
	for s.Scan() {
		var l auditLine
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatalf("%q: %v", s.Text(), err)
		}
		lines = append(lines, l)
	}
	return lines
}

// auditedIn returns the events of a database that were committed, in order.
func auditedIn(t testing.TB, file, path string) (events []keys.Event) {
	t.Helper()
	lines := linesOf(t, file)
	committed := map[string]bool{}
	for _, l := range lines {
		if l.Phase == phaseCommitted {
			committed[l.Tx] = true
		}
	}
	for _, l := range lines {
		if l.Phase == phaseIntent && l.Database == path && committed[l.Tx] {
			events = append(events, l.event())
		}
	}
	return events
}

// audited opens a club's database whose changes are recorded.
func audited(t testing.TB, o Options) (d *DB, warnings *[]string) {
	t.Helper()
	if o.Path == "" {
		o.Path = clubFile(t, "delete")
	}
	warnings = new([]string)
	o.Access, o.Warn = ReadWrite, func(text string) { *warnings = append(*warnings, text) }
	return mustClub(t, o), warnings
}

func record(ctx context.Context, d *DB, events ...keys.Event) error {
	return d.Update(ctx, func(tx keys.Tx) error { return tx.Record(ctx, events) })
}

func TestAuditLines(t *testing.T) {
	file := filepath.Join(ownDir(t), "audit.jsonl")
	d, _ := audited(t, Options{AuditLog: file, AuditMust: true})
	events := []keys.Event{
		{At: keys.Millis(1_800_000_000_123), Action: keys.ActionRevoke, KeyID: "a", Actor: clubActor, Reason: "<left> \u2028&", Forced: true,
			Before: `{"enabled":true}`, After: `{"enabled":false,"label":"a<b\u2028"}`},
		{At: keys.Millis(1_800_000_000_000), Action: keys.ActionUnlock, Actor: keys.Actor{User: "u", Host: "h", Process: "p"}, Before: "no\nJSON"},
	}
	if err := record(t.Context(), d, events...); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tx := linesOf(t, file)[0].Tx
	want := `{"at":"2027-01-15T08:00:00.123Z","phase":"intent","tx":"TX","database":"DB","layout":"club/text","action":"revoke","key":"a",` +
		`"user":"root","claimed_user":"ann","host":"h","process":"test[1]","reason":"<left> \u2028&","forced":true,"before":{"enabled":true},"after":{"enabled":false,"label":"a<b\u2028"}}
{"at":"2027-01-15T08:00:00Z","phase":"intent","tx":"TX","database":"DB","layout":"club/text","action":"unlock","user":"u","host":"h","process":"p","before":"no\nJSON"}
{"at":"2027-01-15T08:00:00Z","phase":"committed","tx":"TX","database":"DB","layout":"club/text"}
`
	want = strings.NewReplacer("TX", tx, "DB", d.options.Path).Replace(want)
	if diff := cmp.Diff(want, string(text)); diff != "" || len(tx) != 16 {
		t.Error(diff)
	}
	got, err := lastIn(t, d.audit, keys.ActionRevoke, "a")
	if !reflect.DeepEqual(got, events[0]) {
		t.Errorf("read back as %+v, %v", got, err)
	}
}

// What is refused, rehearsed or changes nothing leaves no trace, not even a file.
func TestAuditOfNothing(t *testing.T) {
	for name, fn := range map[string]func(context.Context, keys.Tx) error{
		"no change": func(context.Context, keys.Tx) error { return nil },
		"dry run": func(ctx context.Context, tx keys.Tx) error {
			return errors.Join(enter(ctx, tx, "a"), errors.New("dry run"))
		},
	} {
		for _, must := range []bool{true, false} {
			dir := ownDir(t)
			d, warnings := audited(t, Options{AuditLog: filepath.Join(dir, "audit.jsonl"), AuditMust: must})
			_ = d.Update(t.Context(), func(tx keys.Tx) error { return fn(t.Context(), tx) })
			if names := namesIn(t, dir); len(names) > 0 || len(*warnings) > 0 {
				t.Errorf("%s: %v, %v", name, names, *warnings)
			}
		}
	}
}

func TestAuditOfCommitThatFails(t *testing.T) {
	file := filepath.Join(ownDir(t), "audit.jsonl")
	d, _ := audited(t, Options{AuditLog: file, AuditMust: true})
	mustExec(t, plainPool(t, d.options.Path), "CREATE TABLE owed (m REFERENCES members (id) DEFERRABLE INITIALLY DEFERRED)",
		"CREATE TRIGGER owing AFTER INSERT ON members BEGIN INSERT INTO owed VALUES ('nobody'); END")
	before := contents(t, d.options.Path)
	if err := d.Update(t.Context(), func(tx keys.Tx) error { return enter(t.Context(), tx, "a") }); err == nil {
		t.Fatal("committed")
	}
	lines := linesOf(t, file)
	if len(lines) != 2 || lines[0].Phase != phaseIntent || lines[1].Phase != phaseFailed || lines[0].Tx != lines[1].Tx {
		t.Errorf("%+v", lines)
	}
	_, err := lastIn(t, d.audit, keys.ActionCreate, "a")
	wantReason(t, err, keys.ReasonNotFound)
	if diff := cmp.Diff(before, contents(t, d.options.Path)); diff != "" {
		t.Error(diff)
	}
}
