package keys

import (
	"context"
	"errors"
	"time"
)

// PruneRequest says which keys have outlived their use: those that meet any of the
// criteria, of which at least one must be given, among the keys that Refs name or
// Where describes, or all.
type PruneRequest struct {
	ChangeRequest
	ExpiredFor *time.Duration // expired this long ago, or longer
	RevokedFor *time.Duration // likewise revoked, for good
	UnusedFor  *time.Duration // neither used, made, begun nor switched on for this long
}

// Pruned is what became of keys that met the criteria, or could have.
type Pruned struct {
	Done []Change
	Kept []Kept // keys of which nobody can tell whether they meet a criterion
}

// Kept is a key that was not pruned.
type Kept struct {
	Key Key
	Why string // in one sentence, said of the key: "is revoked, and nobody recorded when"
}

// Prune removes the keys that have outlived their use, all or none, under the guards
// of Delete. Where the table does not keep when a key was revoked, the audit tells it, as
// it does when one was switched on.
// A criterion that the table keeps nothing of gives ReasonUnsupported, as does
// UnusedFor where no use of any key is recorded.
func (s *Service) Prune(ctx context.Context, q PruneRequest) (Pruned, error) {
	if err := q.Validate(); err != nil {
		return Pruned{}, err
	}
	if err := s.prunable(&q); err != nil {
		return Pruned{}, err
	}
	for {
		pruned, err := s.prune(ctx, q)
		if !errors.Is(err, errOvertaken) {
			return pruned, err
		}
	}
}

// Validate checks of a request what holds whatever database it is for. Errors are
// ReasonInvalid.
func (q *PruneRequest) Validate() error {
	given := false
	for _, d := range []*time.Duration{q.ExpiredFor, q.RevokedFor, q.UnusedFor} {
		given = given || d != nil
		if d != nil && *d < 0 {
			return Errorf(ReasonInvalid, "%s is no time that can have passed", FormatDuration(*d))
		}
	}
	if !given {
		return Errorf(ReasonInvalid, "which keys have outlived their use? say for how long they are expired, revoked or unused")
	}
	return optional(q.Reason, ValidateReason)
}

// prunable refuses criteria that the table tells nothing of.
func (s *Service) prunable(q *PruneRequest) error {
	r, held := s.rules(), s.Store.Info().Fields
	switch {
	case q.ExpiredFor != nil && !held.Has(FieldExpiresAt):
		return Errorf(ReasonUnsupported, "the key table of %s has no column for %s: keys do not expire there", r.server(), FieldExpiresAt)
	case q.UnusedFor != nil && !held.Has(FieldLastUsedAt):
		return Errorf(ReasonUnsupported, "the key table of %s has no column for %s: nothing tells which keys are unused", r.server(), FieldLastUsedAt)
	case q.RevokedFor != nil && r.Revoke == RevokeNone:
		return Errorf(ReasonUnsupported, "the key table of %s has no way to switch a key off: no key is revoked there", r.server())
	case q.RevokedFor != nil && r.Revoke == RevokeExpiry:
		return Errorf(ReasonUnsupported, "a key that is revoked in the key table of %s has expired: prune keys by that", r.server())
	}
	return nil
}

func (s *Service) prune(ctx context.Context, q PruneRequest) (pruned Pruned, err error) {
	if q.Refs, err = s.settle(ctx, q.Refs); err != nil {
		return Pruned{}, err
	}
	past, err := s.bygonesFor(ctx, &q)
	if err != nil {
		return Pruned{}, err
	}
	choose := func(tx Tx, now Instant) (due []Key, err error) {
		due, pruned.Kept, err = s.outlived(ctx, tx, &q, past, now)
		return due, err
	}
	pruned.Done, err = s.changeChosen(ctx, q.ChangeRequest, choose, s.remover(ctx, q.ChangeRequest))
	if err != nil {
		return Pruned{}, err
	}
	return pruned, nil
}

// outlived returns the keys that meet a criterion, newest first, and those of which
// nobody can tell.
func (s *Service) outlived(ctx context.Context, r Reader, q *PruneRequest, past map[string]bygone, now Instant) (due []Key, kept []Kept, err error) {
	list, err := s.candidatesFor(ctx, r, q, now)
	for i := 0; i < len(list) && err == nil; i++ {
		k := &list[i]
		var v fate
		v, err = q.judge(k, past, now)
		switch {
		case v.due:
			due = append(due, *k)
		case v.why != "":
			kept = append(kept, Kept{*k, v.why})
		}
	}
	if err == nil && q.Agreed != nil {
		due, err = q.Agreed.of(ctx, r, due, now)
		return due, nil, err
	}
	if err == nil && q.Expect > 0 && len(due) != q.Expect {
		err = Errorf(ReasonOtherCount, "%s, not %d", matchText(len(due)), q.Expect)
	}
	return due, kept, err
}
