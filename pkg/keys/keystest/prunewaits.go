package keystest

import (
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// old returns an active key that was made 100 hours ago, and not touched since.
func (l *lab) old() keys.Key {
	k := l.plainKey()
	k.CreatedAt, k.UpdatedAt = now.Add(-100*time.Hour), now.Add(-100*time.Hour)
	return l.fit(k)
}

// sparesWaiting: a key is due once it could be used for 50 hours, and was not: not one
// that begins or comes back later, nor one that did so since, by itself or by somebody.
func sparesWaiting(l *lab) {
	var due, spared []keys.Key
	put := func(list *[]keys.Key, f keys.Field, set func(k *keys.Key, at keys.Instant), hours ...time.Duration) {
		for _, h := range hours {
			k := l.old()
			if set(&k, now.Add(h*time.Hour)); l.fields.Has(f) {
				*list = append(*list, l.inserted(k))
			}
		}
	}
	begins := func(k *keys.Key, at keys.Instant) { k.NotBefore = at }
	comesBack := func(k *keys.Key, at keys.Instant) { k.Enabled, k.RevokedUntil = false, at }
	put(&spared, keys.FieldLastUsedAt, func(k *keys.Key, at keys.Instant) { k.LastUsedAt = at }, -1)
	put(&spared, keys.FieldNotBefore, begins, 1, -49)
	put(&due, keys.FieldNotBefore, begins, -51)
	put(&spared, keys.FieldRevokedUntil, comesBack, 1, -49)
	put(&due, keys.FieldRevokedUntil, comesBack, -51)
	put(&due, keys.FieldID, func(*keys.Key, keys.Instant) {}, 0)
	if l.revocable() {
		spared = append(spared, l.switchedOn(-49))
		due = append(due, l.switchedOn(-51))
	}
	l.prunesUnused(due, spared)
}

// switchedOn returns a key that was revoked, and activated so many hours from now.
func (l *lab) switchedOn(hours time.Duration) keys.Key {
	k := l.inserted(l.old())
	_, err := l.at((hours-1)*time.Hour).Revoke(ctx, keys.ChangeRequest{Refs: refs(k), Force: true})
	l.must(err)
	done, err := l.at(hours*time.Hour).Activate(ctx, keys.ChangeRequest{Refs: refs(k)})
	l.must(err)
	return done[0].Key
}

// prunesUnused prunes what was not used for 50 hours, where one key more was changed
// by who knows whom.
func (l *lab) prunesUnused(due, spared []keys.Key) {
	changed := l.old()
	changed.UpdatedAt = now.Add(-time.Hour)
	changed = l.inserted(l.fit(changed))
	d := 50 * time.Hour
	q := keys.PruneRequest{UnusedFor: &d}
	q.Force = true
	named := q
	named.Refs = refs(spared...)
	pruned, err := l.service(l.store).Prune(ctx, named)
	l.must(err)
	l.sameSet(keysIn(pruned.Done), nil, "pruned of those that are named")
	pruned, err = l.service(l.store).Prune(ctx, q)
	l.must(err)
	if !l.fields.Has(keys.FieldUpdatedAt) {
		due = append(due, changed)
	} else if spared = append(spared, changed); len(pruned.Kept) != 1 || pruned.Kept[0].Key.ID != changed.ID {
		l.errorf("%+v are kept, want %s", pruned.Kept, changed.ID)
	}
	l.sameSet(keysIn(pruned.Done), due, "pruned as unused")
	l.sameSet(l.stored(), spared, "left")
}
