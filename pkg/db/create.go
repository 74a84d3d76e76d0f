package db

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// createFile makes an empty database at path.
func createFile(path string) (created bool, err error) {
	return makeFile(path, "creating the database")
}

// makeFile makes an empty file at path, for its owner alone; doing says what for.
// One that exists is left as it is. What root makes belongs to the directory's owner, or the server
// could not write it.
func makeFile(path, doing string) (created bool, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return false, nil
	case err != nil:
		return false, fileError(err, path, doing)
	}
	err = errors.Join(giveTo(filepath.Dir(path), f), f.Close())
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(path)
		return false, fileError(err, path, doing)
	}
	return true, nil
}

// giveTo makes the owner of dir the owner of f, where we are root and dir is not root's.
func giveTo(dir string, f *os.File) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	uid, gid := ownerOf(info)
	if uid == 0 {
		return nil
	}
	return f.Chown(uid, gid)
}

// MakeDefaultDir makes the directory of the default database, and its parents
// where they are missing, with the mode that the XDG Base Directory
// Specification asks for. Parents of a path that a user gave are never made:
// it may be mistyped.
func MakeDefaultDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return keys.Errorf(keys.ReasonMissing, "creating the directory: %s exists and is not one", dir).OnPath(dir)
	case !errors.Is(err, fs.ErrNotExist):
		return fileError(err, dir, "creating the directory")
	}
	if err := MakeDefaultDir(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := makeDir(dir); err != nil {
		return fileError(err, dir, "creating the directory")
	}
	return nil
}

// makeDir makes one directory. Another process may have been faster.
func makeDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(giveTo(filepath.Dir(dir), f), f.Close(), syncDir(filepath.Dir(dir)))
}
