package db

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// mustBackup makes a backup in a directory of its own.
func mustBackup(t testing.TB, d *DB) Backup {
	t.Helper()
	b, err := d.Backup(t.Context(), BackupOptions{Path: filepath.Join(ownDir(t), "backup.db")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"backup.db"}, namesIn(t, filepath.Dir(b.Path))); diff != "" {
		t.Errorf("beside the backup:\n%s", diff)
	}
	return b
}

// bothJournals returns a database of keyreeve's own tables in each kind of journal.
func bothJournals(t testing.TB) map[string]string {
	return map[string]string{"wal": nativeFile(t), "delete": guestFile(t, "delete")}
}

func TestBackupHoldsEverything(t *testing.T) {
	for journal, path := range bothJournals(t) {
		d := mustOpen(t, Options{Path: path, Access: ReadWrite})
		if _, err := serviceOver(d).Create(t.Context(), keys.CreateRequest{Count: 700}, quiet{}); err != nil {
			t.Fatal(err)
		}
		b := mustBackup(t, d)
		if b.Keys != 700 || b.Layout != NativeFamily || b.Era != "" {
			t.Errorf("%s: the backup is told as %+v", journal, b)
		}
		was, is := cellsOf(t, path), cellsOf(t, b.Path)
		if mode := "pragma journal_mode"; was[mode] != journal || is[mode] != "delete" {
			t.Errorf("the journal was %s and is %s", was[mode], is[mode])
		} else {
			delete(was, mode)
			delete(is, mode)
		}
		if diff := cmp.Diff(was, is); diff != "" {
			t.Errorf("%s: the backup differs:\n%s", journal, diff)
		}
	}
}

// TestBackupIsOneFile: it opens where no file can be made beside it.
func TestBackupIsOneFile(t *testing.T) {
	d := mustOpen(t, Options{Path: nativeFile(t), Access: ReadWrite})
	b := mustBackup(t, d)
	info, err := os.Stat(b.Path)
	if err != nil || info.Mode() != 0o600 || info.Size() != b.Bytes {
		t.Errorf("the file is %v, %v", info, err)
	}
	l, err := lookAt(b.Path)
	if err != nil || l.WAL {
		t.Errorf("the backup has a write-ahead log: %v", err)
	}
	again, err := d.OpenBackup(t.Context(), b.Path, false)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := again.countKeys(t.Context()); n != 0 || err != nil {
		t.Errorf("%d keys, %v", n, err)
	}
	if err := again.Close(); err != nil || len(namesIn(t, filepath.Dir(b.Path))) != 1 {
		t.Errorf("reading the backup left a file beside it, %v", err)
	}
}

// TestBackupBesideWriters: it holds every key that was acknowledged before it began,
// whole, and keeps nobody from writing.
func TestBackupBesideWriters(t *testing.T) {
	for journal, path := range bothJournals(t) {
		d := mustOpen(t, Options{Path: path, Access: ReadWrite})
		if _, err := serviceOver(d).Create(t.Context(), keys.CreateRequest{Count: 3000}, quiet{}); err != nil {
			t.Fatal(err)
		}
		writers := startWorkers(t, 2)
		for range rounds(10) {
			tell(t, writers, func(int) task { return task{Do: "create", Path: path, Count: 20, Timeout: patience} })
			before, _ := tally(t, d)
			b := mustBackup(t, d)
			for _, w := range writers {
				if a := w.answer(t); a.Reason != "" {
					t.Errorf("%s: a writer says %q: %s", journal, a.Reason, a.Text)
				}
			}
			checkCopy(t, d, b, before)
		}
	}
}

// checkCopy looks at a copy as a database of its own.
func checkCopy(t *testing.T, d *DB, b Backup, least int) {
	t.Helper()
	c, err := d.OpenBackup(t.Context(), b.Path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	n, events := tally(t, c)
	if n != b.Keys || n != events || n < least {
		t.Errorf("the backup says %d keys and has %d, with %d events; there were %d before", b.Keys, n, events, least)
	}
}

func TestBackupNeverHarmsTheDatabase(t *testing.T) {
	path := nativeFile(t)
	dir := filepath.Dir(path)
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	link, hard := filepath.Join(dir, "link.db"), filepath.Join(dir, "hard.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, hard); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link, hard, path + "-wal", path + "-shm", path + "-journal", filepath.Join(dir, "..", filepath.Base(dir), "keys.db")} {
		_, err := d.Backup(t.Context(), BackupOptions{Path: name, Replace: true})
		wantReason(t, err, keys.ReasonInvalid)
		_, err = d.OpenBackup(t.Context(), name, true)
		wantReason(t, err, keys.ReasonInvalid)
	}
}

func TestBackupReplacesFilesOnly(t *testing.T) {
	d := mustOpen(t, Options{Path: nativeFile(t)})
	dir := ownDir(t)
	file, link, missing := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "no", "file")
	if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("elsewhere", link); err != nil {
		t.Fatal(err)
	}
	for _, refused := range []struct {
		o      BackupOptions
		reason keys.Reason
	}{
		{BackupOptions{Path: file}, keys.ReasonFileExists}, {BackupOptions{Path: link, Replace: true}, keys.ReasonFileExists},
		{BackupOptions{Path: dir, Replace: true}, keys.ReasonFileExists}, {BackupOptions{Path: missing}, keys.ReasonOutput},
		{BackupOptions{Path: os.DevNull, Replace: true}, keys.ReasonFileExists},
	} {
		_, err := d.Backup(t.Context(), refused.o)
		wantReason(t, err, refused.reason)
	}
	if text, err := os.ReadFile(file); string(text) != "old" || err != nil {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if _, err := d.Backup(t.Context(), BackupOptions{Path: file, Replace: true}); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 || len(namesIn(t, dir)) != 2 {
		t.Errorf("the file is %v, %v, beside %v", info, err, namesIn(t, dir))
	}
}

// damage overwrites the middle of a file.
func damage(t testing.TB, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	junk := make([]byte, 8192)
	for i := range junk {
		junk[i] = 0xa5
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(junk, info.Size()/2/4096*4096); err != nil {
		t.Fatal(err)
	}
}

func TestNoBackupOfADamagedDatabase(t *testing.T) {
	path := nativeFile(t)
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	if _, err := serviceOver(d).Create(t.Context(), keys.CreateRequest{Count: 500}, quiet{}); err != nil {
		t.Fatal(err)
	}
	whole := mustBackup(t, d)
	d.Close()
	damage(t, path)
	d, dir := mustOpen(t, Options{Path: path}), ownDir(t)
	_, err := d.Backup(t.Context(), BackupOptions{Path: filepath.Join(dir, "backup.db")})
	wantReason(t, err, keys.ReasonCorrupt)
	if err != nil && err.(*keys.Error).Path != path {
		t.Errorf("%s is said to be damaged", err.(*keys.Error).Path)
	}
	if names := namesIn(t, dir); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
	damage(t, whole.Path)
	_, err = mustOpen(t, Options{Path: nativeFile(t)}).OpenBackup(t.Context(), whole.Path, true)
	wantReason(t, err, keys.ReasonCorrupt)
}

func TestBackupThatIsStoppedLeavesNothing(t *testing.T) {
	path := guestFile(t, "delete")
	d := mustOpen(t, Options{Path: path, Timeout: 300 * time.Millisecond})
	dir := ownDir(t)
	o := BackupOptions{Path: filepath.Join(dir, "backup.db")}
	server := plainPool(t, path)
	mustExec(t, server, "BEGIN EXCLUSIVE")
	_, err := d.Backup(t.Context(), o)
	wantReason(t, err, keys.ReasonBusy)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err = d.Backup(ctx, o)
	if reasonOf(err) != keys.ReasonInterrupted && !os.IsNotExist(err) {
		t.Errorf("an interrupted backup gives %v", err)
	}
	mustExec(t, server, "ROLLBACK")
	if names := namesIn(t, dir); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
	if _, err := d.Backup(t.Context(), o); err != nil {
		t.Error(err)
	}
}
