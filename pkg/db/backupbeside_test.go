package db

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What another database left beside the target would be played into the backup.
func TestBackupBesideWhatAnotherLeft(t *testing.T) {
	d := mustOpen(t, Options{Path: nativeFile(t), Access: ReadOnly})
	for _, suffix := range []string{"-wal", "-journal", "-shm"} {
		target := filepath.Join(ownDir(t), "copy.db")
		write(t, target+suffix, []byte("of another"))
		_, err := d.Backup(t.Context(), BackupOptions{Path: target, Replace: true})
		wantReason(t, err, keys.ReasonFileExists)
		if _, err := os.Lstat(target); err == nil {
			t.Errorf("there is a backup beside a %s", suffix)
		}
	}
}
