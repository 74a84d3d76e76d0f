package keys

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// candidatesFor returns the keys that could meet a criterion, newest first.
func (s *Service) candidatesFor(ctx context.Context, r Reader, q *PruneRequest, now Instant) ([]Key, error) {
	if len(q.Refs) > 0 {
		list, err := s.chosen(ctx, r, &q.ChangeRequest, now)
		if err == nil && slices.ContainsFunc(list, func(k Key) bool { return q.idle(&k, now) }) {
			err = s.useIsRecorded(ctx, r, now.Add(-*q.UnusedFor))
		}
		return list, err
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
		some, err := s.everyMatch(ctx, r, narrowed)
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
	due bool
	why string // nobody can tell, "" where somebody can
}

// judge tells whether k meets a criterion. past tells what its row does not; a key that
// it does not know of, or not as it is, gives errOvertaken.
func (q *PruneRequest) judge(k *Key, past map[string]bygone, now Instant) (v fate, err error) {
	v.due = q.ExpiredFor != nil && k.ExpiresAt.Add(*q.ExpiredFor).Reached(now)
	b, known := past[k.ID]
	if q.asksPast(k, now) && k.Identified() && (!known || b.status != k.Status(now)) {
		return v, errOvertaken
	}
	if !v.due && q.forGood(k, now) {
		q.judgeRevoked(k, b, now, &v)
	}
	if !v.due && q.idle(k, now) {
		q.judgeIdle(k, b, now, &v)
	}
	return v, nil
}

// asksPast tells whether its row alone does not tell whether k meets a criterion.
func (q *PruneRequest) asksPast(k *Key, now Instant) bool {
	return q.idle(k, now) || q.forGood(k, now) && k.RevokedAt.IsNone()
}

func (q *PruneRequest) forGood(k *Key, now Instant) bool {
	return q.RevokedFor != nil && k.Status(now) == Revoked && k.RevokedUntil.IsNone()
}

func (q *PruneRequest) idle(k *Key, now Instant) bool {
	return q.UnusedFor != nil && k.unusedBy(now.Add(-*q.UnusedFor))
}

func (q *PruneRequest) judgeRevoked(k *Key, b bygone, now Instant, v *fate) {
	at := k.RevokedAt
	if at.IsNone() {
		at = k.offSince(b)
	}
	if at.IsNone() || k.unread(switching) {
		v.why = "is revoked, and nobody recorded when"
		return
	}
	v.due = at.Add(*q.RevokedFor).Reached(now)
}

// judgeIdle: a key that was switched on is as good as new. Somebody else than keyreeve
// may have done that when the row was changed last.
func (q *PruneRequest) judgeIdle(k *Key, b bygone, now Instant, v *fate) {
	late := func(at Instant) bool { return !at.IsNone() && !at.Add(*q.UnusedFor).Reached(now) }
	switch {
	case k.unread(idling):
		v.why = "was used, or could be, since a moment that cannot be read"
	case late(b.on):
	case late(k.UpdatedAt) && k.Status(now) == Active:
		v.why = "was changed since then, and nothing tells whether somebody switched it on"
	default:
		v.due, v.why = true, ""
	}
}
