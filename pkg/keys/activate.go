package keys

import (
	"context"
	"encoding/json"
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
	ended, err := s.revocations(ctx, &q)
	if err != nil {
		return nil, err
	}
	return s.edit(ctx, q, ActionActivate, func(k *Key, now Instant) (bool, error) {
		on := enable(k)
		switch {
		case q.Expires:
			renewed := k.expire(q.ExpiresAt)
			return on || renewed, k.validateSpan(now)
		case r.Revoke == RevokeExpiry && k.unread(FieldsOf(FieldExpiresAt)):
			return false, Errorf(ReasonInvalid, "the expiry of %s cannot be read: say when it shall expire", k.name()).OnKey(k.ID)
		case r.Revoke == RevokeExpiry && k.ExpiresAt.Reached(now):
			return true, restoreExpiry(k, ended)
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
	if k.Enabled && !k.unread(switching) {
		return false
	}
	k.mend(switching)
	k.Enabled, k.RevokedUntil = true, Instant{}
	k.RevokedAt, k.RevokedBy, k.RevokedReason = Instant{}, "", ""
	return true
}

// revocations returns the latest one of each expired key of the request, where that
// is what ended it, and settles the request's refs. The audit may be a long file:
// it is read before the lock is taken.
func (s *Service) revocations(ctx context.Context, q *ChangeRequest) (map[string]Event, error) {
	if s.rules().Revoke != RevokeExpiry || q.Expires {
		return nil, nil
	}
	var err error
	if q.Refs, err = s.settle(ctx, q.Refs); err != nil {
		return nil, err
	}
	list, err := s.Select(ctx, q.Refs...)
	if err != nil {
		return nil, err
	}
	var ids []string
	for i := range list {
		if list[i].ExpiresAt.Reached(s.now()) {
			ids = append(ids, list[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return s.Store.Last(ctx, ActionRevoke, ids...)
}

// restoreExpiry gives k the expiry that it had before it was revoked, if nobody
// has set another one since.
func restoreExpiry(k *Key, ended map[string]Event) error {
	e := ended[k.ID]
	since, told := expiryIn(e.After)
	before, known := expiryIn(e.Before)
	if !told || !known || since != k.ExpiresAt {
		return Errorf(ReasonInvalid, "%s expired at %s, and what its expiry was before is not known here: say when it shall expire", k.name(), k.ExpiresAt).OnKey(k.ID)
	}
	k.ExpiresAt = before
	return nil
}

// expiryIn returns the expiry that one side of an audit event tells, which may be
// none. What it does not tell, or nobody can read, is not known.
func expiryIn(object string) (at Instant, known bool) {
	var state struct {
		ExpiresAt json.RawMessage `json:"expires_at"`
	}
	if err := json.Unmarshal([]byte(object), &state); err != nil || len(state.ExpiresAt) == 0 {
		return Instant{}, false
	}
	var moment *time.Time
	if err := json.Unmarshal(state.ExpiresAt, &moment); err != nil {
		return Instant{}, false
	}
	if moment == nil {
		return Instant{}, true
	}
	return At(*moment), true
}
