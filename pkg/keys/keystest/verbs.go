package keystest

import (
	"context"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// change is a verb on existing keys.
type change struct {
	action keys.Action
	result keys.Result
	do     func(*keys.Service, context.Context, keys.ChangeRequest) ([]keys.Change, error)
}

var changes = []change{
	{keys.ActionRevoke, keys.Changed, (*keys.Service).Revoke},
	{keys.ActionActivate, keys.Changed, (*keys.Service).Activate},
	deletion,
}

var deletion = change{keys.ActionDelete, keys.Deleted, (*keys.Service).Delete}

// verbs returns the changes that the table can hold.
func (l *lab) verbs() []change {
	list := []change{deletion}
	if l.revocable() {
		list = slices.Clone(changes)
	}
	for _, f := range []keys.Field{keys.FieldDescription, keys.FieldLabel} {
		if l.fields.Has(f) && (f != keys.FieldLabel || !l.rules.Label.Unique) {
			return append(list, change{keys.ActionUpdate, keys.Changed, renaming(f)})
		}
	}
	return list
}

// renaming is an update that no guard minds.
func renaming(f keys.Field) func(*keys.Service, context.Context, keys.ChangeRequest) ([]keys.Change, error) {
	return func(s *keys.Service, ctx context.Context, q keys.ChangeRequest) ([]keys.Change, error) {
		u := keys.UpdateRequest{ChangeRequest: q, Set: keys.FieldsOf(f)}
		*f.Ref(&u.Key).(*string) = "renamed"
		return s.Update(ctx, u)
	}
}

func refs(list ...keys.Key) (named []keys.Ref) {
	for _, k := range list {
		named = append(named, keys.IDRef(k.ID))
	}
	return named
}

// pair inserts two keys that a verb can change without force, and one more that is
// active.
func (l *lab) pair(a keys.Action) []keys.Key {
	list := []keys.Key{l.plainKey(), l.plainKey(), l.plainKey()}
	off := a == keys.ActionActivate || a == keys.ActionDelete && l.rules.KeepActive != ""
	if off && l.rules.Revoke != keys.RevokeExpiry {
		list[0].RevokedAt, list[0].RevokedBy, list[0].RevokedReason = now, "ann", "for a while"
		for i := range list[:2] {
			l.switchOff(&list[i])
			list[i] = l.fit(list[i])
		}
	}
	l.insert(list...)
	if off && l.rules.Revoke == keys.RevokeExpiry { // only what was revoked can be restored
		done, err := l.service(l.store).Revoke(ctx, keys.ChangeRequest{Refs: refs(list[:2]...)})
		l.must(err)
		list[0], list[1] = done[0].Key, done[1].Key
	}
	return list
}
