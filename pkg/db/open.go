package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"modernc.org/sqlite"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// connect opens the database that l looked at and makes sure that the connection
// is as it should be. It reads the schema, so it can be refused by a lock: call it
// from [acquire], with a short busy.
func connect(ctx context.Context, l look, access Access, busy time.Duration) (*sql.DB, error) {
	set := pragmas(access, l.WAL, busy)
	connector, err := sqlite.NewConnector(dsn(l.Path, access, l.Writable, set))
	if err != nil {
		return nil, wrap(err, l.Path, "opening the database")
	}
	pool := sql.OpenDB(connector)
	// One connection: more would compete with each other for the file's one write lock.
	pool.SetMaxOpenConns(1)
	if err := inForce(ctx, pool, set); err != nil {
		pool.Close()
		return nil, l.withOwner(wrap(err, l.Path, "opening the database"), currentIdentity())
	}
	return pool, nil
}

// inForce reads the pragmas back, in one statement: SQLite ignores one that it
// does not know or cannot set, without an error.
func inForce(ctx context.Context, pool *sql.DB, wanted []pragma) error {
	names := make([]string, len(wanted))
	values := make([]int64, len(wanted))
	refs := make([]any, len(wanted))
	for i, p := range wanted {
		names[i], refs[i] = "pragma_"+p.name, &values[i]
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := pool.QueryRowContext(context.WithoutCancel(ctx), "SELECT * FROM "+strings.Join(names, ", ")).Scan(refs...)
	if err != nil {
		return err
	}
	for i, p := range wanted {
		if values[i] != p.value {
			return keys.Errorf(keys.ReasonFailed, "opening the database: PRAGMA %s is %d where %d was set", p.name, values[i], p.value)
		}
	}
	return nil
}

// withOwner names the file's owner in an error that the owner would not have got.
func (l look) withOwner(err error, id identity) error {
	var e *keys.Error
	if errors.As(err, &e) && ownerMay[e.Reason] && e.Owner == "" {
		e.Owner = id.other(l.uid)
	}
	return err
}

// ownerMay lists the reasons for which another user can be the cure.
var ownerMay = map[keys.Reason]bool{
	keys.ReasonUnreadable: true, keys.ReasonReadOnly: true, keys.ReasonHotJournal: true,
}
