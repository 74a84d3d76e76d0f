package db

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// auditLog is where changes to another server's database are recorded: a file of
// JSON lines, or a stream. A nil one records nothing. Before each commit its
// events are appended and synced, with the phase "intent"; after it follows one
// line with the outcome, which bears the same number. What a crash leaves without
// an outcome is not known to have happened.
type auditLog struct {
	file     string // absolute; "" for the stream
	to       io.Writer
	must     bool // refuse a change that cannot be recorded, else say so once
	warn     func(string)
	once     sync.Once
	database string // its real path
	layout   string
}

// stream is the name of [Options].AuditTo.
const stream = "-"

// openAudit settles where changes are recorded. It touches no file.
func (d *DB) openAudit(ctx context.Context, s session) error {
	o := d.options
	if d.recalls = d.table.ledger != nil; o.AuditLog == "" {
		return nil
	}
	a := &auditLog{to: o.AuditTo, must: o.AuditMust, warn: o.Warn, database: o.Path, layout: d.table.Name()}
	if o.AuditLog != stream {
		var err error
		if a.file, err = filepath.Abs(o.AuditLog); err != nil {
			return a.refusal(err)
		}
	}
	if a.database == "" { // the store was given a handle
		err := s.queryRow(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&a.database)
		if err != nil {
			return wrapUnlessBusy(err, "", "asking for the name of the database")
		}
	}
	d.audit, d.recalls = a, d.recalls || a.recalls(o.Access)
	return nil
}

// check tells, without touching anything, whether changes can be recorded.
func (a *auditLog) check() error {
	if a == nil {
		return nil
	}
	return a.tolerate(a.writable())
}

func (a *auditLog) writable() error {
	if a.file == "" {
		return a.streamed()
	}
	path, there, err := a.place()
	for err == nil && there == nil {
		path = filepath.Dir(path)
		if there, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) && !a.must {
			err = nil // the default directory is made
		}
	}
	if err == nil && !mayWrite(path, there) {
		err = fs.ErrPermission
	}
	return err
}

func (a *auditLog) streamed() error {
	if a.to == nil {
		return errors.New("there is no such stream here")
	}
	return nil
}

// tolerate makes a refusal of a problem, or a warning where nobody named the file.
func (a *auditLog) tolerate(problem error) error {
	switch {
	case problem == nil, errors.Is(problem, &keys.Error{Reason: keys.ReasonInterrupted}):
		return problem
	case a.must:
		return a.refusal(problem)
	}
	a.say(a.refusal(problem).Message + ": changes are not recorded")
	return nil
}

func (a *auditLog) refusal(problem error) *keys.Error {
	if isBusy(problem) {
		return keys.Errorf(keys.ReasonBusy, "the audit log %s stayed locked by another process", a.name()).OnPath(a.file).Because(problem)
	}
	said := problem
	if at := (*fs.PathError)(nil); errors.As(problem, &at) {
		said = at.Err // the path is said already
	}
	return keys.Errorf(keys.ReasonAudit, "the audit log %s cannot be written: %v", a.name(), said).OnPath(a.file).Because(problem)
}

// say warns once.
func (a *auditLog) say(text string) {
	a.once.Do(func() {
		if a.warn != nil {
			a.warn(text)
		}
	})
}

func (a *auditLog) name() string {
	if a.file == "" {
		return stream
	}
	return a.file
}

// place returns the real path of the file, and what is there, nil for nothing yet.
// It refuses what is no plain file, a link to nothing, since whoever can plant one
// would choose where a file is made, and the files of the database: to close one
// of those drops SQLite's locks.
func (a *auditLog) place() (path string, there fs.FileInfo, err error) {
	path, err = filepath.EvalSymlinks(a.file)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(a.file); err == nil {
			return a.file, nil, errors.New("it is a link to nothing")
		}
		path = a.file
		if dir, err := filepath.EvalSymlinks(filepath.Dir(a.file)); err == nil {
			path = filepath.Join(dir, filepath.Base(a.file))
		}
	} else if err != nil {
		return path, nil, err
	}
	there, err = os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		there, err = nil, nil
	case err == nil && !there.Mode().IsRegular():
		err = errors.New("it is " + kindOf(there.Mode()))
	}
	if err == nil && a.ofDatabase(path, there) {
		err = errors.New("it is a file of the database")
	}
	return path, there, err
}

// ofDatabase tells whether SQLite uses a file, or would once it exists.
func (a *auditLog) ofDatabase(path string, there fs.FileInfo) bool {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		name := a.database + suffix
		if path == name {
			return true
		}
		if other, err := os.Stat(name); err == nil && there != nil && os.SameFile(there, other) {
			return true
		}
	}
	return false
}

// open opens the file to append to it, and makes it where it is missing, for its
// owner alone; in the default place also its directory.
func (a *auditLog) open() (*os.File, error) {
	if !a.must {
		if err := MakeDefaultDir(filepath.Dir(a.file)); err != nil {
			return nil, err
		}
	}
	path, _, err := a.place()
	if err != nil {
		return nil, err
	}
	if _, err := makeFile(path, "creating the audit log"); err != nil {
		return nil, err
	}
	return os.OpenFile(path, appendFlags, 0)
}

const appendFlags = lookFlags | noFollow | os.O_RDWR | os.O_APPEND

// errFileLocked is a file's lock that somebody else holds, for [acquire] to wait.
type errFileLocked struct{}

func (errFileLocked) Error() string { return "the file is locked by another process" }
func (errFileLocked) Code() int     { return sqlite3.SQLITE_BUSY }
