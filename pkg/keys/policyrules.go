package keys

import (
	"context"
	"errors"
)

// policyAllows holds keys, as they are about to be, to what a policy asks of several
// keys together. It is for the lock: the others are read in the transaction. Keys of
// the list stand for what is stored under their ids. What is so already is let be, and
// a key without an owner is not asked: new ones are refused before.
func (s *Service) policyAllows(ctx context.Context, tx Tx, p Policy, list []Key, now Instant) error {
	if !p.OneFullKey {
		return nil
	}
	fresh, holders, err := newlyFull(ctx, tx, list, now)
	if err != nil {
		return err
	}
	listed := make(map[string]bool, len(list))
	for i := range list {
		listed[list[i].ID] = true
	}
	for _, k := range fresh {
		if holders[k.Owner] {
			return anotherFullKey(ctx, tx, k, "")
		}
		other, err := fullKey(ctx, tx, listed, k.Owner, now)
		if err == nil && other != "" {
			err = anotherFullKey(ctx, tx, k, other)
		}
		if err != nil {
			return err
		}
		holders[k.Owner] = true
	}
	return nil
}

// anotherFullKey refuses a full key to an owner who has another one, or gets several at
// once. New keys have no name that anybody knows.
func anotherFullKey(ctx context.Context, r Reader, k *Key, other string) error {
	_, err := r.Key(ctx, k.ID)
	switch known := err == nil; {
	case known && other != "":
		return errFullKey("%s has %s already, and would get %s", quote(k.Owner), other, k.name()).OnKey(other)
	case known:
		return errFullKey("%s would get several, one of them %s", quote(k.Owner), k.name()).OnKey(k.ID)
	case other != "":
		return errFullKey("%s has %s already", quote(k.Owner), other).OnKey(other)
	}
	return errFullKey("%s would get several", quote(k.Owner))
}

// newlyFull returns the keys of the list that one_full_key counts and did not count as
// they are stored, and the owners of those that it did.
func newlyFull(ctx context.Context, tx Tx, list []Key, now Instant) (fresh []*Key, holders map[string]bool, err error) {
	holders = map[string]bool{}
	for i := range list {
		k := &list[i]
		if k.Owner == "" || !k.countsAsFull(now) {
			continue
		}
		was, err := tx.Key(ctx, k.ID)
		switch {
		case err != nil && !errors.Is(err, &Error{Reason: ReasonNotFound}):
			return nil, nil, err
		case err == nil && was.Owner == k.Owner && was.countsAsFull(now):
			holders[k.Owner] = true
		default:
			fresh = append(fresh, k)
		}
	}
	return fresh, holders, nil
}

func errFullKey(format string, args ...any) *Error {
	return Errorf(ReasonPolicy, "the policy one_full_key lets an owner have one key that is not bound to a resource: "+format, args...).OnSetting(oneFullKey)
}

// countsAsFull tells whether one_full_key counts the key: it is not bound to a
// resource, has no successor, and is accepted or will be without anybody doing anything.
func (k *Key) countsAsFull(now Instant) bool { return k.Resource == "" && k.holds(now) }

// fullKey returns the id of a stored key that one_full_key counts for the owner, but
// for those listed, "" for none.
func fullKey(ctx context.Context, r Reader, listed map[string]bool, owner string, now Instant) (string, error) {
	q := Query{Now: now, Owner: owner, Unbound: true, Current: true, Holding: true}
	for {
		page, err := r.Page(ctx, q)
		if err != nil || len(page) == 0 {
			return "", err
		}
		for i := range page {
			if k := &page[i]; !listed[k.ID] && k.countsAsFull(now) {
				return k.ID, nil
			}
		}
		q.After = &page[len(page)-1]
	}
}
