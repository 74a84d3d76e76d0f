package db

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

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
	if err := d.fitsBackup(filepath.Dir(path)); err != nil {
		return "", onPath(err, path)
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

// fitsBackup refuses a directory where everybody could put another file in the place of
// a backup, whose keys would come to life. Where they may only add files, nobody should
// open it as a database: see [look.checkDir].
func (d *DB) fitsBackup(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err != nil || !worldWritable(info.Mode()):
		return nil // what else is wrong with it is said by who writes there
	case !swappable(info.Mode()):
		if d.options.Warn != nil {
			d.options.Warn("every user may write to " + dir + ": move the backup to a directory of its own, for no database is opened there")
		}
		return nil
	}
	return keys.Errorf(keys.ReasonUnsafeDir, "every user may write to %s, and put another file in the place of a backup", dir)
}

// swappable tells whether everybody can put another file in the place of one in a
// directory.
func swappable(dir fs.FileMode) bool { return worldWritable(dir) && dir&fs.ModeSticky == 0 }

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
