package keys

import (
	"context"
	"errors"
	"time"
)

// RotateRequest names keys and says what their successors are like. Fields that
// [CreateRequest] has too mean the same.
type RotateRequest struct {
	ChangeRequest               // ExpiresAt is the expiry of the successors, if Expires is set; else they inherit it, as far as max_lifetime lets them
	Overlap       time.Duration // how long the old keys are still accepted, at most; 0 ends them at once
	RequestID     string        // who calls again with it gets no third key; "" for none
	Supplied      string        // the successor's token; for one key only
	SecretBytes   int
	Scheme        Scheme
	BcryptCost    int
	Legacy        bool
	WeakSecret    bool
}

// Rotated is what became of one key.
type Rotated struct {
	ID          string // of the key that the request named or described: the old one or its successor
	Was         Status // of that key, before the change
	Old         Key    // after the change; the zero Key where it is gone
	New         Issued // the successor; its Token is "" where the result is Unchanged
	Result      Result // Created; Changed: the same successor got a fresh secret; Unchanged: it has the supplied token already
	OverlapEnds Instant
	EndsItself  bool // the table makes the old key end then, or it has ended; else somebody must call Finish
}

// Rotate gives keys successors, all or none. A successor inherits everything but the
// secret, and the old key ends where its overlap does, or before if it would have. No
// guard holds where a successor replaces: that of Revoke does where the request makes it
// end within [GuardHorizon], and before the old key would have.
//
// A key that is revoked or expired gives ReasonNotUsable, one that has a successor
// ReasonAlreadyRotated with the successor in Matches, and one of which something
// cannot be read that a successor would inherit ReasonDamaged. Where keys are selected
// by Where those that cannot be rotated are left out instead.
//
// The same request id again gives the successor that it made a fresh secret, and ends the
// old key earlier where it wants that. It is ReasonAlreadyRotated once the successor is
// known to be used, or the old key is refused and nothing tells, and where the successor
// was given another expiry than is asked for.
func (s *Service) Rotate(ctx context.Context, q RotateRequest, d Delivery) ([]Rotated, error) {
	r := s.rules()
	if err := q.Validate(s.now()); err != nil {
		return nil, err
	}
	if err := s.rotatable(&q, r); err != nil {
		return nil, err
	}
	var err error
	if q.Refs, err = s.settle(ctx, q.Refs); err != nil {
		return nil, s.lookedUp(ctx, err)
	}
	for try := 0; ; try++ {
		p := &plan{RotateRequest: &q, at: s.now()}
		err := s.rotate(ctx, p, d)
		switch {
		case errors.Is(err, errOvertaken):
			p.pin()
		case try < redraws && q.Supplied == "" && errors.Is(err, &Error{Reason: ReasonTokenTaken}):
		case err != nil:
			return nil, s.lookedUp(ctx, err)
		default:
			return s.rotated(ctx, p), nil
		}
	}
}

// Validate checks of a request what holds whatever database it is for. Errors are
// ReasonInvalid.
func (q *RotateRequest) Validate(now Instant) error {
	switch {
	case q.Overlap < 0:
		return Errorf(ReasonInvalid, "an overlap cannot be negative: 0 ends the old key at once")
	case q.Supplied != "" && (q.Where != nil || len(q.Refs) > 1):
		return Errorf(ReasonInvalid, "one supplied token cannot be that of several successors")
	case q.Expires && q.ExpiresAt.Reached(now):
		return Errorf(ReasonInvalid, "the successor would have expired at %s already", q.ExpiresAt)
	}
	if err := optional(q.RequestID, requestIDText.check); err != nil {
		return err
	}
	c := q.creation()
	return c.Validate(now)
}

// creation is the part of the request that is about tokens and hashes.
func (q *RotateRequest) creation() CreateRequest {
	return CreateRequest{
		Supplied: q.Supplied, SecretBytes: q.SecretBytes, Scheme: q.Scheme, BcryptCost: q.BcryptCost,
		Legacy: q.Legacy, WeakSecret: q.WeakSecret, Reason: q.Reason,
	}
}

// plan is what one call has to do, worked out before any lock is taken.
type plan struct {
	*RotateRequest
	at     Instant // when it was begun
	rules  *Rules  // with the policy of the database
	policy Policy
	line   *lineage
	seen   census // of a table without lineage, before the audit was read
	turns  []*turn
	tried  []Key // keys that the supplied token does not belong to
}

// turn is what becomes of one key.
type turn struct {
	chosen *Key // by the request: the old key or its successor
	old    *Key // nil where it is gone
	next   *Key // its successor, nil where that is yet to be made
	told   succession
	passed bool // the successor was itself replaced
	result Result
	issued Issued
	after  Key // the old key after the change
	ended  bool

	advanced  bool // the old key ends earlier than an earlier call let it
	shortened bool // the successor lives less long than the old key would have
}

// rotate plans, makes tokens and hashes, stages them, and changes the database.
func (s *Service) rotate(ctx context.Context, p *plan, d Delivery) (err error) {
	if p.rules, p.policy, err = s.ruled(ctx); err != nil {
		return err
	}
	if err := s.plan(ctx, p); err != nil {
		return err
	}
	if err := s.mintSuccessors(ctx, p); err != nil {
		return err
	}
	issued := p.issued()
	if len(issued) == 0 { // filters chose nothing
		return nil
	}
	return s.deliver(ctx, CreateRequest{DryRun: p.DryRun}, issued, d, func(tx Tx) error {
		if err := s.stillPlanned(ctx, tx, p); err != nil {
			return err
		}
		return s.replaceKeys(ctx, tx, p, issued)
	})
}

// issued returns the successors with the tokens that are to be delivered, also one that
// was supplied before: it may never have come to its place. They are replaced in place
// by what the table keeps of them.
func (p *plan) issued() (list []Issued) {
	for _, t := range p.turns {
		is := t.delivered()
		if t.result == Unchanged {
			is.Token = p.Supplied
		}
		list = append(list, is)
	}
	return list
}

// rotated is the answer to the caller, once the change is made.
func (s *Service) rotated(ctx context.Context, p *plan) []Rotated {
	list := make([]Rotated, len(p.turns))
	var made []Issued
	for i, t := range p.turns {
		if t.result == Created {
			made = append(made, t.issued)
		}
		list[i] = Rotated{ID: t.chosen.ID, Was: t.chosen.Status(p.at), Old: t.after, New: t.issued, Result: t.result, OverlapEnds: t.told.Ends, EndsItself: t.ended}
	}
	s.tellUsedBefore(ctx, CreateRequest{DryRun: p.DryRun}, made)
	for i, at := 0, 0; i < len(list); i++ {
		if list[i].Result == Created {
			list[i].New, at = made[at], at+1
		}
	}
	return list
}
