package keys

import (
	"context"
	"errors"
)

// Bootstrap makes the first key of a database, and claims it where its server
// keeps a claim: later bootstraps give ReasonAlreadyBootstrapped, or with IfNeeded
// no key and no error. The key gets the role, scopes and label of the server's own
// first key unless the request names others. A server that knows no first key
// gives ReasonUnsupported.
func (s *Service) Bootstrap(ctx context.Context, q CreateRequest, d Delivery) ([]Issued, error) {
	r := s.rules()
	if r.Bootstrap.Kind == BootstrapNone {
		return nil, Errorf(ReasonUnsupported, "%s has no bootstrap: its first key is made like every other, by create", r.server())
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

// fill gives the first key what the request leaves open and the table can hold.
func (b *BootstrapRules) fill(k *Key, held Fields) {
	if k.Role == "" && held.Has(FieldRole) {
		k.Role = b.Role
	}
	if len(k.Scopes) == 0 && held.Has(FieldScopes) {
		k.Scopes = b.Scopes
	}
	if k.Label == "" && held.Has(FieldLabel) {
		k.Label = b.Label
	}
}

// open tells whether a database that was never claimed, with so many keys, is yet
// to be bootstrapped.
func (b *BootstrapRules) open(counts map[Status]int) bool {
	if b.Kind == BootstrapActive {
		return counts[Active] == 0
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	return b.Kind != BootstrapNone && total == 0
}

func errClaimed() error {
	return Errorf(ReasonAlreadyBootstrapped, "the database has been bootstrapped already")
}

// claimed looks before any work is done: a repeated bootstrap is common.
func (s *Service) claimed(ctx context.Context) (bool, error) {
	claimed := false
	err := s.Store.View(ctx, func(r Reader) (err error) {
		claimed, err = s.taken(ctx, r)
		return err
	})
	if errors.Is(err, &Error{Reason: ReasonEmpty}) {
		return false, nil
	}
	return claimed, err
}

// taken tells whether the database was claimed, or holds keys all the same: active
// ones where only those count.
func (s *Service) taken(ctx context.Context, r Reader) (bool, error) {
	at, err := r.Claimed(ctx)
	if err != nil || !at.IsNone() {
		return err == nil, err
	}
	return anyKey(ctx, r, s.now(), s.rules().Bootstrap.Kind == BootstrapActive)
}

// anyKey tells whether there is a key at all, or an active one.
func anyKey(ctx context.Context, r Reader, now Instant, active bool) (bool, error) {
	q := Query{Now: now, Limit: 1}
	if active {
		q.Statuses = []Status{Active}
	}
	some, err := r.Page(ctx, q)
	return len(some) > 0, err
}

// stillOpen is claimed under the lock.
func (s *Service) stillOpen(ctx context.Context, tx Tx) error {
	held, err := s.taken(ctx, tx)
	if err == nil && held {
		err = errClaimed()
	}
	return err
}

// claimIfOpen writes the claim with any key that is made, also by create: a server
// that finds keys and no claim could be claimed once they are gone.
func (s *Service) claimIfOpen(ctx context.Context, tx Tx, now Instant) error {
	if s.rules().Bootstrap.Kind != BootstrapClaim {
		return nil
	}
	at, err := tx.Claimed(ctx)
	if err != nil || !at.IsNone() {
		return err
	}
	return tx.Claim(ctx, now)
}
