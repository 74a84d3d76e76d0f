package db

import (
	"context"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// tx is one transaction: the keys, and the ledger beside them.
type tx struct {
	rows
	ledger
	sealed bool
}

var _ keys.Tx = (*tx)(nil)

func (d *DB) newTx(s session) *tx {
	return &tx{
		rows:   rows{table: d.table, session: s, path: d.options.Path, own: d.own},
		ledger: d.newLedger(d, s),
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
	t := d.newTx(s)
	if err := t.ready(ctx); err != nil {
		return err
	}
	return fn(t)
}

// Last implements [keys.Store].
func (d *DB) Last(ctx context.Context, action keys.Action, ids ...string) (found map[string]keys.Event, err error) {
	if d.table.ledger == nil { // it is in a file
		return d.audit.last(ctx, action, ids)
	}
	err = d.View(ctx, func(r keys.Reader) (err error) {
		found, err = r.(*tx).ledger.(*nativeLedger).last(ctx, action, ids)
		return err
	})
	return found, err
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
		if err := t.prepare(ctx); err != nil {
			return err
		}
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
	t, committed := d.newTx(s), false
	hold := t.reserve()
	defer func() { t.ended(committed) }()
	if err := d.begin(ctx, s, hold); err != nil {
		return wrap(err, path, "changing the database")
	}
	defer func() { // also if fn panics: a server may recover, and would keep the lock
		if !committed {
			rollback(ctx, s)
		}
	}()
	err = d.change(ctx, t, fn)
	committed = err == nil
	return err
}

// change does the work between BEGIN and COMMIT, and commits.
func (d *DB) change(ctx context.Context, t *tx, fn func(*tx) error) error {
	s := t.rows.session
	suspect, err := d.hasTriggers(ctx, s, append(t.tables(), d.table.Table))
	if err != nil {
		return err
	}
	if suspect {
		t.rows.triggers = true
		t.distrust()
	}
	if err := fn(t); err != nil {
		return err
	}
	if err := t.Seal(ctx); err != nil {
		return err
	}
	// In a rollback journal a reader can hold off the commit: wait as for the lock.
	return wrap(d.patiently(ctx, s, "COMMIT"), d.options.Path, "committing the change")
}

// Seal implements [keys.Tx].
func (t *tx) Seal(ctx context.Context) error {
	if t.sealed {
		return nil
	}
	t.sealed = true
	if err := t.settle(ctx, t.rows.changed); err != nil {
		return err
	}
	if err := t.settled(ctx); err != nil {
		return err
	}
	return t.committing(ctx)
}

// hasTriggers tells whether the tables that a change writes have triggers, which
// could undo it.
func (d *DB) hasTriggers(ctx context.Context, s session, tables []string) (bool, error) {
	args := make([]any, len(tables))
	for i, name := range tables {
		args[i] = name
	}
	list := strings.TrimPrefix(strings.Repeat(", lower(?)", len(tables)), ", ")
	var n int
	err := s.queryRow(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) IN ("+list+")", args...).Scan(&n)
	return n > 0, wrap(err, d.options.Path, "reading the schema")
}
