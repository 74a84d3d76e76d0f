package keys

import (
	"context"
	"errors"
	"reflect"
)

// Policy returns the rules of this database; one that holds nothing yet has the
// default policy.
func (s *Service) Policy(ctx context.Context) (p Policy, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		p, err = r.Policy(ctx)
		return err
	})
	if errors.Is(err, &Error{Reason: ReasonEmpty}) {
		return DefaultPolicy(), nil
	}
	return p, err
}

// ruled returns the rules that new keys are held to: those of the server, narrowed by
// the policy of the database, which comes with them. It runs before any lock is taken.
func (s *Service) ruled(ctx context.Context) (*Rules, Policy, error) {
	r := s.rules()
	if !r.Settings {
		return r, Policy{}, nil
	}
	p, err := s.Policy(ctx)
	if err != nil {
		return nil, p, err
	}
	return r.under(&p), p, nil
}

// stillRuled gives errOvertaken where the policy is another one by now.
func (s *Service) stillRuled(ctx context.Context, tx Tx, r *Rules, was Policy) error {
	if !r.Settings {
		return nil
	}
	is, err := tx.Policy(ctx)
	if err == nil && !reflect.DeepEqual(was, is) {
		return errOvertaken
	}
	return err
}

// under returns the rules as the policy narrows them.
func (r *Rules) under(p *Policy) *Rules {
	narrowed := *r
	narrowed.Label.Unique = p.UniqueLabels
	narrowed.AdminRole = p.AdminRole
	return &narrowed
}
