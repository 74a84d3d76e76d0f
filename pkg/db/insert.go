package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// bulk is how many new keys are worth 64 MiB of cache.
const bulk = 10_000

// Insert implements [keys.Tx].
func (r *rows) Insert(ctx context.Context, list []keys.Key) error {
	if r.inserted += len(list); r.own && r.inserted >= bulk && r.inserted-len(list) < bulk {
		// Hashes are random: without room for their index, pages go to and fro.
		if _, err := r.session.exec(ctx, "PRAGMA cache_size = -65536"); err != nil {
			return wrap(err, r.path, "preparing to create keys")
		}
	}
	if err := r.insertable(ctx, list); err != nil {
		return onPath(err, r.path)
	}
	r.changed = true
	fresh := withoutID(list)
	values := func(i int) []any { return r.values(&list[i]) }
	if err := r.session.changeEach(ctx, r.insert, len(list), values, r.assigned(list, fresh)); err != nil {
		return r.owned(ctx, list, wrap(err, r.path, "creating a key"))
	}
	for i := range list {
		list[i].Damage = nil
		r.keep(&list[i])
		r.remark(&list[i], r.every.odd)
		if err := r.kept(ctx, &list[i]); err != nil {
			return err
		}
	}
	return r.found(ctx, list, fresh)
}

// owned names the key that has the selector which a new one was to get, if that is
// what err is about.
func (r *rows) owned(ctx context.Context, list []keys.Key, err error) error {
	var e *keys.Error
	if !r.selects || len(list) != 1 || !errors.As(err, &e) || e.Reason != keys.ReasonTokenTaken {
		return err
	}
	if selector, ok := r.Selector.Ref(&list[0]).(*string); ok {
		if found, err := r.selected(ctx, *selector); err == nil && len(found) == 1 {
			return keys.Errorf(keys.ReasonTokenTaken, "the part of the token by which its key is found belongs to key %s already", found[0].ID).
				OnKey(found[0].ID).OnPath(e.Path).Because(e.Err)
		}
	}
	return err
}

// found makes sure that the ids are those of the new rows: only a column that is the
// engine's own row number gets one.
func (r *rows) found(ctx context.Context, list []keys.Key, fresh []int) error {
	for _, i := range fresh {
		k, err := r.Key(ctx, list[i].ID)
		if err != nil || k.Hash != list[i].Hash {
			return keys.Errorf(keys.ReasonUnsupported, "the database assigns no ids to new rows of %s", r.Table).OnPath(r.path).Because(err)
		}
	}
	return nil
}

// insertable refuses keys that the table cannot take, where it would not do so
// itself.
func (r *rows) insertable(ctx context.Context, list []keys.Key) error {
	if r.checked {
		return nil
	}
	if len(r.unfilled) > 0 {
		return keys.Errorf(keys.ReasonUnsupported, "a new row of %s needs a value in %s, which the layout does not give",
			r.Table, strings.Join(r.unfilled, ", "))
	}
	for i := range list {
		k := &list[i]
		if k.ID == "" && !r.Rules.IDs.Assigned {
			return keys.Errorf(keys.ReasonInvalid, "a key of %s needs an id, which its database does not assign", r.Table)
		}
		for column := range r.Columns {
			if err := r.holds(column, r.value(column, k), k); err != nil {
				return err
			}
		}
	}
	return r.unusedHashes(ctx, list)
}

// withoutID returns the places of the keys that are yet to get an id.
func withoutID(list []keys.Key) (places []int) {
	for i := range list {
		if list[i].ID == "" {
			places = append(places, i)
		}
	}
	return places
}

// assigned gives each key without an id the one that its database assigned.
func (r *rows) assigned(list []keys.Key, fresh []int) func(i int, res driver.Result) error {
	return func(i int, res driver.Result) error {
		if len(fresh) == 0 || list[i].ID != "" {
			return nil
		}
		id, err := res.LastInsertId()
		list[i].ID = strconv.FormatInt(id, 10)
		return err
	}
}

// atATime is how many hashes one statement looks for.
const atATime = 500

// unusedHashes refuses a hash that another key has, where no index of the table
// does: whichever row a server found would decide about both keys.
func (r *rows) unusedHashes(ctx context.Context, list []keys.Key) error {
	seen := make(map[string]bool, len(list))
	var hashes []any
	for i := range list {
		k := list[i]
		if r.derive(&k); k.Scheme.Slow() || r.lacks(keys.FieldHash) { // salted: none comes twice
			continue
		}
		if seen[k.Hash] {
			return errHashTaken()
		}
		seen[k.Hash] = true
		hashes = append(hashes, r.bind(keys.FieldHash, &k.Hash))
	}
	for len(hashes) > 0 {
		n := min(len(hashes), atATime)
		if err := r.unused(ctx, hashes[:n]); err != nil {
			return err
		}
		hashes = hashes[n:]
	}
	return nil
}

func (r *rows) unused(ctx context.Context, hashes []any) error {
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(hashes)), ", ")
	query := "SELECT 1 FROM " + quote(r.Table) + " WHERE " + r.column[keys.FieldHash] + " IN (" + marks + ") LIMIT 1"
	err := r.session.each(ctx, query, hashes, func([]driver.Value) error { return errHashTaken() })
	return wrap(err, r.path, "looking for the token of another key")
}

func errHashTaken() error {
	return keys.Errorf(keys.ReasonTokenTaken, "another key already has this token")
}
