package keystest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var rowPromises = []promise{
	{"rows/every field is kept", 0, keepsFields},
	{"rows/extreme values are kept", 0, keepsExtremes},
	{"rows/an id is exact", 0, exactIDs},
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
	for _, moment := range l.extremeMoments() {
		k := l.plainKey()
		k.ExpiresAt, k.NotBefore, k.LastUsedAt, k.RevokedAt, k.RevokedUntil = moment, moment, moment, moment, moment
		list = append(list, l.fit(k))
	}
	for _, text := range []string{strings.Repeat("日", 10_000), " ", "NULL", "0", "1e3", "[]", "\u202e", "a\\b\"c'd%_`", "🔑"} {
		k := l.plainKey()
		k.Label, k.Description, k.Owner, k.Role, k.Resource, k.RevokedReason = text, text, text, text, text, text
		k.Scopes, k.Metadata = []string{text, "z", text + "a"}, map[string]string{text: text, "": ""}
		if r := l.rules.Scopes; r != nil { // a list of words may have a form that no text fits in
			k.Scopes = slices.Concat(r.Words, r.Words)
		}
		list = append(list, l.fit(k))
	}
	l.insert(list...)
	l.readBack(l.store, list)
}

// extremeMoments are those that a table must keep: another server's may hold them
// as text or in floating point, which end with the year 9999.
func (l *lab) extremeMoments() []keys.Instant {
	list := []keys.Instant{{}, keys.Millis(0), keys.Millis(-1)}
	if l.rules.Server != "" {
		return append(list, keys.At(time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)))
	}
	return append(list, keys.Millis(1<<62-1), keys.Millis(-1<<62))
}

// exactIDs: what an engine takes for the same number is another id to people.
func exactIDs(l *lab) {
	k := l.inserted(l.plainKey())
	l.view(func(r keys.Reader) error {
		for _, other := range []string{"0" + k.ID, k.ID + " ", " " + k.ID, "+" + k.ID, k.ID + ".0", k.ID + "e0", strings.ToLower(k.ID) + "x", k.ID + "\x00"} {
			_, err := r.Key(ctx, other)
			l.want(err, keys.ReasonNotFound, "the id %q where there is %q", other, k.ID)
			page, err := r.Page(ctx, keys.Query{Now: now, Ref: &keys.RefQuery{ID: other}})
			l.sameIDs(page, nil, "a REF to the id %q", other)
			l.must(err)
			some, err := r.Survivor(ctx, now, "", []string{other})
			if !some || err != nil {
				l.errorf("excepting %q excepts %q, %v", other, k.ID, err)
			}
		}
		return nil
	})
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
	first, fresh, again := l.inserted(l.plainKey()), l.plainKey(), l.plainKey()
	again.ID = first.ID
	l.refused("inserting an id that exists", func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{fresh, again}) })
	again.ID = fresh.ID
	l.refused("inserting an id twice", func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{fresh, again}) })
}

func refusesHash(l *lab) {
	if l.rules.Server != "" && l.rules.Hash.Scheme.Slow() {
		l.skip("a hash with a salt is never made twice")
	}
	first, fresh, again := l.inserted(l.plainKey()), l.plainKey(), l.plainKey()
	again.Hash = first.Hash
	l.refused("inserting a hash that exists", func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{fresh, again}) })
	again.Hash = fresh.Hash
	l.refused("inserting a hash twice", func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{fresh, again}) })
	again = l.inserted(fresh)
	again.Hash = first.Hash
	l.refused("replacing a hash by another key's", func(tx keys.Tx) error { return tx.Replace(ctx, &again) })
}

func replaces(l *lab) {
	list := l.randomKeys(20)
	l.insert(list...)
	for range l.rounds(100) {
		i := l.rnd.IntN(len(list))
		k := l.randomKey()
		k.ID = list[i].ID
		if l.rules.Server != "" { // some show by it that a key was never used; nobody changes it
			k.CreatedAt = list[i].CreatedAt
		}
		l.replace(&k)
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
