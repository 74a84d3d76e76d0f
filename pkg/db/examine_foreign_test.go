package db

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// examinedKeys examines a server's database with its keys.
func (f fixture) examinedKeys(t *testing.T, path string) *Examination {
	t.Helper()
	now := func() keys.Instant { return keys.At(fixedNow()) }
	x, err := Examine(t.Context(), f.options(path), Examiner{Now: now(), Keys: func(ctx context.Context, s keys.Store) ([]keys.Finding, error) {
		return f.serviceOver(s).CheckUp(ctx, 0)
	}})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// failing returns the findings of a check that are more than that all is fine.
func (x *Examination) failing(check string) (list []keys.Finding) {
	for _, f := range x.Findings {
		if f.Check == check && f.Level != keys.Fine {
			list = append(list, f)
		}
	}
	return list
}

// The tables of every server are examined to the end, and stay as they are to the byte.
func TestEveryServersDatabaseIsExamined(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.title(), func(t *testing.T) {
			path := f.make(t, f.some(3)...)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			x := f.examinedKeys(t, path)
			if len(x.Failures) > 0 || x.Info == nil {
				t.Fatalf("failures: %+v", x.Failures)
			}
			seen := map[string]bool{}
			for _, found := range x.Findings {
				seen[found.Check] = true
				if found.Reason == "" || strings.HasSuffix(found.Reason, ".") || strings.Contains(found.Reason, "%!") || strings.Contains(found.Reason, f.crypt) {
					t.Errorf("%+v", found)
				}
			}
			for _, check := range []string{"open", "lock", "journal", "integrity", "schema", "guard", "cost", "rows", "hashes", "expiry", "use", "bootstrap", "lockouts", "duplicates", "audit"} {
				if !seen[check] && (check != "lock" || runtime.GOOS != "windows") {
					t.Errorf("nothing is said of %s", check)
				}
			}
			after, err := os.ReadFile(path)
			if err != nil || string(after) != string(before) {
				t.Errorf("the file is another one, %v", err)
			}
			if diff := cmp.Diff([]string{f.file}, namesIn(t, filepath.Dir(path))); diff != "" {
				t.Errorf("files beside it:\n%s", diff)
			}
		})
	}
}

// Two rows with one hash are opened by one token; two with one label cannot be told apart.
func TestDuplicatesOfServersAreFound(t *testing.T) {
	f := theFixture(t, "proxbox/claim")
	rows := f.some(3)
	rows[1].hash, rows[1].label = rows[0].hash, rows[0].label
	path := f.make(t, rows...)
	found := f.examinedKeys(t, path).failing("duplicates")
	if len(found) != 2 || found[0].Level != keys.Warning || found[0].Mend[0] != "revoke" || found[1].Mend[0] != "update" {
		t.Fatalf("found: %+v", found)
	}
	d := mustOpen(t, f.options(path))
	defer d.Close()
	if _, err := f.serviceOver(d).Revoke(t.Context(), keys.ChangeRequest{Refs: []keys.Ref{keys.IDRef(found[0].Mend[1])}}); err != nil {
		t.Fatal(err)
	}
	if again := f.examinedKeys(t, path).failing("duplicates"); len(again) > 0 {
		t.Errorf("found: %+v", again)
	}
}

// What a crash left without an outcome is told, and what was ended is not.
func TestInterruptedChangesAreFound(t *testing.T) {
	f := theFixture(t, "proxbox/claim")
	path := f.make(t, f.some(2)...)
	log := filepath.Join(filepath.Dir(path), "audit.jsonl")
	d := mustOpen(t, f.options(path))
	if _, err := f.serviceOver(d).Revoke(t.Context(), keys.ChangeRequest{Refs: []keys.Ref{keys.IDRef("1")}}); err != nil {
		t.Fatal(err)
	}
	d.Close()
	if found := f.examinedKeys(t, path).failing("audit"); len(found) > 0 {
		t.Fatalf("found: %+v", found)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if err := os.WriteFile(log, []byte(lines[0]), 0o600); err != nil { // without its outcome
		t.Fatal(err)
	}
	found := f.examinedKeys(t, path).failing("audit")
	if len(found) != 1 || found[0].Key != "1" || !strings.Contains(found[0].Reason, "only the keys do: 1, the last of them revoke at ") {
		t.Errorf("found: %+v", found)
	}
}
