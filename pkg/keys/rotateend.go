package keys

import (
	"context"
	"time"
)

// rotatable refuses what the table has no way for, a request that nobody would know
// again, and filters that would match the old keys again, whom nobody knows as replaced.
func (s *Service) rotatable(q *RotateRequest, r *Rules) error {
	if q.RequestID != "" || q.Where != nil && !q.atOnce() {
		if err := s.remembers(lineageFields); err != nil {
			return err
		}
	}
	held := s.Store.Info().Fields
	switch {
	case held.Has(FieldExpiresAt):
	case q.Expires:
		return r.noColumn(FieldExpiresAt)
	case q.atOnce() && switchOff[r.Revoke] == nil:
		return Errorf(ReasonUnsupported, "the key table of %s has no way to switch a key off: rotate it with an overlap, then delete it", r.server())
	}
	return nil
}

// atOnce tells whether old keys end without an overlap, as after a leak.
func (q *RotateRequest) atOnce() bool { return q.Overlap < time.Millisecond }

// overlapEnd returns when the overlap of a key that is replaced now is over. That of
// one which has not begun is counted from where it does, or it would be none.
func (p *plan) overlapEnd(k *Key, now Instant) Instant {
	if !p.atOnce() && now.Millis() < k.NotBefore.Millis() {
		now = k.NotBefore
	}
	return now.Add(p.Overlap)
}

// endOld ends a key that is replaced where its overlap does, and never later than it
// would have ended by itself. Where the table cannot do that the key is left as it is,
// or switched off if there is no overlap. It returns when the overlap ends.
func (s *Service) endOld(p *plan, k *Key, now Instant) Instant {
	ends := p.overlapEnd(k, now)
	switch {
	case s.Store.Info().Fields.Has(FieldExpiresAt):
		if k.ExpiresAt.IsNone() || ends.Millis() < k.ExpiresAt.Millis() {
			k.expire(ends)
		}
		return k.ExpiresAt
	case p.atOnce():
		switchOff[s.rules().Revoke](k, now)
		k.RevokedBy, k.RevokedReason = s.Actor.Who(), p.Reason
	}
	return ends
}

// advance ends the old key of a rotation that was made before earlier than it was to,
// where the request wants that.
func (s *Service) advance(ctx context.Context, tx Tx, p *plan, t *turn, now Instant) error {
	s.recall(t, now)
	if t.old == nil || t.old.ended(now) {
		return nil
	}
	k := *t.old
	was, is := t.told.Ends, s.endOld(p, &k, now)
	sooner := was.IsNone() || is.Millis() < was.Millis()
	if held := s.Store.Info().Fields.Has(FieldExpiresAt); !sooner && (held || !p.atOnce()) {
		return nil
	}
	if sooner {
		t.told.Ends = is
	}
	err := s.write(ctx, tx, t.old, &k, now)
	if t.after, t.advanced, t.ended = k, true, t.ended || !usable(&k, now); !k.ExpiresAt.IsNone() {
		t.told.Ends = k.ExpiresAt // as the table keeps it
	}
	return err
}

// ended tells whether a key is accepted no more. One whose revocation lifts itself comes
// back.
func (k *Key) ended(now Instant) bool {
	return !usable(k, now) && (k.RevokedUntil.IsNone() || k.ExpiresAt.Reached(now))
}
