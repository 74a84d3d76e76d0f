package keys

import (
	"context"
	"maps"
	"slices"
)

// mintSuccessors makes the tokens and hashes of a plan.
func (s *Service) mintSuccessors(ctx context.Context, p *plan) error {
	for _, t := range p.turns {
		var err error
		switch t.result {
		case Created:
			err = s.mintSuccessor(ctx, p, t)
		case Changed:
			err = s.refresh(ctx, p, t)
		default:
			t.issued.Key = *t.next
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mintSuccessor makes the key that replaces the old one of the turn.
func (s *Service) mintSuccessor(ctx context.Context, p *plan, t *turn) error {
	q := p.creation()
	q.Key = t.old.heritage()
	if err := p.settleLife(t, &q.Key, s.now()); err != nil {
		return err
	}
	issued, err := s.mintOne(ctx, p.rules, q, t.old)
	if err != nil {
		return err
	}
	issued.Key.Predecessor, issued.Key.RequestID = t.old.ID, p.RequestID
	t.issued = issued
	return nil
}

// refresh makes a fresh secret for the successor of the turn.
func (s *Service) refresh(ctx context.Context, p *plan, t *turn) error {
	q := p.creation()
	q.id = t.next.ID
	issued, err := s.mintOne(ctx, p.rules, q, t.next)
	if err != nil {
		return err
	}
	k := *t.next
	k.Prefix, k.Masked, k.Scheme, k.Hash = issued.Key.Prefix, issued.Key.Masked, issued.Key.Scheme, issued.Key.Hash
	k.mend(FieldsOf(FieldPrefix, FieldMasked, FieldScheme, FieldHash))
	t.issued = Issued{Key: k, Token: issued.Token}
	return nil
}

// mintOne makes the token of a request, like that of an earlier key.
func (s *Service) mintOne(ctx context.Context, r *Rules, q CreateRequest, like *Key) (Issued, error) {
	if r.Form == nil && q.Supplied == "" {
		q.Key.Prefix = r.judged().prefixLike(like)
	}
	if err := r.checkToken(&q); err != nil {
		return Issued{}, err
	}
	if err := r.judged().opensAsBefore(like, q.Key.Prefix); err != nil {
		return Issued{}, err
	}
	if err := s.settleHash(&q, r, s.Store.Info().Fields); err != nil {
		return Issued{}, err
	}
	issued, err := s.mint(ctx, r, q)
	if err != nil {
		return Issued{}, err
	}
	return issued[0], nil
}

// heritage is what a successor takes over of k.
func (k *Key) heritage() Key {
	return Key{
		Label: k.Label, Description: k.Description, Owner: k.Owner, Role: k.Role, Scopes: slices.Clone(k.Scopes),
		Resource: k.Resource, Networks: slices.Clone(k.Networks), RateLimit: k.RateLimit,
		NotBefore: k.NotBefore, ExpiresAt: k.ExpiresAt, Metadata: maps.Clone(k.Metadata),
	}
}

// chosenPrefix tells whether the prefix of the key's token is one that somebody chose
// and may still choose. What a supplied token happens to begin with is none.
func (k *Key) chosenPrefix(p *Policy) bool {
	if slices.Contains(p.TokenPrefixes, k.Prefix) {
		return true
	}
	return k.Prefix != "" && len(p.TokenPrefixes) == 0 && (k.HasSelector() || !k.Scheme.Slow())
}

// settleLife decides when a successor ends, and holds that to the rules. What it
// inherits was accepted once, and may be shorter than a new key's by now; where it is
// longer than the policy lets any key live, that ends it.
func (p *plan) settleLife(t *turn, k *Key, now Instant) (err error) {
	bounds := *p.rules
	if p.Expires {
		k.ExpiresAt = p.ExpiresAt
		err = onKey(k.validateSpan(now), t.old)
	} else {
		bounds.Lifetime.Least = 0
		t.shortened, err = bounds.obeyed().shorten(k, now)
	}
	if err == nil {
		err = bounds.checkLifetime(k.ExpiresAt, now)
	}
	if !p.Expires {
		err = onKey(err, t.old)
	}
	return err
}
