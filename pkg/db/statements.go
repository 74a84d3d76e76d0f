package db

import (
	"context"
	"database/sql/driver"
	"io"
)

// driverConn is what database/sql has behind a connection of every SQLite driver.
type driverConn interface{ driver.ConnPrepareContext }

// statement is what such a connection prepares.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// statements are those that a session has prepared, by their text: to parse one costs
// more than to run it, and a change of many keys runs the same few for each.
type statements map[string]statement

// mostStatements bounds them. The texts of a change are few, unless the keys differ in
// what changes.
const mostStatements = 32

// get returns the statement with this text. One that ran through is ready again.
func (m statements) get(ctx context.Context, c driverConn, query string) (statement, error) {
	if known, ok := m[query]; ok {
		return known, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := made.(statement)
	if !ok {
		made.Close()
		return nil, errDriver()
	}
	if len(m) >= mostStatements {
		m.close()
	}
	m[query] = s
	return s, nil
}

func (m statements) close() {
	for query, s := range m {
		_ = s.Close() // an error is that of its last run, which was told then
		delete(m, query)
	}
}

// runQuery runs a statement and gives its rows to row, whose values are its own until it
// returns.
func runQuery(ctx context.Context, s statement, args []any, row func(values []driver.Value) error) error {
	bound, err := bind(args)
	if err != nil {
		return err
	}
	rs, err := s.QueryContext(ctx, bound)
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
}

// runEach runs a statement n times, with the arguments that args returns for each,
// unless ctx ends, and gives each result to told.
func runEach(ctx context.Context, s statement, n int, args func(i int) []any, told func(i int, res driver.Result) error) error {
	detached := context.WithoutCancel(ctx)
	for i := range n {
		bound, err := bind(args(i))
		if err != nil {
			return err
		}
		res, err := s.ExecContext(detached, bound)
		if err == nil {
			err = told(i, res)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
	return nil
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
