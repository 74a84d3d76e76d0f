package db

import (
	"context"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// tx is one transaction: the keys, and the ledger beside them.
type tx struct {
	rows
	nativeLedger
	schema int // the version that a commit leaves
}

var _ keys.Tx = (*tx)(nil)

func (d *DB) newTx(s session) *tx {
	return &tx{
		rows:         rows{table: d.table, session: s, path: d.options.Path, own: d.own},
		nativeLedger: nativeLedger{session: s, path: d.options.Path},
	}
}

// View implements [keys.Store].
func (d *DB) View(ctx context.Context, fn func(keys.Reader) error) error {
	s, err := d.session(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	err = acquire(ctx, d.options.Timeout, d.options.Waiting, func() error { return snapshot(ctx, s) })
	if err != nil {
		return wrap(err, d.options.Path, "reading the database")
	}
	defer rollback(ctx, s)
	if err := d.inUse(ctx, s); err != nil {
		return err
	}
	return fn(d.newTx(s))
}

// inUse makes sure that there are tables to read, and not too old ones: where
// there were none, another process may have made them meanwhile.
func (d *DB) inUse(ctx context.Context, s session) error {
	if version := d.schema.Load(); version > 0 {
		return d.readable(int(version))
	}
	names, err := tableNames(ctx, s)
	if err != nil || isNative(names) {
		return wrap(err, d.options.Path, "reading the schema")
	}
	return keys.Errorf(keys.ReasonEmpty, "%s holds no keys yet", d.options.Path).OnPath(d.options.Path)
}

// snapshot begins a read. BEGIN alone takes no lock, the first SELECT does.
func snapshot(ctx context.Context, s session) error {
	if _, err := s.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	if _, err := s.exec(ctx, "SELECT 1 FROM sqlite_master"); err != nil {
		rollback(ctx, s)
		return err
	}
	return nil
}

// rollback ends the transaction even where ctx has already ended. An error
// means that SQLite itself has rolled back.
func rollback(ctx context.Context, s session) {
	_, _ = s.exec(context.WithoutCancel(ctx), "ROLLBACK")
}

// Update implements [keys.Store].
func (d *DB) Update(ctx context.Context, fn func(keys.Tx) error) error {
	return d.update(ctx, func(t *tx) error {
		if err := d.current(ctx, t.rows.session); err != nil {
			return err
		}
		t.schema = len(d.steps)
		return fn(t)
	})
}

// update runs fn with the write lock held.
func (d *DB) update(ctx context.Context, fn func(*tx) error) error {
	path := d.options.Path
	if d.options.Access == ReadOnly {
		return keys.Errorf(keys.ReasonReadOnly, "%s was opened for reading only", path).OnPath(path)
	}
	s, err := d.session(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if err := d.patiently(ctx, s, "BEGIN IMMEDIATE"); err != nil {
		return wrap(err, path, "changing the database")
	}
	committed := false
	defer func() { // also if fn panics: a server may recover, and would keep the lock
		if !committed {
			rollback(ctx, s)
		}
	}()
	err = d.change(ctx, s, fn)
	committed = err == nil
	return err
}

// change does the work between BEGIN and COMMIT, and commits.
func (d *DB) change(ctx context.Context, s session, fn func(*tx) error) error {
	t := d.newTx(s)
	var err error
	if t.rows.triggers, err = d.hasTriggers(ctx, s); err != nil {
		return err
	}
	t.nativeLedger.triggers = t.rows.triggers
	if err := fn(t); err != nil {
		return err
	}
	if t.rows.changed || t.nativeLedger.changed {
		if err := d.count(ctx, s); err != nil {
			return err
		}
		if err := t.settled(ctx); err != nil {
			return err
		}
	}
	// In a rollback journal a reader can hold off the commit: wait as for the lock.
	err = d.patiently(ctx, s, "COMMIT")
	if err == nil {
		d.schema.Store(int64(t.schema))
	}
	return wrap(err, d.options.Path, "committing the change")
}

// count counts the change.
func (d *DB) count(ctx context.Context, s session) error {
	res, err := s.change(ctx, "UPDATE keyreeve_state SET change_counter = change_counter + 1")
	if err != nil {
		return wrap(err, d.options.Path, "counting the change")
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return keys.Errorf(keys.ReasonUndone, "the database did not count the change: a trigger of its own may forbid it").
			OnPath(d.options.Path).Because(err)
	}
	return nil
}

// hasTriggers tells whether the tables that a change writes have triggers, which
// could undo it.
func (d *DB) hasTriggers(ctx context.Context, s session) (bool, error) {
	var n int
	const triggers = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) IN (lower(?), 'keyreeve_audit', 'keyreeve_state')"
	err := s.queryRow(ctx, triggers, d.table.Table).Scan(&n)
	return n > 0, wrap(err, d.options.Path, "reading the schema")
}

// current makes sure, under the lock, that the schema is the one this program
// writes. A database that is being bootstrapped gets it now.
func (d *DB) current(ctx context.Context, s session) error {
	if d.options.Access == Create {
		if err := d.ensureSchema(ctx, s); err != nil {
			return err
		}
	}
	version, err := schemaVersion(ctx, s)
	if err != nil {
		return wrap(err, d.options.Path, "reading the schema version")
	}
	if version == len(d.steps) {
		return nil
	}
	if err := d.readable(version); err != nil {
		return err
	}
	return keys.Errorf(keys.ReasonOldSchema, "%s has schema %d: changing it needs %d", d.options.Path, version, len(d.steps)).
		OnPath(d.options.Path)
}
