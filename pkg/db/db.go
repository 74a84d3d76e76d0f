// Package db keeps keys in SQLite files: keyreeve's own database and, described
// as layouts, those of other servers. It is a guest in files that servers own.
package db

import (
	"context"
	"database/sql"
	"io"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Options say which database to open, and how.
type Options struct {
	Path string
	// Layout is the family of the layout, family/era, or the path of a layout file,
	// which holds a "/" or ends in .yaml or .yml; "" recognises it by its tables.
	Layout  string
	Access  Access        // what the connection is for
	Timeout time.Duration // how long to wait for a lock
	MakeDir bool          // [Create] makes the directory too: a named one may be mistyped, the default one cannot
	DryRun  bool          // make no file: where [Create] would, the database is in memory
	Waiting func()        // called once when a wait has lasted a second; may be nil
	Warn    func(string)  // told what does not keep a change from being made; may be nil

	// AuditLog is the file that records changes to another server's database, "-" for
	// AuditTo, "" for none: keyreeve's own tables hold their audit themselves.
	AuditLog string
	AuditTo  io.Writer
	// AuditMust says that somebody named AuditLog: changes that it cannot record are
	// refused with ReasonAudit. Else it is the default place, whose directory is made
	// where it is missing, and where it cannot be written there is a warning.
	AuditMust bool

	untouched bool // leave the files beside the database as they are: they tell what happened
}

// DB is a [keys.Store] over one SQLite database.
type DB struct {
	pool      *sql.DB
	own       bool // Close closes the pool
	options   Options
	table     *table
	newLedger newLedger
	audit     *auditLog    // of another server's database, nil for none
	recalls   bool         // of [keys.Info]
	warnings  []string     // of [keys.Info]
	schema    atomic.Int64 // version last seen, 0 until the native schema exists
	steps     []string
	created   bool
	alone     bool // nothing was beside the file before
}

var (
	_ keys.Store    = (*DB)(nil)
	_ keys.Migrator = (*DB)(nil)
)

// Open opens the database at o.Path. It looks at the file before it opens a
// connection, refuses what would harm the server that owns it, and creates a
// file only with [Create]. Errors are *keys.Error of kind database or busy.
//
// A process opens a file once and shares the DB: to look at the file again would
// drop the locks of the connection that is open.
func Open(ctx context.Context, o Options) (*DB, error) {
	l, created, err := prepare(&o)
	if err != nil {
		return nil, err
	}
	if o.DryRun && (l.Missing || l.Empty) {
		return rehearse(ctx, o, l)
	}
	if o.untouched && !l.makesSidecars() {
		l.Writable = false // such a connection removes nothing when it ends, and puts no log into the database
	}
	var pool *sql.DB
	err = acquire(ctx, o.Timeout, o.Waiting, func() (err error) {
		pool, err = connect(ctx, l, o.Access, min(engineWait, o.Timeout))
		return err
	})
	if err != nil {
		l.abandon(o, created)
		return nil, onPath(err, l.Path)
	}
	d := &DB{pool: pool, own: true, options: o, steps: migrations(), created: created}
	d.options.Path, d.alone = l.Path, !l.SHM && !l.WALFile && !l.Journal
	if err := d.start(ctx, l); err != nil {
		pool.Close()
		l.abandon(o, created)
		return nil, err
	}
	return d, nil
}

// FromDB serves an application that already has the database open, by its own
// handle and whatever its driver: a second SQLite library on one file in one
// process would lose locks. Closing the DB leaves the handle open.
func FromDB(ctx context.Context, handle *sql.DB, o Options) (*DB, error) {
	d := &DB{pool: handle, options: o, steps: migrations()}
	return d, d.start(ctx, look{})
}

// prepare looks at the file, makes it where that was asked, and checks that
// opening it harms nobody. Another server's database is for that server to make.
func prepare(o *Options) (look, bool, error) {
	choice, err := choose(o.Layout)
	if err != nil {
		return look{Path: o.Path}, false, err
	}
	if o.Access == Create && choice.named() {
		o.Access = ReadWrite
	}
	if o.Access == Create && o.MakeDir && !o.DryRun {
		if err := MakeDefaultDir(filepath.Dir(o.Path)); err != nil {
			return look{Path: o.Path}, false, err
		}
	}
	l, err := lookAt(o.Path)
	if err != nil || o.Access == Create && o.DryRun && o.MakeDir && l.DirMissing {
		return l, false, err
	}
	id := currentIdentity()
	if l.Empty && o.Access != Create {
		return l, false, keys.Errorf(keys.ReasonEmpty, "%s is empty: it holds no keys yet", l.Path).OnPath(l.Path)
	}
	if err := l.check(o.Access, id); err != nil || !l.Missing || o.DryRun {
		return l, false, err
	}
	created, err := createFile(l.Path)
	if err != nil {
		return l, false, err
	}
	l, err = lookAt(l.Path)
	return l, created, err
}

// start recognises the layout, and prepares a new file for it.
func (d *DB) start(ctx context.Context, l look) error {
	s, err := d.session(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if d.options.Access == Create && l.Empty {
		if err := d.chooseJournal(ctx, s); err != nil {
			return wrap(err, d.options.Path, "preparing the new database")
		}
	}
	err = acquire(ctx, d.options.Timeout, d.options.Waiting, func() error {
		if err := d.recognise(ctx, s); err != nil {
			return err
		}
		return d.openAudit(ctx, s)
	})
	return onPath(err, d.options.Path)
}

// chooseJournal puts a file that is ours alone into WAL mode: one that we made,
// or that nobody has written to yet.
func (d *DB) chooseJournal(ctx context.Context, s session) error {
	var pages int
	if err := s.queryRow(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		return err
	}
	if pages > 0 && !d.created {
		return nil
	}
	return d.patiently(ctx, s, "PRAGMA journal_mode = WAL")
}

// patiently runs one statement that may have to wait for a lock.
func (d *DB) patiently(ctx context.Context, s session, statement string) error {
	return acquire(ctx, d.options.Timeout, d.options.Waiting, func() error {
		_, err := s.exec(ctx, statement)
		return err
	})
}

// Info implements [keys.Store].
func (d *DB) Info() keys.Info {
	return keys.Info{
		Layout: d.table.Family, Era: d.table.Era, Path: d.options.Path,
		Fields: d.table.fields(), PrefixID: d.table.PrefixID, Schema: int(d.schema.Load()), Rules: &d.table.Rules,
		Recalls: d.recalls, Warnings: d.warnings,
	}
}

// Created tells whether Open made the file.
func (d *DB) Created() bool { return d.created }
