package keystest

import (
	"context"

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
	if !l.fields.Has(keys.FieldEnabled) {
		return []change{deletion}
	}
	return changes
}

func refs(list ...keys.Key) (named []keys.Ref) {
	for _, k := range list {
		named = append(named, keys.IDRef(k.ID))
	}
	return named
}

// pair inserts two keys that a verb can change, and one more that is active.
func (l *lab) pair(a keys.Action) []keys.Key {
	list := []keys.Key{l.plainKey(), l.plainKey(), l.plainKey()}
	if a == keys.ActionActivate {
		list[0].Enabled, list[1].Enabled = false, false
		list[0].RevokedAt, list[0].RevokedBy, list[0].RevokedReason = now, "ann", "for a while"
		list[0] = l.fit(list[0])
	}
	l.insert(list...)
	return list
}
