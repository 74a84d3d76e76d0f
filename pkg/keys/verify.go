package keys

import (
	"context"
	"fmt"
	"net/netip"
)

// Verify gives the verdict that the server over this database would give. It
// writes nothing. The error is about the database or the server's secret, never
// about the token.
func (s *Service) Verify(ctx context.Context, token string, q Request) (Verdict, error) {
	now := s.now()
	if strict, err := s.strictlyLocked(ctx, q.Addr, now); strict || err != nil { // before the server looks at any token
		return refused(Locked, err)
	}
	if token == "" {
		return refused(s.unpresented(ctx, now))
	}
	k, find, err := s.match(ctx, token, now)
	switch {
	case err != nil:
		return refused(NotAnswering, err)
	case k == nil:
		outcome, err := s.refusal(ctx, find, q, now)
		if outcome == Unknown && len(find.skipped) > 0 && err == nil {
			return Verdict{Outcome: NotAnswering, Advice: uncomputed(find.skipped)}, nil
		}
		return refused(outcome, err)
	}
	return s.verdict(k, find, q, now), nil
}

// uncomputed says of each key why nobody here knows whether the token is its own.
func uncomputed(list []Key) (advice []string) {
	for i := range list {
		k := &list[i]
		advice = append(advice, fmt.Sprintf("key %s: %v, so it was not computed: the token may be this key's", k.name(), k.Scheme.Check(k.Hash)))
	}
	return advice
}

// unpresented is what a request without any token is told.
func (s *Service) unpresented(ctx context.Context, now Instant) (Outcome, error) {
	if !s.rules().ActiveFirst {
		return NoToken, nil
	}
	some := false
	err := s.Store.View(ctx, func(r Reader) (err error) {
		some, err = anyKey(ctx, r, now, true)
		return err
	})
	if err == nil && !some {
		return NoKeys, nil
	}
	return NoToken, err
}

func refused(o Outcome, err error) (Verdict, error) {
	if err != nil {
		o = NotAnswering
	}
	return Verdict{Outcome: o}, err
}

func (s *Service) locked(ctx context.Context, addr netip.Addr, now Instant) (locked bool, err error) {
	if !addr.IsValid() {
		return false, nil
	}
	err = s.Store.View(ctx, func(r Reader) error {
		until, err := r.LockedUntil(ctx, addr, now)
		locked = !until.IsNone()
		return err
	})
	return locked, err
}

// strictlyLocked tells whether the address is locked out so that not even a valid key
// passes it. Only of a locked one the policy needs to be known.
func (s *Service) strictlyLocked(ctx context.Context, addr netip.Addr, now Instant) (bool, error) {
	r := s.rules()
	if !addr.IsValid() || !r.Settings && !r.Lockout.Strict {
		return false, nil
	}
	locked, err := s.locked(ctx, addr, now)
	if !locked || err != nil || r.Lockout.Strict {
		return locked, err
	}
	p, err := s.Policy(ctx)
	return p.Lockout.Strict, err
}

// verdict is that on a token which belongs to k.
func (s *Service) verdict(k *Key, find search, q Request, now Instant) Verdict {
	r, info := s.rules(), s.Store.Info()
	v := Verdict{Outcome: r.Decide(k, q, now), Key: k, Advice: k.remarks()}
	switch v.Outcome {
	case OK:
		v.Accepted = true
		v.Unchecked = unchecked(k, q, info.Fields, r.Lockout)
		if k.Scheme == Bcrypt72 && len(find.hashed) > bcryptBytes {
			v.Unchecked = append(v.Unchecked, pastBcrypt)
		}
	case KeyRevoked, KeyExpired:
		v.Advice = append(v.Advice, r.adviceOn(ActionRevoke, k, info.Path)...)
	}
	return v
}

// pastBcrypt in [Verdict.Unchecked] says that the token goes on where its hash
// does not: another tail would be accepted, too.
const pastBcrypt = "bytes_past_72"

// refusal says why a token that belongs to no key is refused. From a locked
// address it is told no more than that; who knows the secret of a key passes.
func (s *Service) refusal(ctx context.Context, find search, q Request, now Instant) (Outcome, error) {
	outcome := Unknown
	if !find.possible {
		outcome = Malformed
	}
	err := s.Store.View(ctx, func(r Reader) error {
		some, err := anyKey(ctx, r, now, s.rules().ActiveFirst)
		if err == nil && !some {
			outcome = NoKeys
		}
		return err
	})
	if err != nil {
		return outcome, err
	}
	if locked, err := s.locked(ctx, q.Addr, now); locked || err != nil {
		return Locked, err
	}
	return outcome, nil
}
