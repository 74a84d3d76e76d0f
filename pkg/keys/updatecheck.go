package keys

import (
	"net/netip"
	"slices"
)

// Validate checks of a request what holds whatever database it is for, and puts its
// scopes in order. Errors are ReasonInvalid.
func (q *UpdateRequest) Validate(now Instant) (err error) {
	if err := q.validateFields(); err != nil {
		return err
	}
	if q.AddScopes, err = NormalizeScopes(q.AddScopes); err != nil {
		return err
	}
	if q.RemoveScopes, err = NormalizeScopes(q.RemoveScopes); err != nil {
		return err
	}
	if err := ValidateMetadata(q.SetMetadata); err != nil {
		return err
	}
	var set Key
	for _, f := range q.Set.List() {
		f.copy(&set, &q.Key)
	}
	values := CreateRequest{Key: set, Reason: q.Reason}
	err = values.Validate(now) // a key is no other for being made of these alone
	q.Key = values.Key
	return err
}

// validateFields refuses to change what is no attribute, the same thing in two ways,
// and nothing.
func (q *UpdateRequest) validateFields() error {
	parts := UpdateRequest{
		AddScopes: q.AddScopes, RemoveScopes: q.RemoveScopes, SetMetadata: q.SetMetadata, RemoveMetadata: q.RemoveMetadata,
		AddNetworks: q.AddNetworks, RemoveNetworks: q.RemoveNetworks,
	}
	if q.asked() == 0 {
		return Errorf(ReasonInvalid, "there is nothing to change: say what the keys shall be")
	}
	if fixed := q.asked().Without(updatable).List(); len(fixed) > 0 {
		return Errorf(ReasonInvalid, "the %s of a key cannot be changed", fixed[0])
	}
	whole := q.Set | q.Clear
	if both := q.Set&q.Clear | whole&parts.asked(); both != 0 {
		return Errorf(ReasonInvalid, "the %s shall be two things at once", both.List()[0])
	}
	return q.validateParts()
}

// validateParts refuses to add and take away the same.
func (q *UpdateRequest) validateParts() error {
	for _, scope := range q.AddScopes {
		if slices.Contains(q.RemoveScopes, scope) {
			return Errorf(ReasonInvalid, "the scope %s shall be added and taken away", quote(scope))
		}
	}
	if i := slices.IndexFunc(q.AddNetworks, func(n netip.Prefix) bool { return slices.Contains(q.RemoveNetworks, n) }); i >= 0 {
		return Errorf(ReasonInvalid, "the network %s shall be added and taken away", q.AddNetworks[i])
	}
	for _, name := range q.RemoveMetadata {
		if _, set := q.SetMetadata[name]; set {
			return Errorf(ReasonInvalid, "the metadata %s shall be set and taken away", quote(name))
		}
	}
	return nil
}

// ValidateFor is Validate with the rules of one database, whose table holds these
// fields, as far as they do not depend on the key.
func (q *UpdateRequest) ValidateFor(r *Rules, held Fields, now Instant) error {
	if err := q.Validate(now); err != nil {
		return err
	}
	if lacking := q.asked().Without(held).List(); len(lacking) > 0 {
		return r.noColumn(lacking[0])
	}
	return nil
}

// obeys holds what was asked for, as it is now a part of k, to what the server takes.
func (q *UpdateRequest) obeys(r *Rules, k *Key, now Instant) error {
	asked := q.asked()
	if v := r.Roles; v != nil && asked.Has(FieldRole) {
		if err := r.checkVocabulary("role", slices.DeleteFunc([]string{k.Role}, isEmpty), v.Words, v.Required); err != nil {
			return err
		}
	}
	if v := r.Scopes; v != nil && asked.Has(FieldScopes) {
		given := k.Scopes
		if !(q.Set | q.Clear).Has(FieldScopes) { // the others were accepted once
			given = q.AddScopes
		}
		if err := r.checkVocabulary("scope", given, v.Words, v.Required && len(k.Scopes) == 0); err != nil {
			return err
		}
	}
	if asked.Has(FieldLabel) {
		if err := r.checkLabel(k.Label); err != nil {
			return err
		}
	}
	if !asked.Has(FieldExpiresAt) || r.Settings {
		return nil
	}
	return r.checkEnd(k, now)
}

func isEmpty(s string) bool { return s == "" }

// checkEnd holds an expiry to the server's bounds, which are about the whole life of
// the key: nobody makes it endless in steps.
func (r *Rules) checkEnd(k *Key, now Instant) error {
	made := k.CreatedAt
	if made.IsNone() {
		made = now
	}
	bounds := Rules{Server: r.Server, Lifetime: r.Lifetime}
	return bounds.checkLifetime(k.ExpiresAt, made)
}
