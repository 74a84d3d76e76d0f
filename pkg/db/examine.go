package db

import (
	"context"
	"errors"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Examination is what [Examine] found.
type Examination struct {
	Path     string     // of the real file
	Info     *keys.Info // nil where the database was not opened
	Findings []keys.Finding
	Failures []Failure
}

// Failure is a part of an examination that could not be made. That is a finding
// too: the error says what is wrong.
type Failure struct {
	Check string
	Err   *keys.Error
}

// Examiner says how to examine.
type Examiner struct {
	Full bool         // make the complete check of integrity, however long it takes
	Now  keys.Instant // that statuses refer to
	// Keys looks at the keys of the open database; may be nil.
	Keys func(context.Context, keys.Store) ([]keys.Finding, error)
}

// examination is one in progress.
type examination struct {
	Examination
	Examiner
	o     Options
	l     look
	users []process // that have the database open
}

// Examine looks at a database without changing anything: first at its files, before
// any connection, then by one that only reads, as far as it gets. A missing file is
// an error, and so is what no database is to blame for; all else is a finding.
func Examine(ctx context.Context, o Options, e Examiner) (*Examination, error) {
	if _, err := choose(o.Layout); err != nil {
		return nil, err
	}
	o.Access, o.untouched = ReadOnly, true
	x := &examination{Examiner: e, o: o}
	l, err := lookAt(o.Path)
	x.l, x.Path = l, l.Path
	if l.Missing && err == nil {
		err = l.checkExists(ReadOnly, identity{})
	}
	if errors.Is(err, &keys.Error{Reason: keys.ReasonMissing}) {
		return nil, err
	}
	if x.fails("open", err) {
		return &x.Examination, nil
	}
	x.users = usersOf(x.l.Path)
	x.files()
	x.space()
	held := x.holders(ctx)
	if !held && x.crashed() {
		return &x.Examination, nil
	}
	return &x.Examination, x.inside(ctx)
}

// inside is the part that needs a connection.
func (x *examination) inside(ctx context.Context) (err error) {
	d, err := Open(ctx, x.o)
	if err != nil {
		return x.unless("open", err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	info := d.Info()
	x.Info = &info
	x.fine("open", "this user may read it as every read does", "")
	for _, part := range []struct {
		check string
		look  func(context.Context, *DB) error
	}{
		{"journal", x.journal}, {"integrity", x.integrity}, {"schema", x.schema},
		{"keys", x.keys}, {"duplicates", x.doubles}, {"audit", x.audit},
	} {
		if err := x.unless(part.check, part.look(ctx, d)); err != nil {
			return err
		}
	}
	return nil
}

func (x *examination) keys(ctx context.Context, d *DB) error {
	if x.Keys == nil {
		return nil
	}
	found, err := x.Keys(ctx, d)
	x.Findings = append(x.Findings, found...)
	return err
}

// unless returns an error, unless it is one of the database: that is noted.
func (x *examination) unless(check string, err error) error {
	if x.fails(check, err) {
		return nil
	}
	return err
}

// fails notes an error of the database.
func (x *examination) fails(check string, err error) bool {
	var e *keys.Error
	if !errors.As(err, &e) || !examined[e.Kind()] && e.Reason != keys.ReasonPolicy {
		return false
	}
	x.Failures = append(x.Failures, Failure{check, e})
	return true
}

// examined are the kinds of errors that the database is to blame for.
var examined = map[keys.Kind]bool{keys.KindDatabase: true, keys.KindBusy: true}

func (x *examination) add(f keys.Finding) { x.Findings = append(x.Findings, f) }

// fine notes what was looked at without a result.
func (x *examination) fine(check, reason, path string) {
	x.add(keys.Finding{Check: check, Level: keys.Fine, Reason: reason, Path: path})
}

// crashed tells of a change that ended with its process. Where a file is left that
// whoever opens the database now ends, an examination leaves that to others.
func (x *examination) crashed() (odd bool) {
	f := keys.Finding{Check: "open", Level: keys.Warning, Mend: []string{"status"}}
	switch l := x.l; {
	case l.Hot:
		f.Path = l.Path + "-journal"
		f.Reason = "a crash left the database in the middle of a change, which the next command of a user who may write it undoes: the rest was not looked at"
	case l.WAL && l.SHM != l.WALFile:
		f.Path = l.Path + "-wal"
		f.Reason = "a crash or a copy left only one of the two files of the write-ahead log, which the next command of a user who may write the database cleans up: the rest was not looked at"
	case l.WAL && l.SHM && seesLocks && !x.logInUse():
		f.Path, f.Level = l.Path+"-wal", keys.Notice
		f.Reason = "a crash left a write-ahead log that nobody has open: what it holds is not lost, and the next command of a user who may write the database cleans it up"
		x.add(f)
		return false
	default:
		return false
	}
	x.add(f)
	return true
}
