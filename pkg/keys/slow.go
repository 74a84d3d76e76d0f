package keys

import (
	"context"
	"errors"
)

// costly tells whether a server tries a wrong token on the key, now or once it comes
// back by itself.
func (k *Key) costly(now Instant) bool {
	back := k.Enabled || !k.RevokedUntil.IsNone()
	return back && !k.ExpiresAt.Reached(now) && k.Scheme.Slow() && !k.HasSelector()
}

// slowAllowed keeps the number of keys small that a wrong token must be tried on. Keys
// of the list stand for what is stored under their ids.
func (s *Service) slowAllowed(ctx context.Context, tx Tx, policy Policy, list []Key, now Instant) error {
	n, listed := 0, make(map[string]bool, len(list))
	for i := range list {
		listed[list[i].ID] = true
		if list[i].costly(now) {
			n++
		}
	}
	if policy.SlowKeys <= 0 || n == 0 {
		return nil
	}
	slow, err := tx.SlowKeys(ctx)
	for i := range slow {
		if slow[i].costly(now) && !listed[slow[i].ID] {
			n++
		}
	}
	if err == nil && n > policy.SlowKeys {
		err = Errorf(ReasonPolicy, "at most %d usable keys may have a slow hash and a token that does not name its key (slow_keys): a wrong token costs a server one hash for each",
			policy.SlowKeys).OnSetting("slow_keys")
	}
	return err
}

// slowAgain is slowAllowed for keys that are about to change. What counts already is
// let be.
func (s *Service) slowAgain(ctx context.Context, tx Tx, policy Policy, changed []Key, now Instant) error {
	var again []Key
	for i := range changed {
		k := &changed[i]
		if policy.SlowKeys <= 0 || !k.costly(now) {
			continue
		}
		was, err := tx.Key(ctx, k.ID)
		if err != nil && !errors.Is(err, &Error{Reason: ReasonNotFound}) {
			return err
		}
		if !was.costly(now) {
			again = append(again, *k)
		}
	}
	err := s.slowAllowed(ctx, tx, policy, again, now)
	if len(again) > 0 && errors.Is(err, &Error{Reason: ReasonPolicy}) {
		return onKey(err, &again[len(again)-1]) // which is one too many
	}
	return err
}

// changeAllowed holds keys that are about to change to what the policy asks of several
// keys together, if it is the one that they were judged by.
func (s *Service) changeAllowed(ctx context.Context, r *Rules, policy Policy) func(Tx, []Key, Instant) error {
	return func(tx Tx, changed []Key, now Instant) error {
		if err := s.stillRuled(ctx, tx, r, policy); err != nil {
			return err
		}
		if err := s.slowAgain(ctx, tx, policy, changed, now); err != nil {
			return err
		}
		return s.policyAllows(ctx, tx, policy, changed, now)
	}
}
