package db

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// TestBackupOfServers: all that is in the file is in the backup, which is one of this
// server and no other.
func TestBackupOfServers(t *testing.T) {
	native := mustBackup(t, mustOpen(t, Options{Path: nativeFile(t)}))
	for _, f := range fixtures() {
		t.Run(f.title(), func(t *testing.T) {
			path := f.make(t, f.some(3)...)
			d := mustOpen(t, f.options(path))
			b := mustBackup(t, d)
			was, is := cellsOf(t, path), cellsOf(t, b.Path)
			delete(was, "pragma journal_mode")
			delete(is, "pragma journal_mode")
			if diff := cmp.Diff(was, is); diff != "" || b.Keys != 3 {
				t.Errorf("the backup of %d keys differs:\n%s", b.Keys, diff)
			}
			c, err := d.OpenBackup(t.Context(), b.Path, false)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			done, err := serviceOver(d).Restore(t.Context(), keys.RestoreRequest{From: c, DryRun: true})
			if err != nil || len(done.Keys) > 0 || done.Unchanged != 3 {
				t.Errorf("against its own backup: %+v, %v", done, err)
			}
			if _, err := d.OpenBackup(t.Context(), native.Path, true); err == nil {
				t.Error("a backup of another kind of database is opened")
			}
		})
	}
}
