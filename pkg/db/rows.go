package db

import (
	"context"
	"database/sql/driver"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// rows reads and writes the keys of one table inside one transaction.
type rows struct {
	*table
	session  session
	path     string
	own      bool                // the connection is ours to tune
	triggers bool                // something could undo a change behind our back
	written  map[string]*written // what must still stand at the commit; only where there are triggers
	inserted int                 // so many new keys in this transaction
	changed  bool
}

// pageSize is what a page holds where the query names no limit: large enough to
// make paging cheap, small enough to stay far below the memory target.
const pageSize = 2000

// fetch reads all columns of the rows that tail selects, expected being how many
// to make room for.
func (r *rows) fetch(ctx context.Context, expected int, tail string, args ...any) ([]keys.Key, error) {
	return r.fetchSome(ctx, r.every, expected, tail, args...)
}

func (r *rows) fetchSome(ctx context.Context, p projection, expected int, tail string, args ...any) ([]keys.Key, error) {
	found := make([]keys.Key, 0, expected)
	err := r.session.each(ctx, p.selects+tail, args, func(values []driver.Value) error {
		found = append(found, keys.Key{})
		r.decode(p, values, &found[len(found)-1])
		return nil
	})
	return found, wrap(err, r.path, "reading keys")
}

// Key implements [keys.Reader].
func (r *rows) Key(ctx context.Context, id string) (keys.Key, error) {
	var found []keys.Key
	if id != "" { // which names no row, also where one has it
		var err error
		if found, err = r.fetch(ctx, 1, r.byID(), r.bind(keys.FieldID, &id)); err != nil {
			return keys.Key{}, err
		}
	}
	if len(found) == 0 {
		return keys.Key{}, keys.Errorf(keys.ReasonNotFound, "no key has the id %q", id).OnPath(r.path)
	}
	return found[0], nil
}

// Delete implements [keys.Tx].
func (r *rows) Delete(ctx context.Context, id string) error {
	if id == "" {
		_, err := r.Key(ctx, id)
		return err
	}
	total, err := r.total(ctx)
	if err != nil {
		return err
	}
	res, err := r.session.change(ctx, "DELETE FROM "+quote(r.Table)+r.byID(), r.bind(keys.FieldID, &id))
	if err != nil {
		return r.referred(id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return r.missed(ctx, id, err)
	}
	r.changed = true
	if err := r.alone(ctx, id, total); err != nil {
		return err
	}
	return r.gone(ctx, id)
}
