package keys

import "slices"

// search is a token as its key is looked for by the rules of a database.
type search struct {
	Presented
	hashed   string // the part of the token that is hashed
	possible bool   // the server takes it for a token
	blind    bool   // keys hashed under the server's secret cannot be found, for want of it
	skipped  []Key  // whose hashes cost too much to be computed: the token may belong to one
}

// present takes a token apart for a search. ReasonSecret says that the server
// would not start with the secret that was given.
func (s *Service) present(token string, now Instant, inactive bool) (search, error) {
	r, held := s.rules(), s.Store.Info().Fields
	parts, possible := takeApart(r.Form, token)
	find := search{hashed: parts.Hashed, possible: possible}
	find.Now, find.Inactive = now, inactive
	switch {
	case r.IDs.fromToken():
		find.Selector = parts.Selector
	case parts.Selector != "" && held.Has(FieldMasked):
		find.Selector = parts.Masked
	}
	own := parts.Masked != "" || r.Form != nil // else a supplied token can look the same, and be none that a selector finds
	find.Scan = (find.Selector == "" || !own) && (held.Has(FieldScheme) || slices.ContainsFunc(r.Hash.schemes(), Scheme.Slow))
	return find, s.addDigests(&find, r)
}

// takeApart tells whether the server takes it for a token. What cannot be one of
// keyreeve's own is looked for all the same: it costs nothing.
func takeApart(form *TokenForm, token string) (TokenParts, bool) {
	if form != nil {
		return form.Parse(token)
	}
	parts := TokenParts{Hashed: token}
	t, err := ParseToken(token)
	if err != nil {
		_, parts.Selector, _ = cutSelector(token)
		return parts, ValidateSupplied(token) == nil
	}
	parts.Selector, parts.Masked = t.ID, t.Masked()
	return parts, true
}

// addDigests hashes the token by every scheme of the server by which keys are found.
func (s *Service) addDigests(f *search, r *Rules) error {
	for _, scheme := range r.Hash.schemes() {
		if !scheme.Searchable() || f.hashed == "" {
			continue
		}
		if scheme == HMACSHA256 && len(s.Secret) == 0 {
			f.blind = true
			continue
		}
		if err := s.checkSecretFor(scheme, r, true); err != nil {
			return err
		}
		if hash, err := scheme.Hash(f.hashed, HashOptions{Secret: s.Secret}); err == nil {
			f.Digests = append(f.Digests, Digested{scheme, hash})
		}
	}
	return nil
}

// schemes returns all by which the server's keys may be hashed.
func (h *HashRules) schemes() []Scheme { return append([]Scheme{h.Scheme}, h.Legacy...) }

// fromToken tells whether the id of a key is part of its token.
func (r *IDRules) fromToken() bool { return !r.Assigned && !r.drawn() }

// drawn tells whether ids are random text of their own.
func (r *IDRules) drawn() bool { return !r.Assigned && (r.Random.Bytes > 0 || r.Random.Chars > 0) }
