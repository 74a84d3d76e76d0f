package keystest

import (
	"errors"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var rowPromises = []promise{
	{"rows/every field is kept", 0, keepsFields},
	{"rows/extreme values are kept", 0, keepsExtremes},
	{"rows/a missing key is not found", 0, findsNothing},
	{"rows/an id exists once", 0, refusesID},
	{"rows/a hash exists once", keys.FieldsOf(keys.FieldHash), refusesHash},
	{"rows/a key is replaced whole and alone", 0, replaces},
	{"rows/a key is deleted alone", 0, deletes},
	{"rows/many keys at once", 0, insertsMany},
}

func keepsFields(l *lab) {
	list := l.randomKeys(200)
	l.insert(list...)
	l.readBack(l.store, list)
	l.readBack(l.open(), list)
}

// readBack notes what differs from list in the database.
func (l *lab) readBack(s keys.Store, list []keys.Key) {
	l.must(s.View(ctx, func(r keys.Reader) error {
		for _, want := range list {
			got, err := r.Key(ctx, want.ID)
			if err != nil {
				return err
			}
			l.same(got, want, "key %s", want.ID)
		}
		return nil
	}))
}

func keepsExtremes(l *lab) {
	var list []keys.Key
	for _, moment := range []keys.Instant{{}, keys.Millis(0), keys.Millis(-1), keys.Millis(1<<62 - 1), keys.Millis(-1 << 62)} {
		k := l.plainKey()
		k.ExpiresAt, k.NotBefore, k.LastUsedAt, k.RevokedAt, k.RevokedUntil = moment, moment, moment, moment, moment
		list = append(list, l.fit(k))
	}
	for _, text := range []string{strings.Repeat("日", 10_000), " ", "NULL", "0", "1e3", "[]", "\u202e", "a\\b\"c'd%_`", "🔑"} {
		k := l.plainKey()
		k.Label, k.Description, k.Owner, k.Role, k.Resource, k.RevokedReason = text, text, text, text, text, text
		k.Scopes, k.Metadata = []string{text, "z", text + "a"}, map[string]string{text: text, "": ""}
		list = append(list, l.fit(k))
	}
	l.insert(list...)
	l.readBack(l.store, list)
}

func findsNothing(l *lab) {
	l.insert(l.randomKeys(3)...)
	before, absent := l.shadow(), l.plainKey()
	l.view(func(r keys.Reader) error {
		_, err := r.Key(ctx, absent.ID)
		l.want(err, keys.ReasonNotFound, "reading")
		_, err = r.Key(ctx, "")
		l.want(err, keys.ReasonNotFound, "reading an empty id")
		return nil
	})
	l.want(l.store.Update(ctx, func(tx keys.Tx) error { return tx.Delete(ctx, absent.ID) }), keys.ReasonNotFound, "deleting")
	l.want(l.store.Update(ctx, func(tx keys.Tx) error { return tx.Replace(ctx, &absent) }), keys.ReasonNotFound, "replacing")
	l.unchanged(before, "changing a missing key")
}

// refused notes a change that goes through, or leaves something behind.
func (l *lab) refused(what string, fn func(tx keys.Tx) error) {
	before := l.shadow()
	l.want(l.store.Update(ctx, fn), keys.ReasonTokenTaken, "%s", what)
	l.unchanged(before, "%s", what)
}

func refusesID(l *lab) {
	first, fresh, again := l.plainKey(), l.plainKey(), l.plainKey()
	l.insert(first)
	again.ID = first.ID
	l.refused("inserting an id that exists", func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{fresh, again}) })
	again.ID = fresh.ID
	l.refused("inserting an id twice", func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{fresh, again}) })
}

func refusesHash(l *lab) {
	first, fresh, again := l.plainKey(), l.plainKey(), l.plainKey()
	l.insert(first)
	again.Hash = first.Hash
	l.refused("inserting a hash that exists", func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{fresh, again}) })
	again.Hash = fresh.Hash
	l.refused("inserting a hash twice", func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{fresh, again}) })
	l.insert(fresh)
	again = fresh
	again.Hash = first.Hash
	l.refused("replacing a hash by another key's", func(tx keys.Tx) error { return tx.Replace(ctx, &again) })
}

func replaces(l *lab) {
	list := l.randomKeys(20)
	l.insert(list...)
	for range 100 {
		i := l.rnd.IntN(len(list))
		k := l.randomKey()
		k.ID = list[i].ID
		l.update(func(tx keys.Tx) error { return tx.Replace(ctx, &k) })
		list[i] = k
	}
	l.readBack(l.store, list)
}

func deletes(l *lab) {
	list := l.randomKeys(20)
	l.insert(list...)
	for len(list) > 0 {
		i := l.rnd.IntN(len(list))
		gone := list[i].ID
		l.update(func(tx keys.Tx) error { return tx.Delete(ctx, gone) })
		list = slices.Delete(list, i, i+1)
		l.view(func(r keys.Reader) error {
			_, err := r.Key(ctx, gone)
			l.want(err, keys.ReasonNotFound, "reading a deleted key")
			return nil
		})
	}
	l.sameIDs(l.stored(), nil, "after deleting all")
}

// insertsMany has more keys than a statement can have parameters.
func insertsMany(l *lab) {
	list := make([]keys.Key, 3000)
	for i := range list {
		list[i] = l.plainKey()
	}
	l.insert(list...)
	if got := len(l.stored()); got != len(list) {
		l.errorf("%d keys, want %d", got, len(list))
	}
	failed := errors.New("the 3001st")
	before := l.shadow()
	err := l.store.Update(ctx, func(tx keys.Tx) error {
		return errors.Join(tx.Insert(ctx, []keys.Key{l.plainKey()}), failed)
	})
	if !errors.Is(err, failed) {
		l.errorf("Update gives %v, want the error of its function", err)
	}
	l.unchanged(before, "failing after many")
}
