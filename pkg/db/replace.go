package db

import (
	"context"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// assignments are what an UPDATE sets.
type assignments struct {
	fields keys.Fields
	sets   []string
	values []any
}

func (c *assignments) set(column string, value any) {
	c.sets, c.values = append(c.sets, quote(column)+" = ?"), append(c.values, value)
}

// Replace implements [keys.Tx]. Columns whose field is as it was stay byte for byte
// what they are.
func (r *rows) Replace(ctx context.Context, k *keys.Key) error {
	stored, err := r.Key(ctx, k.ID)
	if err != nil {
		return err
	}
	c, err := r.changes(&stored, k)
	if err != nil {
		return onPath(err, r.path)
	}
	if c.fields.Has(keys.FieldHash) && !r.checked {
		if err := r.unusedHashes(ctx, []keys.Key{*k}); err != nil {
			return err
		}
	}
	if err := r.write(ctx, k.ID, c); err != nil {
		return err
	}
	r.keep(k)
	if r.flagless && !c.fields.Has(keys.FieldRevokedAt) {
		k.Enabled = stored.Enabled
	}
	over := func(d keys.Damage) bool { return c.fields.Has(d.Field) || d.Odd && r.every.odd.Has(d.Field) }
	k.Damage = slices.DeleteFunc(slices.Clone(stored.Damage), over)
	r.remark(k, r.every.odd)
	return r.kept(ctx, k)
}

func (r *rows) write(ctx context.Context, id string, c assignments) error {
	if len(c.sets) == 0 {
		return nil
	}
	statement := "UPDATE " + quote(r.Table) + " SET " + strings.Join(c.sets, ", ") + r.byID()
	res, err := r.session.change(ctx, statement, append(c.values, r.bind(keys.FieldID, &id))...)
	if err != nil {
		return wrap(err, r.path, "changing key "+id)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return r.missed(ctx, id, err)
	}
	r.changed = true
	return nil
}

// changes returns what an UPDATE must set to make k of the stored key.
func (t *table) changes(stored, k *keys.Key) (assignments, error) {
	var c assignments
	for i, column := range t.Columns {
		value := t.value(i, k)
		if column.Field == keys.FieldID || same(value, t.value(i, stored)) && !t.lifts(column.Field, stored, k) && !mended(column.Field, stored, k) {
			continue
		}
		if err := t.holds(i, value, k); err != nil {
			return c, err
		}
		c.fields |= keys.FieldsOf(column.Field)
		c.set(column.Name, value)
	}
	for i, column := range t.Copies {
		value := t.copies[i].encode(column.Of.Ref(k))
		if column.Always && !same(value, t.copies[i].encode(column.Of.Ref(stored))) {
			c.set(column.Name, value)
		}
	}
	return c, nil
}

// lifts tells whether a moment that revokes, whatever it is, must be written since
// the key is to be enabled or not.
func (t *table) lifts(f keys.Field, stored, k *keys.Key) bool {
	return f == keys.FieldRevokedAt && t.flagless && t.Rules.Revoke == keys.RevokeTime && stored.Enabled != k.Enabled
}

// mended tells whether a value that could not be read is to be written over: it may
// read as the one that is wanted, and mean another to the server.
func mended(f keys.Field, stored, k *keys.Key) bool {
	unread := func(d keys.Damage) bool { return d.Field == f && !d.Odd }
	return slices.ContainsFunc(stored.Damage, unread) && !slices.ContainsFunc(k.Damage, unread)
}
