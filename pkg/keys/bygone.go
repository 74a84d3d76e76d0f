package keys

import (
	"context"
	"maps"
	"slices"
)

// bygone is what the audit tells of a key that its row may not.
type bygone struct {
	off    Instant // when it was last switched off, none where nobody knows
	on     Instant // when it was last switched on
	status Status  // as it was when the audit was read
}

// bygonesFor returns what the audit tells of the keys that may meet a criterion of which
// their rows do not tell all. The audit may be a long file: it is read before the lock
// is taken.
func (s *Service) bygonesFor(ctx context.Context, q *PruneRequest) (map[string]bygone, error) {
	if q.RevokedFor == nil && q.UnusedFor == nil {
		return nil, nil
	}
	only := PruneRequest{ChangeRequest: q.ChangeRequest, RevokedFor: q.RevokedFor, UnusedFor: q.UnusedFor}
	now := s.now()
	var list []Key
	err := s.Store.View(ctx, func(r Reader) (err error) {
		list, err = s.candidatesFor(ctx, r, &only, now)
		return err
	})
	if err != nil {
		return nil, s.lookedUp(ctx, err)
	}
	list = slices.DeleteFunc(list, func(k Key) bool { return !k.Identified() || !only.asksPast(&k, now) })
	past := map[string]bygone{}
	for i := range list {
		past[list[i].ID] = bygone{status: list[i].Status(now)}
	}
	actions := []Action{ActionActivate}
	if q.RevokedFor != nil {
		actions = append(actions, ActionRevoke, ActionFinish)
	}
	return past, s.lookBack(ctx, list, past, actions)
}

// lookBack fills in when actions were done to keys, but for what the audit tells of an
// earlier key of the id.
func (s *Service) lookBack(ctx context.Context, list []Key, past map[string]bygone, actions []Action) error {
	if len(list) == 0 {
		return nil
	}
	ids := slices.Collect(maps.Keys(past))
	for _, action := range actions {
		latest, err := s.Store.Last(ctx, action, ids...)
		if err != nil {
			return err
		}
		for i := range list {
			k := &list[i]
			if at := latest[k.ID].At; !at.IsNone() && at.Millis() >= k.CreatedAt.Millis() {
				past[k.ID] = past[k.ID].with(action, at)
			}
		}
	}
	return nil
}

func (b bygone) with(action Action, at Instant) bygone {
	if action == ActionActivate {
		b.on = at
	} else {
		b.off = later(b.off, at)
	}
	return b
}

// offSince returns since when, at least, a revoked key is so, of which the audit says
// when it was last switched off and on: none if it does not, or if somebody else switched
// the key off since then. A change of the row that the audit does not tell of may have
// been that.
func (k *Key) offSince(b bygone) Instant {
	if b.off.IsNone() {
		return Instant{}
	}
	if b.on.IsNone() || b.on.Millis() < b.off.Millis() {
		return later(b.off, k.UpdatedAt)
	}
	if k.UpdatedAt.Millis() > b.on.Millis() {
		return k.UpdatedAt
	}
	return Instant{}
}

func later(a, b Instant) Instant {
	if a.IsNone() || !b.IsNone() && b.Millis() > a.Millis() {
		return b
	}
	return a
}
