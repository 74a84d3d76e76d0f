package keys

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// mint makes the keys of a request with their tokens and hashes, before any lock
// is taken. They are in the order of their ids, which is also that of a listing:
// stored so, a page of many keys made at once lies in one place of the file.
func (s *Service) mint(ctx context.Context, q CreateRequest) ([]Issued, error) {
	tokens, err := s.tokens(q)
	if err != nil {
		return nil, err
	}
	now := s.now()
	issued := make([]Issued, len(tokens))
	for i, t := range tokens {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		k, token := &issued[i].Key, t.String()
		*k = q.Key.unused()
		if q.Count > 0 && k.Label != "" {
			k.Label += "-" + strconv.Itoa(i+1)
		}
		k.ID, k.Masked = t.ID, t.Masked()
		if q.Supplied != "" {
			token = q.Supplied
			k.Prefix, k.Masked = MaskSupplied(token)
		}
		k.Scheme, k.Enabled, k.CreatedAt, k.CreatedBy = q.Scheme, true, now, s.Actor.Who()
		if k.Hash, err = q.Scheme.Hash(token, HashOptions{Cost: q.BcryptCost}); err != nil {
			return nil, err
		}
		issued[i].Token = token
	}
	return issued, nil
}

// unused returns k without what only becomes of a key once it exists.
func (k Key) unused() Key {
	k.RevokedAt, k.RevokedBy, k.RevokedReason, k.RevokedUntil = Instant{}, "", "", Instant{}
	k.LastUsedAt, k.LastUsedFrom = Instant{}, ""
	k.Successor, k.Predecessor, k.RequestID = "", "", ""
	return k
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
