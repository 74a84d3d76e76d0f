package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// session is one connection. Its statements cannot be cancelled: each is short,
// and to watch a context costs more than to run one. Contexts are looked at
// between statements, and by [acquire] while it waits.
type session struct {
	conn   *sql.Conn
	failed *error // the first change that failed
}

func (d *DB) session(ctx context.Context) (session, error) {
	conn, err := d.pool.Conn(ctx)
	return session{conn, new(error)}, wrap(err, d.options.Path, "opening the database")
}

func (s session) close() { _ = s.conn.Close() } // gives the connection back; Close of the pool reports errors

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
func (s session) change(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if *s.failed != nil {
		return nil, *s.failed
	}
	res, err := s.exec(ctx, query, args...)
	*s.failed = err
	return res, err
}

// changeEach is [session.change] for a statement that is run n times.
func (s session) changeEach(ctx context.Context, query string, n int, args func(i int) []any) error {
	return s.changeEachTold(ctx, query, n, args, nil)
}

// changeEachTold is [session.changeEach] that gives each result to told, which may
// be nil.
func (s session) changeEachTold(ctx context.Context, query string, n int, args func(i int) []any, told func(i int, res driver.Result) error) error {
	if *s.failed == nil {
		*s.failed = s.execEach(ctx, query, n, args, told)
	}
	return *s.failed
}

// each gives the rows of a query to row, whose values are its own until it
// returns. It talks to the driver itself: [sql.Rows] would double the cost of
// reading many keys.
func (s session) each(ctx context.Context, query string, args []any, row func(values []driver.Value) error) error {
	bound, err := bind(args)
	if err != nil {
		return err
	}
	return s.raw(ctx, func(ctx context.Context, c driverConn) error {
		rs, err := c.QueryContext(ctx, query, bound)
		if err != nil {
			return err
		}
		defer rs.Close()
		values := make([]driver.Value, len(rs.Columns()))
		for {
			switch err := rs.Next(values); {
			case err == io.EOF:
				return nil
			case err != nil:
				return err
			}
			if err := row(values); err != nil {
				return err
			}
		}
	})
}

// execEach runs a statement n times, with the arguments that args returns for
// each, unless ctx ends.
func (s session) execEach(ctx context.Context, query string, n int, args func(i int) []any, told func(i int, res driver.Result) error) error {
	return s.raw(ctx, func(detached context.Context, c driverConn) error {
		stmt, err := c.PrepareContext(detached, query)
		if err != nil {
			return err
		}
		defer stmt.Close()
		run, ok := stmt.(driver.StmtExecContext)
		if !ok {
			return errDriver()
		}
		for i := range n {
			bound, err := bind(args(i))
			if err != nil {
				return err
			}
			res, err := run.ExecContext(detached, bound)
			if err == nil && told != nil {
				err = told(i, res)
			}
			if err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
}

// driverConn is what database/sql has behind a connection of every SQLite driver.
type driverConn interface {
	driver.QueryerContext
	driver.ConnPrepareContext
}

func errDriver() error {
	return keys.Errorf(keys.ReasonUnsupported, "the driver of this database handle does not know contexts")
}

func (s session) raw(ctx context.Context, work func(context.Context, driverConn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.conn.Raw(func(c any) error {
		known, ok := c.(driverConn)
		if !ok {
			return errDriver()
		}
		return work(context.WithoutCancel(ctx), known)
	})
}

func bind(args []any) ([]driver.NamedValue, error) {
	bound := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, err
		}
		bound[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return bound, nil
}
