package db

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// look is what can be known of a database without opening a connection to it.
type look struct {
	Path       string // the real file: SQLite keeps its files beside that one, not beside a link
	Dir        string
	DirMissing bool
	Missing    bool
	Empty      bool // SQLite takes an empty file for a database without tables
	Size       int64
	Mode       fs.FileMode
	Writable   bool // by this process, as the system says: it knows of access lists and read-only mounts

	DirMode     fs.FileMode
	DirWritable bool

	WAL     bool // journal mode is WAL, a property of the file
	SHM     bool // its -shm exists, as a rule because a process has it open
	WALFile bool // its -wal exists
	Journal bool // its -journal exists
	Hot     bool // its -journal is of a change that has not ended, maybe never will

	uid, gid       int
	dirUID, dirGID int
}

// The first bytes of a database and of a rollback journal, and where a database
// says how it is journalled, https://www.sqlite.org/fileformat.html
const (
	databaseMagic = "SQLite format 3\x00"
	journalMagic  = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
	readVersion   = 19 // alone decides how SQLite opens the file
	headSize      = 20
	walVersion    = 2
)

// lookAt looks at the database at path. It must run before this process opens a
// connection to the file: closing a descriptor of it later drops SQLite's locks
// (POSIX locks belong to the process, not to the descriptor), and another process
// could then write in the middle of our transaction. A missing file is no error;
// what cannot be a database is ReasonNotDatabase, and what this user may not read
// is ReasonUnreadable with the owner.
func lookAt(path string) (look, error) {
	real, err := realPath(path)
	if err != nil {
		return look{Path: real}, err
	}
	l := look{Path: real, Dir: filepath.Dir(real)}
	for _, part := range []func() error{l.seeDir, l.seeFile, l.seeSidecars, l.seeHeader} {
		if err := part(); err != nil || l.Missing {
			return l, err
		}
	}
	return l, nil
}

// realPath resolves links. A link to nothing is refused: whoever can plant one
// would choose where a database is created.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return path, fileError(err, path, "looking at the database")
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		return real, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return path, denied(err, path)
	}
	if target, err := os.Readlink(path); err == nil {
		return path, keys.Errorf(keys.ReasonMissing, "no database at %s: it is a link to %s, which does not exist", path, target).OnPath(path)
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path)), nil
	}
	return path, nil
}

func (l *look) seeDir() error {
	info, err := os.Stat(l.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		l.DirMissing, l.Missing = true, true
		return nil
	}
	if err != nil {
		return denied(err, l.Path)
	}
	l.DirMode, l.DirWritable = info.Mode(), mayWrite(l.Dir, info)
	l.dirUID, l.dirGID = ownerOf(info)
	return nil
}

func (l *look) seeFile() error {
	info, err := os.Stat(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		l.Missing = true
		return nil
	}
	if err != nil {
		return denied(err, l.Path)
	}
	if !info.Mode().IsRegular() {
		return keys.Errorf(keys.ReasonNotDatabase, "%s is not a database: it is %s", l.Path, kindOf(info.Mode())).OnPath(l.Path)
	}
	l.Mode, l.Size, l.Empty = info.Mode(), info.Size(), info.Size() == 0
	l.Writable = mayWrite(l.Path, info)
	l.uid, l.gid = ownerOf(info)
	return nil
}

// kindOf names what is not a regular file.
func kindOf(mode fs.FileMode) string {
	for _, kind := range []struct {
		bit  fs.FileMode
		name string
	}{
		{fs.ModeDir, "a directory"}, {fs.ModeNamedPipe, "a named pipe"},
		{fs.ModeSocket, "a socket"}, {fs.ModeDevice, "a device"},
	} {
		if mode&kind.bit != 0 {
			return kind.name
		}
	}
	return "a special file"
}

func (l *look) seeSidecars() error {
	for suffix, found := range map[string]*bool{"-shm": &l.SHM, "-wal": &l.WALFile, "-journal": &l.Journal} {
		_, err := os.Lstat(l.Path + suffix)
		*found = err == nil
	}
	if l.Journal {
		head, err := readHead(l.Path+"-journal", len(journalMagic))
		// One that cannot be read is SQLite's to complain about.
		l.Hot = err == nil && string(head) == journalMagic
	}
	return nil
}

func (l *look) seeHeader() error {
	head, err := readHead(l.Path, headSize)
	switch {
	case err != nil:
		return denied(err, l.Path)
	case len(head) == 0:
		l.Empty = true
	case len(head) == headSize && string(head[:len(databaseMagic)]) == databaseMagic:
		l.WAL = head[readVersion] == walVersion
	case l.Hot && string(head) == string(make([]byte, len(head))):
		// The first transaction crashed before it wrote the first page: SQLite undoes it.
	default:
		return keys.Errorf(keys.ReasonNotDatabase, "%s is not a SQLite database, or an encrypted one", l.Path).OnPath(l.Path)
	}
	return nil
}

// readHead returns the first n bytes of a file, fewer if it has no more.
func readHead(path string, n int) ([]byte, error) {
	f, err := os.OpenFile(path, lookFlags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(n)))
}

// denied explains an error of the system. Where permission is missing it names
// the owner of the file, or else of the directory that hides it, if that is
// somebody else.
func denied(err error, path string) error {
	e := fileError(err, path, "looking at the database")
	if e.Reason != keys.ReasonUnreadable {
		return e
	}
	for seen := path; ; seen = filepath.Dir(seen) {
		if info, err := os.Stat(seen); err == nil {
			uid, _ := ownerOf(info)
			e.Owner = currentIdentity().other(uid)
			return e
		}
		if seen == filepath.Dir(seen) {
			return e
		}
	}
}
