package keystest

import (
	"context"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var restorePromises = []promise{
	{"restore/makes every key what it was", 0, restores},
	{"restore/does what was agreed on or nothing", 0, restoresAsPlanned},
	{"restore/the policy comes back", 0, restoresPolicy},
	{"restore/what would let nobody in is refused", 0, guardsRestore},
	{"restore/an unclaimed database with keys is claimed", 0, restoreClaims},
}

// backup is the state of a database at some moment, as a store that is only read.
type backup struct {
	keys.Store
	state *state
}

func (b backup) View(_ context.Context, fn func(keys.Reader) error) error {
	return fn(&session{state: b.state, turn: atOnce, info: b.Info()})
}

// backup returns the database as it is now.
func (l *lab) backup() backup {
	b := backup{l.store, newState()}
	for _, k := range l.stored() {
		b.state.rows[k.ID] = k
	}
	policy := l.policy()
	for _, s := range keys.PolicySettings() {
		if v := policy.Get(s.Name); l.rules.Settings && v != "" {
			b.state.settings[s.Name] = v
		}
	}
	return b
}

// restored are the fields that a restore brings back.
func (l *lab) restored() keys.Fields {
	return l.fields.Without(keys.FieldsOf(keys.FieldLastUsedAt, keys.FieldLastUsedFrom, keys.FieldUpdatedAt))
}

// disturb deletes some keys, makes others of some, and adds a few.
func (l *lab) disturb() (deleted, changed, added []string) {
	list, fresh := l.stored(), []keys.Key{l.randomKey(), l.randomKey()}
	l.update(func(tx keys.Tx) error {
		for i := range list {
			k := list[i]
			var err error
			switch l.rnd.IntN(3) {
			case 0:
				deleted, err = append(deleted, k.ID), tx.Delete(ctx, k.ID)
			case 1:
				other := l.randomKey()
				other.ID, other.CreatedAt = k.ID, k.CreatedAt
				if other.Scheme == k.Scheme {
					other.Hash, other.Masked, other.Prefix = k.Hash, k.Masked, k.Prefix
				}
				changed, err = append(changed, k.ID), tx.Replace(ctx, &other)
			}
			if err != nil {
				return err
			}
		}
		return tx.Insert(ctx, fresh)
	})
	return deleted, changed, ids(fresh)
}

func restores(l *lab) {
	s := l.service(l.store)
	for range l.rounds(20) {
		l.insert(l.randomKeys(12)...)
		b := l.backup()
		deleted, _, added := l.disturb()
		before := l.stored()
		events := len(l.shadow().Audit)
		done, err := s.Restore(ctx, keys.RestoreRequest{From: b, Force: true})
		l.must(err)
		l.broughtBack(b, before)
		l.told(&done, deleted, added)
		l.restoreAudited(l.shadow().Audit[events:], &done)
		quiet := l.shadow()
		again, err := s.Restore(ctx, keys.RestoreRequest{From: b})
		l.must(err)
		l.unchanged(quiet, "a restore of what is there")
		if len(again.Keys) > 0 || again.Unchanged != len(b.state.rows) {
			l.errorf("a second restore gives %+v", again)
		}
		l.empty()
	}
}

// broughtBack compares the keys with the backup; of before is the last use.
func (l *lab) broughtBack(b backup, before []keys.Key) {
	list := l.stored()
	if len(list) != len(b.state.rows) {
		l.errorf("%d keys after a restore of %d", len(list), len(b.state.rows))
	}
	for _, k := range list {
		want, there := b.state.rows[k.ID]
		if !there {
			l.errorf("key %s, which is not in the backup, is left", k.ID)
			continue
		}
		l.sameIn(l.restored(), k, want, "restored key %s", k.ID)
		used := want.LastUsedAt
		if i := slices.IndexFunc(before, func(o keys.Key) bool { return o.ID == k.ID }); i >= 0 {
			used = before[i].LastUsedAt
		}
		if k.LastUsedAt != used {
			l.errorf("key %s was last used at %v, want %v", k.ID, k.LastUsedAt, used)
		}
	}
}

// told compares what a restore says with what it had to do.
func (l *lab) told(done *keys.Restored, deleted, added []string) {
	results := map[keys.Result][]string{}
	for _, k := range done.Keys {
		results[k.Result] = append(results[k.Result], k.ID)
	}
	for result, want := range map[keys.Result][]string{keys.Created: deleted, keys.Deleted: added} {
		if !sameMembers(results[result], want) {
			l.errorf("a restore says %s of %q, want %q", result, results[result], want)
		}
	}
}

func sameMembers(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// restoreAudited wants one event for each key that was not as it is.
func (l *lab) restoreAudited(events []keys.Event, done *keys.Restored) {
	var want []string
	for _, k := range done.Keys {
		want = append(want, k.ID)
	}
	l.audited(events, keys.ActionRestore, want...)
}
