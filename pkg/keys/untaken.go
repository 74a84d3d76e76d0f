package keys

import (
	"context"
	"errors"
	"slices"
)

// unusedToken refuses a supplied token that some key has already, and returns the
// keys that it was tried on. A slow hash has a salt: no unique index would notice.
func (s *Service) unusedToken(ctx context.Context, token string) ([]Key, error) {
	if token == "" {
		return nil, nil
	}
	find, err := s.present(token, s.now(), true)
	if err != nil {
		return nil, err
	}
	tried, err := s.candidates(ctx, find)
	if err != nil && !errors.Is(err, &Error{Reason: ReasonEmpty}) {
		return nil, err
	}
	k, err := s.matching(ctx, tried, find)
	if err != nil {
		return nil, err
	}
	if k != nil {
		return nil, Errorf(ReasonTokenTaken, "the supplied token belongs to key %s already", k.ID).OnKey(k.ID)
	}
	return tried, nil
}

// errOvertaken says that the work before the lock must be done again: a key came
// meanwhile which a supplied token must be tried on first, and that not under the
// lock, since the hash is slow; or another policy.
var errOvertaken = errors.New("another change came first")

// stillUnused looks under the lock for keys that the token was not tried on.
func (s *Service) stillUnused(ctx context.Context, tx Tx, token string, tried []Key) error {
	if token == "" {
		return nil
	}
	find, err := s.present(token, s.now(), true)
	if err != nil {
		return err
	}
	list, err := tx.Candidates(ctx, find.Presented)
	for _, k := range list {
		if !slices.ContainsFunc(tried, func(t Key) bool { return t.ID == k.ID && t.Hash == k.Hash }) {
			return errOvertaken
		}
	}
	return err
}
