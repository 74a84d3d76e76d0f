package keys

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Activate switches keys on again, all or none, and gives them a new expiry where
// the request has one. A key that is on is unchanged; an expired one stays expired
// without a new expiry, unless expiring is what revoking it did: then it gets the
// expiry back that it had before, where the audit knows that, and gives
// ReasonInvalid where it does not. A label that another active key has taken
// meanwhile gives ReasonLabelTaken.
func (s *Service) Activate(ctx context.Context, q ChangeRequest) ([]Change, error) {
	r := s.rules()
	if q.Expires {
		if !s.Store.Info().Fields.Has(FieldExpiresAt) {
			return nil, r.noColumn(FieldExpiresAt)
		}
		if err := r.checkRenewal(q.ExpiresAt, s.now()); err != nil {
			return nil, err
		}
	}
	return s.edit(ctx, q, ActionActivate, func(tx Tx, k *Key, now Instant) (bool, error) {
		on := enable(k)
		switch {
		case q.Expires:
			renewed := k.ExpiresAt != q.ExpiresAt
			k.ExpiresAt = q.ExpiresAt
			return on || renewed, k.validateSpan(now)
		case r.Revoke == RevokeExpiry && k.ExpiresAt.Reached(now):
			return true, restoreExpiry(ctx, tx, k)
		}
		return on, nil
	})
}

// checkRenewal holds a new expiry to the longest life that the server gives.
func (r *Rules) checkRenewal(expires, now Instant) error {
	if expires.Reached(now) {
		return Errorf(ReasonInvalid, "the key would have expired at %s already", expires)
	}
	longest := Rules{Server: r.Server, Lifetime: LifetimeRules{Most: r.Lifetime.Most}}
	return longest.checkLifetime(expires, now)
}

func enable(k *Key) bool {
	if k.Enabled {
		return false
	}
	k.Enabled, k.RevokedUntil = true, Instant{}
	k.RevokedAt, k.RevokedBy, k.RevokedReason = Instant{}, "", ""
	return true
}

// restoreExpiry gives k the expiry that it had before it was revoked, if nobody
// has set another one since.
func restoreExpiry(ctx context.Context, tx Tx, k *Key) error {
	e, err := tx.Last(ctx, ActionRevoke, k.ID)
	if err == nil && expiryIn(e.After) == k.ExpiresAt {
		k.ExpiresAt = expiryIn(e.Before)
		return nil
	}
	unknown := Errorf(ReasonInvalid, "%s expired at %s, and what its expiry was before is not known here: say when it shall expire", k.name(), k.ExpiresAt).OnKey(k.ID)
	if err != nil && !errors.Is(err, &Error{Reason: ReasonNotFound}) {
		return unknown.Because(err)
	}
	return unknown
}

// expiryIn returns the expiry in one side of an audit event, none if it has none.
func expiryIn(object string) Instant {
	var state struct {
		ExpiresAt time.Time `json:"expires_at"`
	}
	if err := json.Unmarshal([]byte(object), &state); err != nil || state.ExpiresAt.IsZero() {
		return Instant{}
	}
	return At(state.ExpiresAt)
}
