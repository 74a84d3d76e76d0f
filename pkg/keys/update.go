package keys

import (
	"context"
	"errors"
	"net/netip"
)

// UpdateRequest names or describes keys, and says what their attributes shall be.
type UpdateRequest struct {
	ChangeRequest
	Key   Key    // the new values of the fields in Set
	Set   Fields // which of [UpdatableFields] get a value
	Clear Fields // which lose theirs

	AddScopes, RemoveScopes     []string
	SetMetadata                 map[string]string // added, or over the entry of that name
	RemoveMetadata              []string          // names
	AddNetworks, RemoveNetworks []netip.Prefix
}

// updatable are the attributes that an update can change. What a token is found and
// checked by, and what only becomes of a key, are not among them.
const updatable = Fields(1<<FieldLabel | 1<<FieldDescription | 1<<FieldOwner | 1<<FieldRole | 1<<FieldScopes | 1<<FieldResource |
	1<<FieldNetworks | 1<<FieldRateLimit | 1<<FieldNotBefore | 1<<FieldExpiresAt | 1<<FieldMetadata)

// UpdatableFields returns the attributes that [Service.Update] can change, where the
// table holds them.
func UpdatableFields() Fields { return updatable }

// Update changes attributes of keys, of all or none. Only what is asked for is held to
// the rules of the server and the policy of the database; a key that has it all
// already is unchanged. The guards of Revoke hold for a key that would let fewer in
// than it does, by another role, a resource or an end within [GuardHorizon]. A field that
// the table does not hold gives ReasonUnsupported.
func (s *Service) Update(ctx context.Context, q UpdateRequest) ([]Change, error) {
	for {
		done, err := s.update(ctx, q)
		if !errors.Is(err, errOvertaken) {
			return done, err
		}
	}
}

func (s *Service) update(ctx context.Context, q UpdateRequest) ([]Change, error) {
	r, policy, err := s.ruled(ctx)
	if err == nil {
		err = q.ValidateFor(r, s.Store.Info().Fields, s.now())
	}
	if err != nil {
		return nil, err
	}
	longer := map[string]bool{}
	done, err := s.edit(ctx, q.ChangeRequest, edition{
		action: ActionUpdate,
		apply: func(k *Key, now Instant) (bool, error) {
			was := *k
			changed, err := q.changes(r, k, now)
			longer[k.ID] = k.outlives(&was, now)
			return changed, err
		},
		allowed: s.changeAllowed(ctx, r, policy),
	})
	if err == nil && q.asked().Has(FieldExpiresAt) {
		s.tellLonger(ctx, done, longer)
	}
	return done, err
}

// changes makes of k what the request wants, and tells whether that is another key.
func (q *UpdateRequest) changes(r *Rules, k *Key, now Instant) (bool, error) {
	was := *k
	if err := q.apply(k); err != nil {
		return false, err
	}
	asked := q.asked()
	other := k.unread(asked)
	for _, f := range asked.List() {
		other = other || !f.same(k, &was)
	}
	if !other {
		return false, nil
	}
	k.mend(asked)
	return true, q.judge(r, &was, k, now)
}

// apply writes what is asked for into k.
func (q *UpdateRequest) apply(k *Key) error {
	for _, part := range []struct {
		asked bool
		field Field
	}{
		{len(q.AddScopes)+len(q.RemoveScopes) > 0, FieldScopes}, {len(q.AddNetworks)+len(q.RemoveNetworks) > 0, FieldNetworks},
		{len(q.SetMetadata)+len(q.RemoveMetadata) > 0, FieldMetadata},
	} {
		if part.asked && k.unread(FieldsOf(part.field)) {
			return Errorf(ReasonDamaged, "the %s of %s cannot be read: say what all of them shall be", part.field, k.name()).OnKey(k.ID)
		}
	}
	for _, f := range q.Set.List() {
		f.copy(k, &q.Key)
	}
	for _, f := range q.Clear.List() {
		f.copy(k, &Key{})
	}
	return q.applyParts(k)
}

// judge holds what was asked for, as it is now a part of k, to the rules.
func (q *UpdateRequest) judge(r *Rules, was, k *Key, now Instant) error {
	asked := q.asked()
	if err := q.obeys(r, k, now); err != nil {
		return onKey(err, k)
	}
	timed := asked&FieldsOf(FieldNotBefore, FieldExpiresAt) != 0
	if timed && !k.NotBefore.IsNone() && k.ExpiresAt.Reached(k.NotBefore) {
		return Errorf(ReasonInvalid, "%s would expire at %s, before it begins at %s", k.name(), k.ExpiresAt, k.NotBefore).OnKey(k.ID)
	}
	if r.Settings {
		return r.judged().updated(was, k, now)
	}
	return nil
}

// onKey says which key a refusal concerns.
func onKey(err error, k *Key) error {
	var e *Error
	if errors.As(err, &e) && e.Key == "" {
		e.Key = k.ID
	}
	return err
}
