package keys

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"
)

// Activate switches keys on again, all or none, and gives them a new expiry where
// the request has one. A key that is on is unchanged; an expired one stays expired
// without a new expiry, unless expiring is what revoking it did: then it gets the
// expiry back that it had before, where the audit knows that, and gives
// ReasonInvalid where it does not. A label that another active key has taken
// meanwhile gives ReasonLabelTaken. The guards of Revoke hold for a key that is on and
// gets an earlier end within [GuardHorizon].
// The advice on a key that was replaced says so, since it lives on beside its successor.
func (s *Service) Activate(ctx context.Context, q ChangeRequest) ([]Change, error) {
	for {
		done, err := s.activate(ctx, q)
		if !errors.Is(err, errOvertaken) {
			return done, err
		}
	}
}

func (s *Service) activate(ctx context.Context, q ChangeRequest) ([]Change, error) {
	r, policy, err := s.ruled(ctx)
	if err != nil {
		return nil, err
	}
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
	longer := map[string]bool{}
	done, err := s.edit(ctx, q, edition{
		action: ActionActivate,
		apply: func(k *Key, now Instant) (bool, error) {
			was := *k
			changed, err := r.switchOn(k, now, q, ended)
			longer[k.ID] = k.outlives(&was, now)
			return changed, err
		},
		allowed: s.changeAllowed(ctx, r, policy),
	})
	if err == nil {
		s.tellLonger(ctx, done, longer)
	}
	return done, err
}

// switchOn activates k, whose expiry was ended as told, and tells whether it changed.
func (r *Rules) switchOn(k *Key, now Instant, q ChangeRequest, ended endings) (bool, error) {
	was, on := *k, enable(k)
	switch {
	case q.Expires:
		renewed := k.expire(q.ExpiresAt)
		if err := k.validateSpan(now); err != nil || !renewed {
			return on, onKey(err, k)
		}
		return true, r.judged().renewed(&was, k, now)
	case r.Revoke == RevokeExpiry && k.unread(FieldsOf(FieldExpiresAt)):
		return false, Errorf(ReasonInvalid, "the expiry of %s cannot be read: say when it shall expire", k.name()).OnKey(k.ID)
	case r.Revoke == RevokeExpiry && k.ExpiresAt.Reached(now):
		return true, ended.restore(k)
	}
	return on, nil
}

// checkRenewal holds a new expiry to the longest life that the server gives. What the
// policy gives depends on the key.
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

// endings are the changes that ended keys, by id. A key whose end nobody knows has the
// zero event; one that is not in it was not looked up.
type endings map[string]Event

// revocations looks up what ended the expired keys of the request, where revoking is
// that, and settles the request's refs. The audit may be a long file: it is read
// before the lock is taken.
func (s *Service) revocations(ctx context.Context, q *ChangeRequest) (endings, error) {
	if s.rules().Revoke != RevokeExpiry || q.Expires {
		return nil, nil
	}
	list, err := s.look(ctx, q)
	if err != nil {
		return nil, err
	}
	ended, ends := endings{}, map[string]Instant{}
	for i := range list {
		if k := &list[i]; k.ExpiresAt.Reached(s.now()) {
			ended[k.ID], ends[k.ID] = Event{}, k.ExpiresAt
		}
	}
	for _, action := range []Action{ActionRevoke, ActionFinish} { // which both end a key
		if err := ended.lookUp(ctx, s.Store, action, ends); err != nil {
			return nil, err
		}
	}
	return ended, nil
}

// lookUp adds the latest events of an action that gave keys the ends that they have,
// and takes those keys out of ends.
func (e endings) lookUp(ctx context.Context, store Store, action Action, ends map[string]Instant) error {
	if len(ends) == 0 {
		return nil
	}
	found, err := store.Last(ctx, action, slices.Collect(maps.Keys(ends))...)
	for id, event := range found {
		if since, told := expiryIn(event.After); told && since == ends[id] {
			e[id] = event
			delete(ends, id)
		}
	}
	return err
}

// restore gives k the expiry that it had before it was revoked, if nobody has set
// another one since. It gives errOvertaken where k was not looked up, since it
// expired or came to be chosen meanwhile.
func (e endings) restore(k *Key) error {
	event, looked := e[k.ID]
	if !looked {
		return errOvertaken
	}
	since, told := expiryIn(event.After)
	before, known := expiryIn(event.Before)
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
