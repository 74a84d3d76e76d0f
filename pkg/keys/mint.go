package keys

import (
	"slices"
	"strconv"
	"strings"
)

// batch is what one request creates, complete before any lock is taken.
type batch struct {
	issued []Issued
	keys   []Key
	events []Event
}

// mint makes the keys of a request with their tokens, hashes and events. They are
// in the order of their ids, which is also that of a listing: stored so, a page of
// many keys made at once lies in one place of the file.
func (s *Service) mint(q CreateRequest, action Action) (*batch, error) {
	tokens, err := s.tokens(q)
	if err != nil {
		return nil, err
	}
	now, n := s.now(), len(tokens)
	b := &batch{make([]Issued, n), make([]Key, n), make([]Event, n)}
	for i, t := range tokens {
		k := &b.keys[i]
		*k = q.Key
		if q.Count > 0 && k.Label != "" {
			k.Label += "-" + strconv.Itoa(i+1)
		}
		token := t.String()
		k.ID, k.Masked = t.ID, t.Masked()
		if q.Supplied != "" {
			token = q.Supplied
			k.Prefix, k.Masked = MaskSupplied(token)
		}
		k.Scheme, k.Enabled, k.CreatedAt, k.CreatedBy = q.Scheme, true, now, s.Actor.Who()
		if k.Hash, err = q.Scheme.Hash(token, HashOptions{Cost: q.BcryptCost}); err != nil {
			return nil, err
		}
		b.issued[i] = Issued{*k, token}
		b.events[i] = s.event(action, now, ChangeRequest{Reason: q.Reason}, nil, k)
	}
	return b, nil
}

// tokens draws as many as the request wants, in the order of their ids.
func (s *Service) tokens(q CreateRequest) ([]Token, error) {
	tokens := make([]Token, max(q.Count, 1))
	for i := range tokens {
		t, err := NewToken(s.Rand, q.Key.Prefix, q.SecretBytes)
		if err != nil {
			return nil, err
		}
		tokens[i] = t
	}
	slices.SortFunc(tokens, func(a, b Token) int { return strings.Compare(a.ID, b.ID) })
	return tokens, nil
}
