package db

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// stagedBackup is a backup that is being made beside its target.
type stagedBackup struct{ path, target string }

// stageBackup makes an empty file that only its owner may read. It is kept apart by
// its name, which says what left it there if the process is killed.
func stageBackup(target string) (*stagedBackup, error) {
	dir, name := filepath.Split(target)
	f, err := os.CreateTemp(dir, "."+name+".keyreeve-*") // 0600 by its contract
	if err != nil {
		return nil, cannotWrite(target, err)
	}
	s := &stagedBackup{f.Name(), target}
	if err := errors.Join(giveToOwner(dir, f), f.Close()); err != nil {
		s.discard()
		return nil, cannotWrite(target, err)
	}
	return s, nil
}

// giveToOwner is giveTo for a file that is not the database: it stays root's in a
// directory for everybody, and where root may not give it away.
func giveToOwner(dir string, f *os.File) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode()&fs.ModeSticky != 0 {
		return err
	}
	if err := giveTo(dir, f); !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// withoutLog marks a finished copy as one without a write-ahead log: the engine makes
// files beside a database that has one, also to read it. To leave that to the engine
// would make them now. https://www.sqlite.org/fileformat.html#file_format_version_numbers
func withoutLog(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte{walVersion - 1, walVersion - 1}, readVersion-1)
	return errors.Join(err, f.Close())
}

// settle makes sure that the file survives a crash, and returns what it holds.
func (s *stagedBackup) settle() (size int64, sum string, err error) {
	f, err := os.Open(s.path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return 0, "", err
	}
	h := sha256.New()
	size, err = io.Copy(h, f)
	return size, hex.EncodeToString(h.Sum(nil)), err
}

// publish gives the file its name, where nothing may exist unless it is replaced.
func (s *stagedBackup) publish(replace bool) error {
	err := os.Link(s.path, s.target)
	switch {
	case errors.Is(err, fs.ErrExist) && !replace:
		return keys.Errorf(keys.ReasonFileExists, "%s exists already", s.target).OnPath(s.target)
	case err != nil: // it is to be replaced, or there are no hard links here
		if _, there := os.Lstat(s.target); replace || errors.Is(there, fs.ErrNotExist) {
			err = os.Rename(s.path, s.target)
		}
	}
	if err == nil {
		err = syncDir(filepath.Dir(s.target))
	}
	if err != nil {
		return s.failed(err)
	}
	return nil
}

// discard removes the file, unless it has got its name.
func (s *stagedBackup) discard() { _ = os.Remove(s.path) } // at worst a file is left that its name explains

// failed tells which file could not be written, by the name that it was to get.
func (s *stagedBackup) failed(err error) error { return cannotWrite(s.target, err) }

// blame tells which of the two files an error of copying is about.
func (s *stagedBackup) blame(err error) error {
	switch code := resultCode(err); {
	case code&0xff == sqlite3.SQLITE_FULL:
		return keys.Errorf(keys.ReasonFull, "writing the backup: no space is left for %s", s.target).OnPath(s.target).Because(err)
	case ofTarget[code]:
		return keys.Errorf(keys.ReasonOutput, "writing the backup: the disk failed to write %s", s.target).OnPath(s.target).Because(err)
	}
	return err
}

// ofTarget are the results that only writing has.
var ofTarget = map[int]bool{
	sqlite3.SQLITE_IOERR_WRITE: true, sqlite3.SQLITE_IOERR_TRUNCATE: true, sqlite3.SQLITE_IOERR_FSYNC: true,
}
