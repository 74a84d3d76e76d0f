package keys

import (
	"context"
	"time"
)

// again settles what is to be done for a turn whose successor is there already.
func (s *Service) again(ctx context.Context, p *plan, t *turn) error {
	same, err := s.supplies(ctx, p, t.next)
	repeated := p.RequestID != "" && p.RequestID == t.told.RequestID
	switch {
	case err != nil:
		return err
	case t.passed || !same && (!repeated || t.next.Used()):
		return replaced(t)
	case !usable(t.next, p.at):
		return notUsable(t.next, p.at)
	case !same && !p.atOnce() && t.over(p.at): // after a leak, an answer that was lost must be had again
		return replaced(t)
	case p.Expires && !p.asLong(t.next):
		return endsOtherwise(t)
	}
	if t.result = Changed; same {
		t.result = Unchanged
	}
	return nil
}

// over tells whether all clients may have the successor's token by now, since the old
// key is refused and nothing says that its successor is not in use: a fresh token
// would lock them out.
func (t *turn) over(now Instant) bool {
	return t.old != nil && !usable(t.old, now) && !t.old.Used()
}

// asLong tells whether a successor ends when the request wants: then, or as long after
// it was made, since whoever repeats a command that says "30d" means the same key.
func (p *plan) asLong(k *Key) bool {
	const same = time.Minute // hashes and locks take time, and tables cut moments
	if p.ExpiresAt.IsNone() || k.ExpiresAt.IsNone() {
		return p.ExpiresAt == k.ExpiresAt
	}
	off := p.ExpiresAt.Sub(p.at) - k.ExpiresAt.Sub(k.CreatedAt)
	return p.ExpiresAt.Sub(k.ExpiresAt).Abs() < same || !k.CreatedAt.IsNone() && off.Abs() < same
}

// endsOtherwise refuses another end than the one that the successor was given.
func endsOtherwise(t *turn) error {
	end := "never expires"
	if at := t.next.ExpiresAt; !at.IsNone() {
		end = "expires at " + at.String()
	}
	e := Errorf(ReasonAlreadyRotated, "%s was replaced by %s already, which %s", t.subject().name(), t.next.ID, end)
	e.Matches, e.Missing = []Key{*t.next}, FieldsOf(FieldExpiresAt)
	return e.OnKey(t.subject().ID)
}

// subject is the key that a turn is about.
func (t *turn) subject() *Key {
	if t.old != nil {
		return t.old
	}
	return t.next
}
