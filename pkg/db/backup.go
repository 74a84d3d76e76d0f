package db

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// BackupOptions say where a backup goes.
type BackupOptions struct {
	Path    string // of the new file, in a directory that exists
	Replace bool   // a regular file that is there is replaced
}

// Backup is what a finished backup holds.
type Backup struct {
	Path   string
	Bytes  int64
	Keys   int
	Layout string
	Era    string
	SHA256 string // of the file, in hex
}

// Backup copies the whole database, as it is at one moment, while others go on
// writing it. The copy is one file of mode 0600 without others beside it, which can
// be opened where nothing can be written. It gets its name once it is complete,
// checked and on disk; on an error there is nothing. ReasonFileExists says that the
// name is taken, ReasonInvalid that it belongs to the database itself, ReasonFull
// that the disk is full, ReasonCorrupt that the database is damaged, ReasonOutput
// that the directory cannot be written.
func (d *DB) Backup(ctx context.Context, o BackupOptions) (Backup, error) {
	path, err := d.vacant(o)
	if err != nil {
		return Backup{}, err
	}
	s, err := stageBackup(path)
	if err != nil {
		return Backup{}, err
	}
	defer s.discard()
	if err := d.copyTo(ctx, s.path); err != nil {
		return Backup{}, s.blame(err)
	}
	b, err := d.finish(ctx, s)
	if err == nil {
		err = s.publish(o.Replace)
	}
	if err != nil {
		return Backup{}, err
	}
	return b, nil
}

// finish checks the copy, and makes sure that it survives a crash.
func (d *DB) finish(ctx context.Context, s *stagedBackup) (Backup, error) {
	if err := withoutLog(s.path); err != nil {
		return Backup{}, s.failed(err)
	}
	copied, err := d.readCopy(ctx, s.path)
	if err != nil {
		return Backup{}, d.ofSource(err)
	}
	b := Backup{Path: s.target, Layout: copied.table.Family, Era: copied.table.Era}
	b.Keys, err = copied.countKeys(ctx)
	if err := errors.Join(err, copied.Close()); err != nil {
		return Backup{}, d.ofSource(err)
	}
	if b.Bytes, b.SHA256, err = s.settle(); err != nil {
		return Backup{}, s.failed(err)
	}
	return b, nil
}

// ofSource says of what is wrong with a faithful copy that it is wrong with the
// database.
func (d *DB) ofSource(err error) error {
	var e *keys.Error
	if !errors.As(err, &e) || e.Reason == keys.ReasonInterrupted {
		return err
	}
	return keys.Errorf(keys.ReasonCorrupt, "%s is damaged, and so would be its backup: there is none", d.options.Path).
		OnPath(d.options.Path).Because(err)
}

func (d *DB) countKeys(ctx context.Context) (n int, err error) {
	s, err := d.session(ctx)
	if err != nil {
		return 0, err
	}
	defer s.close()
	err = s.queryRow(ctx, "SELECT count(*) FROM "+quote(d.table.Table)).Scan(&n)
	return n, wrap(err, d.options.Path, "counting keys")
}

// vacant returns the whole path of the new file, unless something is there that may
// not be replaced. The files of the database may never be, by whatever name.
func (d *DB) vacant(o BackupOptions) (string, error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return "", cannotWrite(o.Path, err)
	}
	if d.Owns(path) {
		return "", keys.Errorf(keys.ReasonInvalid, "%s is a file of the database itself", o.Path).OnPath(path)
	}
	if beside := sidecarOf(path); beside != "" {
		return "", keys.Errorf(keys.ReasonFileExists, "%s exists: SQLite would take it for a part of the backup", beside).OnPath(beside)
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return path, nil
	case err != nil:
		return "", cannotWrite(path, err)
	case !info.Mode().IsRegular():
		return "", keys.Errorf(keys.ReasonFileExists, "%s exists already, and is %s", path, kindOrLink(info.Mode())).OnPath(path)
	case !o.Replace:
		return "", keys.Errorf(keys.ReasonFileExists, "%s exists already", path).OnPath(path)
	}
	return path, nil
}

// sidecarOf returns a file beside path that SQLite would read with it, "" if there is
// none: that of another database would be played into the backup.
func sidecarOf(path string) string {
	for _, suffix := range []string{"-wal", "-journal", "-shm"} {
		if _, err := os.Lstat(path + suffix); err == nil {
			return path + suffix
		}
	}
	return ""
}

func kindOrLink(mode os.FileMode) string {
	if mode&os.ModeSymlink != 0 {
		return "a link"
	}
	return kindOf(mode)
}

// Owns tells whether the path is that of the database, or of a file that SQLite
// keeps beside it. It opens none of them.
func (d *DB) Owns(path string) bool {
	name := path
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		name = filepath.Join(dir, filepath.Base(path))
	}
	info, err := os.Stat(path)
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		own := d.options.Path + suffix
		if name == own {
			return true
		}
		if there, missing := os.Stat(own); err == nil && missing == nil && os.SameFile(info, there) {
			return true
		}
	}
	return false
}

// cannotWrite is the refusal of a place for a backup.
func cannotWrite(path string, err error) *keys.Error {
	e := fileError(err, path, "writing the backup")
	if e.Reason != keys.ReasonFull {
		e.Reason = keys.ReasonOutput
	}
	return e
}
