package db

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"strconv"

	"modernc.org/sqlite"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// OpenBackup opens a backup of this database for reading, to restore keys from it.
// It is checked first: ReasonCorrupt tells that it is damaged, ReasonOtherDatabase
// that it is one of another server, another era or, unless another may do, of another
// database of keyreeve's own, ReasonInvalid that it is this very database. No file is
// made beside it; one that is there already, a log or a journal, gives
// ReasonHotJournal: what it is missing would not be restored. ReasonUnsafeDir says that
// everybody could have put it there.
func (d *DB) OpenBackup(ctx context.Context, path string, another bool) (*DB, error) {
	if d.Owns(path) { // to look into a file of it would drop our locks
		return nil, keys.Errorf(keys.ReasonInvalid, "%s is a file of the database itself", path).OnPath(path)
	}
	l, err := lookAt(path)
	if err == nil {
		err = l.checkBackup()
	}
	if err != nil {
		return nil, err
	}
	b, err := d.readOnly(ctx, l.Path, l.WAL)
	if err != nil {
		return nil, err
	}
	if err := d.comparable(ctx, b, another); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// checkBackup refuses what is no whole database.
func (l look) checkBackup() error {
	switch {
	case l.Missing:
		return l.refuse(keys.ReasonMissing, "", "no backup at %s: the file does not exist", l.Path)
	case swappable(l.DirMode):
		return l.refuse(keys.ReasonUnsafeDir, "", "every user may write to %s, and may have put another file in the place of %s", l.Dir, l.Path)
	case l.Empty:
		return l.refuse(keys.ReasonEmpty, "", "%s is empty", l.Path)
	case l.Hot:
		return l.refuse(keys.ReasonHotJournal, "", "beside %s is a journal of a change that has not ended", l.Path)
	}
	if log, err := os.Stat(l.Path + "-wal"); l.WAL && (l.SHM || err == nil && log.Size() > 0) {
		return l.refuse(keys.ReasonHotJournal, "", "beside %s is a write-ahead log, without which it is not whole", l.Path)
	}
	return nil
}

// readCopy opens a file that nobody else knows.
func (d *DB) readCopy(ctx context.Context, path string) (*DB, error) {
	return d.readOnly(ctx, path, true)
}

// readOnly opens a file of the same layout and checks it. alone says that nobody
// writes it: then the engine looks for nothing beside it and takes no lock.
func (d *DB) readOnly(ctx context.Context, path string, alone bool) (*DB, error) {
	q := url.Values{"mode": {"ro"}, "_defensive": {"1"}, "_dqs": {"0"}}
	if alone {
		q.Set("immutable", "1")
	}
	for _, p := range pragmas(ReadOnly, true, engineWait) {
		q.Add("_pragma", p.name+"("+strconv.FormatInt(p.value, 10)+")")
	}
	u := url.URL{Scheme: "file", Path: uriPath(path), RawQuery: q.Encode()}
	connector, err := sqlite.NewConnector(u.String())
	if err != nil {
		return nil, wrap(err, path, "opening the backup")
	}
	b := &DB{pool: sql.OpenDB(connector), own: true, steps: d.steps, options: Options{
		Path: path, Layout: d.options.Layout, Timeout: d.options.Timeout, Waiting: d.options.Waiting,
	}}
	b.pool.SetMaxOpenConns(1)
	err = b.intact(ctx)
	if err == nil {
		err = b.start(ctx, look{})
	}
	if err != nil {
		b.pool.Close()
		return nil, onPath(err, path)
	}
	return b, nil
}

// intact has the engine check the whole file.
func (d *DB) intact(ctx context.Context) error {
	s, err := d.session(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	var found []string
	err = acquire(ctx, d.options.Timeout, d.options.Waiting, func() (err error) {
		found, err = s.said(ctx, "PRAGMA integrity_check(3)")
		return err
	})
	switch {
	case err != nil:
		return wrap(err, d.options.Path, "checking the backup")
	case len(found) != 1 || found[0] != "ok":
		return keys.Errorf(keys.ReasonCorrupt, "%s is damaged: SQLite finds faults in it", d.options.Path).OnPath(d.options.Path)
	}
	return nil
}

// comparable refuses a backup of something else.
func (d *DB) comparable(ctx context.Context, b *DB, another bool) error {
	mine, theirs := d.table.Name(), b.table.Name()
	if mine != theirs {
		return keys.Errorf(keys.ReasonOtherDatabase, "%s holds the keys of %s, and this database those of %s", b.options.Path, theirs, mine).
			OnPath(b.options.Path)
	}
	if d.table.ledger == nil || another {
		return nil
	}
	mine, err := d.id(ctx)
	if err != nil {
		return err
	}
	if theirs, err = b.id(ctx); err == nil && mine != theirs {
		err = keys.Errorf(keys.ReasonOtherDatabase, "%s is a backup of another database", b.options.Path).OnPath(b.options.Path)
	}
	return err
}

// id returns what tells databases of keyreeve's own apart.
func (d *DB) id(ctx context.Context) (id string, err error) {
	s, err := d.session(ctx)
	if err != nil {
		return "", err
	}
	defer s.close()
	err = acquire(ctx, d.options.Timeout, d.options.Waiting, func() error {
		return s.queryRow(ctx, "SELECT database_id FROM keyreeve_state").Scan(&id)
	})
	return id, wrap(err, d.options.Path, "reading the database's id")
}
