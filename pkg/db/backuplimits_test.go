package db

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// fading is a context that ends once it was looked at so often.
type fading struct {
	context.Context
	looks *int
}

func (f fading) Err() error {
	if *f.looks--; *f.looks < 0 {
		return context.Canceled
	}
	return nil
}

// Wherever a backup is interrupted, it says that, and nothing is left of it.
func TestInterruptedBackupLeavesNothing(t *testing.T) {
	for journal, path := range bothJournals(t) {
		d := mustOpen(t, Options{Path: path, Access: ReadOnly})
		dir, done, stopped := ownDir(t), false, 0
		for n := 0; !done && n < 500; n++ {
			looks := n
			_, err := d.Backup(fading{t.Context(), &looks}, BackupOptions{Path: filepath.Join(dir, "b.db")})
			if done = err == nil; done {
				break
			}
			stopped++
			if !errors.Is(err, &keys.Error{Reason: keys.ReasonInterrupted}) || err.Error() != "interrupted: no backup was made, and nothing is left of it" {
				t.Fatalf("%s, at look %d: %v", journal, n, err)
			}
			if left := namesIn(t, dir); len(left) > 0 {
				t.Fatalf("%s, at look %d: left %v", journal, n, left)
			}
		}
		if !done || stopped < 4 {
			t.Errorf("%s: stopped %d times, in the end done: %t", journal, stopped, done)
		}
	}
}

// A backup is not put where everybody could put another in its place, nor taken from
// there.
func TestBackupInADirectoryForEverybody(t *testing.T) {
	if !worldWritable(0o777) {
		t.Skip("no Unix permissions here")
	}
	var warnings []string
	d := mustOpen(t, Options{Path: nativeFile(t), Access: ReadOnly, Warn: func(text string) { warnings = append(warnings, text) }})
	dir := ownDir(t)
	path := filepath.Join(dir, "b.db")
	mode := func(m os.FileMode) {
		if err := os.Chmod(dir, m); err != nil {
			t.Fatal(err)
		}
	}
	mode(0o777)
	_, err := d.Backup(t.Context(), BackupOptions{Path: path})
	wantReason(t, err, keys.ReasonUnsafeDir)
	if left := namesIn(t, dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	mode(os.ModeSticky | 0o777)
	if _, err := d.Backup(t.Context(), BackupOptions{Path: path}); err != nil || len(warnings) != 1 || !strings.HasPrefix(warnings[0], "every user may write to "+dir) {
		t.Errorf("%v, warned of %q", err, warnings)
	}
	if b, err := d.OpenBackup(t.Context(), path, false); err != nil {
		t.Error(err)
	} else if err := b.Close(); err != nil {
		t.Error(err)
	}
	mode(0o777)
	_, err = d.OpenBackup(t.Context(), path, false)
	wantReason(t, err, keys.ReasonUnsafeDir)
}
