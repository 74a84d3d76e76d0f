package keys

import (
	"context"
	"errors"
)

// Bootstrap claims the database and makes its first key, which gets every
// scope unless the request names some. One claim is made, ever: later ones give
// ReasonAlreadyBootstrapped, or with IfNeeded no key and no error.
func (s *Service) Bootstrap(ctx context.Context, q CreateRequest, d Delivery) ([]Issued, error) {
	if len(q.Key.Scopes) == 0 {
		q.Key.Scopes = []string{AllScopes}
	}
	claimed, err := s.claimed(ctx)
	if err == nil && claimed {
		err = errClaimed()
	}
	var issued []Issued
	if err == nil {
		issued, err = s.issue(ctx, q, d, ActionBootstrap)
	}
	if q.IfNeeded && errors.Is(err, errClaimed()) {
		return nil, nil
	}
	return issued, err
}

func errClaimed() error {
	return Errorf(ReasonAlreadyBootstrapped, "the database has been bootstrapped already")
}

// claimed looks before any work is done: a repeated bootstrap is common.
func (s *Service) claimed(ctx context.Context) (bool, error) {
	claimed := false
	err := s.Store.View(ctx, func(r Reader) (err error) {
		claimed, err = taken(ctx, r)
		return err
	})
	if errors.Is(err, &Error{Reason: ReasonEmpty}) {
		return false, nil
	}
	return claimed, err
}

// taken tells whether the database was claimed, or holds keys all the same.
func taken(ctx context.Context, r Reader) (bool, error) {
	at, err := r.Claimed(ctx)
	if err != nil || !at.IsNone() {
		return err == nil, err
	}
	some, err := r.Page(ctx, Query{Limit: 1})
	return len(some) > 0, err
}

func (s *Service) claimIfOpen(ctx context.Context, tx Tx, now Instant) error {
	at, err := tx.Claimed(ctx)
	if err != nil || !at.IsNone() {
		return err
	}
	return tx.Claim(ctx, now)
}
