package keys

import (
	"context"
	"errors"
)

// requestIDText is what callers number their requests with. Digests are common.
var requestIDText = textRule{"request id", 1, 128, visibleChars, []trait{edgeSpace, likeFlag, withNative}}

// plan finds the keys that are to be rotated, and what each of them needs. What the
// audit tells is read between two looks at the database, which holds nothing then.
func (s *Service) plan(ctx context.Context, p *plan) error {
	list, err := s.candidatesOf(ctx, p)
	if err != nil {
		return err
	}
	if p.line, err = s.lineage(ctx, list); err != nil {
		return err
	}
	var turns []*turn
	err = s.Store.View(ctx, func(r Reader) error {
		turns = turns[:0]
		for i := range list {
			t, err := s.begin(ctx, r, p, &list[i])
			if err == nil && t.next != nil {
				t.passed, err = p.line.passed(ctx, r, t.next)
			}
			if err != nil {
				return err
			}
			turns = append(turns, t)
		}
		return nil
	})
	for i := 0; i < len(turns) && err == nil; i++ {
		err = s.decide(ctx, p, turns[i])
	}
	if err != nil {
		return err
	}
	if n := len(p.turns); p.Where != nil && p.Expect > 0 && n != p.Expect {
		return Errorf(ReasonOtherCount, "%d of the keys that match are to be rotated, not %d", n, p.Expect)
	}
	if p.brings() {
		p.tried, err = s.unusedToken(ctx, p.Supplied)
	}
	return err
}

// brings tells whether the request supplies a token that no key may have yet.
func (p *plan) brings() bool {
	return p.Supplied != "" && len(p.turns) > 0 && p.turns[0].result != Unchanged
}

// pin keeps to the keys of the plan: for whoever else rotates one meanwhile, its label
// and all that it is like are those of the successor, which nobody asked to replace.
func (p *plan) pin() {
	if len(p.turns) > 0 {
		p.Where, p.Refs = nil, nil
	}
	for _, t := range p.turns {
		p.Refs = append(p.Refs, IDRef(t.chosen.ID))
	}
}

// candidatesOf returns the keys that the request names. Where the audit alone tells
// which key was replaced, the rows of that moment are kept in mind: what led to them is
// in the audit by now, since it is written before a commit.
func (s *Service) candidatesOf(ctx context.Context, p *plan) (list []Key, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		if list, err = s.asked(ctx, r, p); err == nil {
			err = identified(list...)
		}
		if err == nil && !s.keepsLineage() {
			p.seen, err = s.census(ctx, r)
		}
		return err
	})
	return list, err
}

// asked returns the keys that the request names, or describes. Those that cannot be
// rotated are left out of a description, and every other key must not meet it without
// p.All.
func (s *Service) asked(ctx context.Context, r Reader, p *plan) ([]Key, error) {
	q, rotatable := p.ChangeRequest, Query{Now: p.at}
	q.All, q.Expect = true, 0 // how many of them are to be rotated is known later
	if q.Where != nil && p.RequestID == "" {
		where := *q.Where
		if where.Current = s.keepsLineage(); len(where.Statuses) == 0 {
			where.Statuses = []Status{Active, Pending}
		}
		q.Where, rotatable.Current, rotatable.Statuses = &where, where.Current, []Status{Active, Pending}
	}
	list, err := s.chosen(ctx, r, &q, p.at)
	if err != nil || p.Where == nil || p.All || p.Agreed != nil || len(list) == 0 {
		return list, err
	}
	return list, few(ctx, r, rotatable, len(list), false, "that can be rotated")
}

// begin returns the turn of a key: its own, or where it is the successor that an
// earlier call with the same request id made, that of the key before it.
func (s *Service) begin(ctx context.Context, r Reader, p *plan, k *Key) (*turn, error) {
	next, told, err := p.line.after(ctx, r, k)
	t := &turn{chosen: k, old: k, next: next, told: told}
	if err != nil || next != nil || p.RequestID == "" {
		return t, err
	}
	if p.line.requestOf(k) != p.RequestID {
		return t, p.line.outdated(ctx, r, k, p.RequestID)
	}
	t.next, t.told.RequestID = k, p.RequestID
	t.old, err = p.line.before(ctx, r, k)
	if t.old != nil && err == nil {
		_, t.told, err = p.line.after(ctx, r, t.old)
		t.told.RequestID = p.RequestID
	}
	return t, err
}

// decide adds the turn to the plan, or says why there is none.
func (s *Service) decide(ctx context.Context, p *plan, t *turn) error {
	err := s.result(ctx, p, t)
	repeated := p.RequestID != "" && t.told.RequestID == p.RequestID // whoever repeats a call wants all that it gave
	if skipped := (*Error)(nil); p.Where != nil && !repeated && errors.As(err, &skipped) {
		if skipped.Reason == ReasonNotUsable || skipped.Reason == ReasonAlreadyRotated {
			return p.Agreed.unless(skipped)
		}
	}
	for _, other := range p.turns { // named by its own name and by that of its successor
		if err == nil && t.next != nil && other.next != nil && t.next.ID == other.next.ID {
			return nil
		}
	}
	if err == nil {
		p.turns = append(p.turns, t)
	}
	return err
}

// inherited are the fields that a successor takes over.
const inherited = Fields(1<<FieldLabel | 1<<FieldDescription | 1<<FieldOwner | 1<<FieldRole | 1<<FieldScopes | 1<<FieldResource |
	1<<FieldNetworks | 1<<FieldRateLimit | 1<<FieldNotBefore | 1<<FieldExpiresAt | 1<<FieldMetadata)

// result settles what is to be done for the turn. The request id comes first, since
// whoever repeats a call asks for what that one did.
func (s *Service) result(ctx context.Context, p *plan, t *turn) error {
	if t.next == nil {
		switch {
		case !usable(t.old, p.at):
			return notUsable(t.old, p.at)
		case t.old.unread(inherited):
			return Errorf(ReasonDamaged, "a successor of %s would inherit what cannot be read in its row", t.old.name()).OnKey(t.old.ID)
		}
		t.result = Created
		return nil
	}
	return s.again(ctx, p, t)
}

// supplies tells whether the token that the request brings is that of k.
func (s *Service) supplies(ctx context.Context, p *plan, k *Key) (bool, error) {
	if p.Supplied == "" {
		return false, nil
	}
	find, err := s.present(p.Supplied, s.now(), true)
	if err != nil {
		return false, err
	}
	match, err := s.matching(ctx, []Key{*k}, find)
	return match != nil, err
}

func notUsable(k *Key, now Instant) error {
	return Errorf(ReasonNotUsable, "%s is %s", k.name(), k.Status(now)).OnKey(k.ID)
}

// replaced says which key replaced the one that was asked for.
func replaced(t *turn) error {
	k := t.subject()
	e := Errorf(ReasonAlreadyRotated, "%s was replaced by %s already", k.name(), t.next.ID)
	if k == t.next {
		e.Message = k.name() + " was made by the same request, and is used already"
	}
	e.Matches = []Key{*t.next}
	return e.OnKey(k.ID)
}
