package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// rows reads and writes the keys of one table inside one transaction.
type rows struct {
	*table
	session  session
	path     string
	own      bool                 // the connection is ours to tune
	triggers bool                 // something could undo a change behind our back
	written  map[string]*keys.Key // what must still stand at the commit, nil for gone; only where there are triggers
	inserted int                  // so many new keys in this transaction
	changed  bool
}

// pageSize is what a page holds where the query names no limit: large enough to
// make paging cheap, small enough to stay far below the memory target.
const pageSize = 2000

// bulk is how many new keys are worth 64 MiB of cache.
const bulk = 10_000

// fetch reads all columns of the rows that tail selects, expected being how many
// to make room for.
func (r *rows) fetch(ctx context.Context, expected int, tail string, args ...any) ([]keys.Key, error) {
	return r.fetchSome(ctx, r.every, expected, tail, args...)
}

func (r *rows) fetchSome(ctx context.Context, p projection, expected int, tail string, args ...any) ([]keys.Key, error) {
	found := make([]keys.Key, 0, expected)
	err := r.session.each(ctx, p.selects+tail, args, func(values []driver.Value) error {
		found = append(found, keys.Key{})
		return r.decode(p, values, &found[len(found)-1])
	})
	return found, wrap(err, r.path, "reading keys")
}

func (r *rows) decode(p projection, values []driver.Value, k *keys.Key) error {
	for i, column := range p.columns {
		c := &r.Columns[column]
		if err := r.codecs[column].decode(values[i], c.Field.Ref(k)); err != nil {
			return keys.Errorf(keys.ReasonCorrupt, "column %s of key %q: %v", c.Name, keys.PrintableText(k.ID), err).
				OnKey(k.ID).OnPath(r.path)
		}
	}
	return nil
}

// encode returns the values of k in the order of the columns.
func (r *rows) encode(k *keys.Key) []any {
	values := make([]any, len(r.codecs))
	for i, c := range r.Columns {
		values[i] = r.codecs[i].encode(c.Field.Ref(k))
	}
	return values
}

// Key implements [keys.Reader].
func (r *rows) Key(ctx context.Context, id string) (keys.Key, error) {
	found, err := r.fetch(ctx, 1, " WHERE "+r.column[keys.FieldID]+" = ?", id)
	if err != nil {
		return keys.Key{}, err
	}
	if len(found) == 0 {
		return keys.Key{}, keys.Errorf(keys.ReasonNotFound, "no key has the id %q", id).OnPath(r.path)
	}
	return found[0], nil
}

// Insert implements [keys.Tx].
func (r *rows) Insert(ctx context.Context, list []keys.Key) error {
	if r.inserted += len(list); r.own && r.inserted >= bulk && r.inserted-len(list) < bulk {
		// Hashes are random: without room for their index, pages go to and fro.
		if _, err := r.session.exec(ctx, "PRAGMA cache_size = -65536"); err != nil {
			return wrap(err, r.path, "preparing to create keys")
		}
	}
	r.changed = true
	err := r.session.changeEach(ctx, r.insert, len(list), func(i int) []any { return r.encode(&list[i]) })
	if err != nil {
		return wrap(err, r.path, "creating a key")
	}
	for i := range list {
		if err := r.kept(ctx, &list[i]); err != nil {
			return err
		}
	}
	return nil
}

// Replace implements [keys.Tx].
func (r *rows) Replace(ctx context.Context, k *keys.Key) error {
	res, err := r.session.change(ctx, r.replace, append(r.encode(k), k.ID)...)
	if err != nil {
		return wrap(err, r.path, "changing key "+k.ID)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return r.missed(ctx, k.ID, err)
	}
	r.changed = true
	return r.kept(ctx, k)
}

// Delete implements [keys.Tx].
func (r *rows) Delete(ctx context.Context, id string) error {
	res, err := r.session.change(ctx, "DELETE FROM "+quote(r.Table)+" WHERE "+r.column[keys.FieldID]+" = ?", id)
	if err != nil {
		return wrap(err, r.path, "deleting key "+id)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return r.missed(ctx, id, err)
	}
	r.changed = true
	return r.gone(ctx, id)
}

// missed explains a statement that changed nothing: there is no such key, or a
// trigger ignored it.
func (r *rows) missed(ctx context.Context, id string, err error) error {
	if err == nil {
		_, err = r.Key(ctx, id)
	}
	if errors.Is(err, &keys.Error{Reason: keys.ReasonNotFound}) {
		return err
	}
	return r.undone(id, err)
}

// expect remembers what a trigger of a later statement must not change either.
func (r *rows) expect(id string, k *keys.Key) {
	if r.written == nil {
		r.written = map[string]*keys.Key{}
	}
	r.written[id] = k
}

// settled reads all that was written once more, at the end of the change.
func (r *rows) settled(ctx context.Context) error {
	for id, k := range r.written {
		err := error(nil)
		if k == nil {
			err = r.gone(ctx, id)
		} else {
			err = r.kept(ctx, k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// gone makes sure of a deletion where a trigger could have undone it.
func (r *rows) gone(ctx context.Context, id string) error {
	if !r.triggers {
		return nil
	}
	r.expect(id, nil)
	_, err := r.Key(ctx, id)
	if errors.Is(err, &keys.Error{Reason: keys.ReasonNotFound}) {
		return nil
	}
	return r.undone(id, err)
}

// kept reads the key again where a trigger could have changed what was written.
func (r *rows) kept(ctx context.Context, k *keys.Key) error {
	if !r.triggers {
		return nil
	}
	r.expect(k.ID, k)
	now, err := r.Key(ctx, k.ID)
	if err != nil {
		return r.undone(k.ID, err)
	}
	want, got := r.encode(k), r.encode(&now)
	for i := range want {
		if want[i] != got[i] {
			return r.undone(k.ID, fmt.Errorf("column %s differs", r.Columns[i].Name))
		}
	}
	return nil
}

func (r *rows) undone(id string, cause error) error {
	return keys.Errorf(keys.ReasonUndone, "the database did not keep the change to key %s: a trigger of its own may forbid it", id).
		OnKey(id).OnPath(r.path).Because(cause)
}
