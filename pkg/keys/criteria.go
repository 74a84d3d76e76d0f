package keys

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
)

// candidatesFor returns the keys that could meet a criterion, newest first.
func (s *Service) candidatesFor(ctx context.Context, r Reader, q *PruneRequest, now Instant) ([]Key, error) {
	if len(q.Refs) > 0 {
		return s.chosen(ctx, r, &q.ChangeRequest, now)
	}
	where := Query{}
	if q.Where != nil {
		where = *q.Where
	}
	where.Now = now
	if err := s.checkFilter(&where); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	var list []Key
	for _, narrowed := range q.queries(where) {
		some, err := everyKey(ctx, r, narrowed)
		if err != nil {
			return nil, err
		}
		for _, k := range some {
			if !found[k.ID] || !k.Identified() {
				list = append(list, k)
			}
			found[k.ID] = true
		}
	}
	slices.SortStableFunc(list, s.newest)
	if q.Agreed != nil { // who asked knows that there were some
		return list, nil
	}
	return list, somebody(ctx, r, &where, len(list))
}

// newest orders keys as a listing does: integers by their value.
func (s *Service) newest(a, b Key) int {
	longer := 0
	if s.rules().IDs.Assigned {
		longer = cmp.Compare(len(a.ID), len(b.ID))
	}
	return cmp.Or(cmp.Compare(b.CreatedAt.Millis(), a.CreatedAt.Millis()), longer, strings.Compare(a.ID, b.ID))
}

// queries are one for each criterion, which finds at least the keys that meet it.
func (q *PruneRequest) queries(where Query) (list []Query) {
	if q.ExpiredFor != nil {
		expired := where
		expired.ExpiresBy = earlier(where.ExpiresBy, where.Now.Add(-*q.ExpiredFor))
		list = append(list, expired)
	}
	if q.UnusedFor != nil {
		unused := where
		unused.UnusedBy = earlier(where.UnusedBy, where.Now.Add(-*q.UnusedFor))
		list = append(list, unused)
	}
	if all := len(where.Statuses) == 0; q.RevokedFor != nil && (all || slices.Contains(where.Statuses, Revoked)) {
		revoked := where
		revoked.Statuses = []Status{Revoked}
		list = append(list, revoked)
	}
	return list
}

func earlier(a, b Instant) Instant {
	if a.IsNone() || b.Reached(a) {
		return b
	}
	return a
}

// fate is what the criteria say of a key.
type fate struct {
	due    bool
	unused bool   // is why it is due
	why    string // nobody can tell, "" where somebody can
}

// judge tells whether k meets a criterion. past tells when keys were revoked whose rows
// do not say it; a key that it does not know of gives errOvertaken.
func (q *PruneRequest) judge(k *Key, past map[string]Instant, now Instant) (v fate, err error) {
	v.due = q.ExpiredFor != nil && k.ExpiresAt.Add(*q.ExpiredFor).Reached(now)
	if q.UnusedFor != nil {
		q.judgeUse(k, now, &v)
	}
	forGood := k.Status(now) == Revoked && k.RevokedUntil.IsNone()
	if q.RevokedFor == nil || !forGood {
		return v, nil
	}
	at, known := k.RevokedAt, true
	if at.IsNone() {
		at, known = past[k.ID]
	}
	switch unread := k.unread(switching); {
	case !known && k.Identified():
		return v, errOvertaken
	case at.IsNone() || unread:
		v.why = "is revoked, and nobody recorded when"
	case at.Add(*q.RevokedFor).Reached(now):
		v.due = true
	}
	return v, nil
}

func (q *PruneRequest) judgeUse(k *Key, now Instant, v *fate) {
	by := now.Add(-*q.UnusedFor)
	quiet := k.CreatedAt.Reached(by) && (k.LastUsedAt.IsNone() || k.LastUsedAt.Reached(by))
	switch unread := k.unread(FieldsOf(FieldCreatedAt, FieldLastUsedAt)); {
	case quiet && unread:
		v.why = "was used at a moment that cannot be read"
	case quiet:
		v.due, v.unused = true, true
	}
}

// revocationsFor returns when keys were revoked whose rows do not say it, none where
// nobody knows. The audit may be a long file: it is read before the lock is taken.
func (s *Service) revocationsFor(ctx context.Context, q *PruneRequest) (map[string]Instant, error) {
	if q.RevokedFor == nil {
		return nil, nil
	}
	only := PruneRequest{ChangeRequest: q.ChangeRequest, RevokedFor: q.RevokedFor}
	var list []Key
	err := s.Store.View(ctx, func(r Reader) (err error) {
		list, err = s.candidatesFor(ctx, r, &only, s.now())
		return err
	})
	if err != nil {
		return nil, s.lookedUp(ctx, err)
	}
	past, rows := map[string]Instant{}, map[string]*Key{}
	for i := range list {
		if k := &list[i]; k.RevokedAt.IsNone() && k.Identified() {
			past[k.ID], rows[k.ID] = Instant{}, k
		}
	}
	return past, s.lookBack(ctx, past, rows)
}

// lookBack fills in when the audit says that keys were revoked.
func (s *Service) lookBack(ctx context.Context, past map[string]Instant, rows map[string]*Key) error {
	if len(rows) == 0 {
		return nil
	}
	ids := slices.Collect(maps.Keys(rows))
	latest := map[Action]map[string]Event{}
	for _, action := range []Action{ActionRevoke, ActionFinish, ActionActivate} {
		found, err := s.Store.Last(ctx, action, ids...)
		if err != nil {
			return err
		}
		latest[action] = found
	}
	for id, k := range rows {
		off := later(latest[ActionRevoke][id].At, latest[ActionFinish][id].At)
		past[id] = k.offSince(off, latest[ActionActivate][id].At)
	}
	return nil
}

// offSince returns since when, at least, a revoked key is so, of which the audit says
// when it was last switched off and on: none if that is about an earlier key of the
// id, or if somebody else switched the key off since then. A change of the row that
// the audit does not tell of may have been that.
func (k *Key) offSince(off, on Instant) Instant {
	if off.IsNone() || off.Millis() < k.CreatedAt.Millis() {
		return Instant{}
	}
	if on.IsNone() || on.Millis() < off.Millis() {
		return later(off, k.UpdatedAt)
	}
	if k.UpdatedAt.Millis() > on.Millis() {
		return k.UpdatedAt
	}
	return Instant{}
}

func later(a, b Instant) Instant {
	if a.IsNone() || b.Millis() > a.Millis() {
		return b
	}
	return a
}
