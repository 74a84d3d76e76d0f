package db

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// session is one connection. Its statements cannot be cancelled: each is short,
// and to watch a context costs more than to run one. Contexts are looked at
// between statements, and by [acquire] while it waits.
type session struct {
	conn     *sql.Conn
	failed   *error // the first change that failed
	prepared statements
}

func (d *DB) session(ctx context.Context) (session, error) {
	conn, err := d.pool.Conn(ctx)
	return session{conn, new(error), statements{}}, wrap(err, d.options.Path, "opening the database")
}

// close gives the connection back; Close of the pool reports errors.
func (s session) close() {
	if len(s.prepared) > 0 {
		_ = s.conn.Raw(func(any) error { s.prepared.close(); return nil })
	}
	_ = s.conn.Close()
}

func (s session) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.conn.QueryContext(context.WithoutCancel(ctx), query, args...)
}

func (s session) queryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return s.conn.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}

func (s session) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.conn.ExecContext(context.WithoutCancel(ctx), query, args...)
}

// change runs a statement of a change. After one that failed none is run: SQLite
// may have rolled back by itself, and would commit what follows on its own.
func (s session) change(ctx context.Context, query string, args ...any) (res driver.Result, err error) {
	err = s.changeEach(ctx, query, 1, func(int) []any { return args }, func(_ int, told driver.Result) error {
		res = told
		return nil
	})
	return res, err
}

// changeEach is [session.change] for a statement that is run n times, with the
// arguments that args returns for each. It gives each result to told.
func (s session) changeEach(ctx context.Context, query string, n int, args func(i int) []any, told func(i int, res driver.Result) error) error {
	if *s.failed == nil {
		*s.failed = s.with(ctx, query, func(_ context.Context, st statement) error { return runEach(ctx, st, n, args, told) })
	}
	return *s.failed
}

// each gives the rows of a query to row, whose values are its own until it
// returns. It talks to the driver itself: [sql.Rows] would double the cost of
// reading many keys.
func (s session) each(ctx context.Context, query string, args []any, row func(values []driver.Value) error) error {
	return s.with(ctx, query, func(ctx context.Context, st statement) error { return runQuery(ctx, st, args, row) })
}

// with gives work the statement with this text, and a context that does not end.
func (s session) with(ctx context.Context, query string, work func(context.Context, statement) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	detached := context.WithoutCancel(ctx)
	return s.conn.Raw(func(c any) error {
		known, ok := c.(driverConn)
		if !ok {
			return errDriver()
		}
		st, err := s.prepared.get(detached, known, query)
		if err != nil {
			return err
		}
		return work(detached, st)
	})
}

func errDriver() error {
	return keys.Errorf(keys.ReasonUnsupported, "the driver of this database handle does not know contexts")
}
