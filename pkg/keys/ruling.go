package keys

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
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
	if problem, among := p.contradiction(); problem != "" {
		return nil, p, Errorf(ReasonPolicy, "the policy of this database contradicts itself: %s", problem).OnSetting(among[0])
	}
	return r.under(p), p, nil
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
func (r *Rules) under(p Policy) *Rules {
	narrowed := *r
	narrowed.judge = p.judge()
	narrowed.Label.Unique = p.UniqueLabels
	narrowed.AdminRole = p.AdminRole
	narrowed.Hash.Scheme = cmp.Or(p.Hash, r.Hash.Scheme)
	if p.BcryptCost > 0 {
		narrowed.Hash.Cost, narrowed.Hash.LeastCost = p.BcryptCost, p.BcryptCost
	}
	narrowed.judge.narrowBootstrap(&narrowed.Bootstrap)
	return &narrowed
}

// narrowBootstrap makes the first key one that the policy takes: it may still do all
// that any key may.
func (j *judge) narrowBootstrap(b *BootstrapRules) {
	if len(j.Scopes) > 0 && !slices.Contains(j.Scopes, AllScopes) {
		b.Scopes = j.Scopes
	}
	b.Role = cmp.Or(b.Role, j.AdminRole)
	if j.strangeLabel(&Key{Label: b.Label}, Instant{}) != "" {
		b.Label = ""
	}
}

// obeyed returns the policy that new keys are held to; that of a database that sets
// none where the rules are not narrowed.
func (r *Rules) obeyed() *Policy { return r.judged().Policy }

// judged is what holds keys to the policy that [Rules.obeyed] returns.
func (r *Rules) judged() *judge {
	if r.judge != nil {
		return r.judge
	}
	p := DefaultPolicy()
	return p.judge()
}
