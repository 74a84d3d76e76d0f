package db

import (
	"context"
	"database/sql/driver"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// alone refuses the deletion of a key that changed other rows too, by the ON DELETE of
// their foreign keys: those rows are the server's. total is from before. Where the
// server's own triggers go off at a deletion nobody can tell the one from the other.
func (r *rows) alone(ctx context.Context, id string, total int64) error {
	after, err := r.total(ctx)
	if others := after - total - 1; err == nil && others > 0 {
		return keys.Errorf(keys.ReasonPolicy, "other tables refer to key %s: to delete it would change %d of their rows too", id, others).
			OnKey(id).OnPath(r.path)
	}
	return err
}

// total is how many rows the connection has changed in whatever way, 0 where that is
// not to be asked.
func (r *rows) total(ctx context.Context) (n int64, err error) {
	if r.checked || r.triggers {
		return 0, nil
	}
	err = r.session.each(ctx, "SELECT total_changes()", nil, func(v []driver.Value) error {
		n, _ = v[0].(int64) // it is one with every driver
		return nil
	})
	return n, wrap(err, r.path, "counting changes")
}

// referred explains a deletion that failed. Where there are no triggers, the code of
// one that refused is that of a foreign key with the action RESTRICT.
func (r *rows) referred(id string, err error) error {
	code := resultCode(err)
	if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY || code == sqlite3.SQLITE_CONSTRAINT_TRIGGER && !r.triggers {
		return keys.Errorf(keys.ReasonPolicy, "other tables refer to key %s: it cannot be deleted while they do", id).
			OnKey(id).OnPath(r.path).Because(err)
	}
	return wrap(err, r.path, "deleting key "+id)
}
