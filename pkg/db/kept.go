package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// written is a key as it was written, nil for one that is gone.
type written struct{ key *keys.Key }

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
		r.written = map[string]*written{}
	}
	r.written[id] = &written{k}
}

// settled reads all that was written once more, at the end of the change.
func (r *rows) settled(ctx context.Context) error {
	for id, w := range r.written {
		err := error(nil)
		if w.key == nil {
			err = r.gone(ctx, id)
		} else {
			err = r.kept(ctx, w.key)
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
	want := *k // whoever wrote it may go on with it
	r.expect(k.ID, &want)
	now, err := r.Key(ctx, k.ID)
	if err != nil {
		return r.undone(k.ID, err)
	}
	if column := r.difference(&want, &now); column != "" {
		return r.undone(k.ID, fmt.Errorf("column %s differs", column))
	}
	return nil
}

// difference returns a column in which the keys differ, "" if they are the same. The
// moment of the last change is not compared: triggers keep it up to date.
func (t *table) difference(want, got *keys.Key) string {
	for i, c := range t.Columns {
		if c.Field != keys.FieldUpdatedAt && !same(t.value(i, want), t.value(i, got)) {
			return c.Name
		}
	}
	if want.Enabled != got.Enabled {
		return t.column[keys.FieldRevokedAt]
	}
	for _, d := range got.Damage {
		if !damaged(want, d.Field) {
			return d.Column
		}
	}
	return ""
}

// same compares what two columns hold.
func same(a, b any) bool {
	x, ok := a.([]byte)
	if !ok {
		return a == b
	}
	y, ok := b.([]byte)
	return ok && bytes.Equal(x, y)
}

// damaged tells whether the field of k could not be read.
func damaged(k *keys.Key, f keys.Field) bool {
	for _, d := range k.Damage {
		if d.Field == f {
			return true
		}
	}
	return false
}

func (r *rows) undone(id string, cause error) error {
	return keys.Errorf(keys.ReasonUndone, "the database did not keep the change to key %s: a trigger of its own may forbid it", id).
		OnKey(id).OnPath(r.path).Because(cause)
}
