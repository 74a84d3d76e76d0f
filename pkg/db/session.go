package db

import (
	"context"
	"database/sql"
)

// session is one connection. Its statements cannot be cancelled: each is short,
// and to watch a context costs more than to run one. Contexts are looked at
// between statements, and by [acquire] while it waits.
type session struct{ conn *sql.Conn }

func (d *DB) session(ctx context.Context) (session, error) {
	conn, err := d.pool.Conn(ctx)
	return session{conn}, wrap(err, d.options.Path, "opening the database")
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

func (s session) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	return s.conn.PrepareContext(context.WithoutCancel(ctx), query)
}
