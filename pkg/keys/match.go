package keys

import "context"

// match returns the key that the token belongs to, whatever its status, nil for
// none. ReasonSecret says that there may be one that cannot be found without the
// server's secret.
func (s *Service) match(ctx context.Context, token string, now Instant) (*Key, search, error) {
	find, err := s.present(token, now, true)
	if err != nil {
		return nil, find, err
	}
	list, err := s.candidates(ctx, find)
	if err != nil {
		return nil, find, err
	}
	k, err := s.matching(ctx, list, find)
	if k == nil && err == nil {
		find.skipped = s.skipped(list, find)
	}
	switch r := s.rules(); {
	case err != nil || k != nil:
	case find.blind:
		err = s.checkSecretFor(HMACSHA256, r, true)
	case find.Selector != "" && len(list) == 0 && r.Hash.Scheme.Slow(): // so that it takes as long as a wrong secret
		DummyCompare(find.hashed, r.Hash.Cost)
	}
	return k, find, err
}

// candidates returns the keys that a token may belong to. What the server takes
// for no token belongs to none.
func (s *Service) candidates(ctx context.Context, find search) (list []Key, err error) {
	if !find.possible && s.rules().Form != nil {
		return nil, nil
	}
	err = s.Store.View(ctx, func(r Reader) error {
		list, err = r.Candidates(ctx, find.Presented)
		return err
	})
	return list, err
}

// matching returns the key of the list that the token belongs to, nil for none. A
// row whose hash cannot be computed, or is not one for the server, never matches,
// and hides no other. Many slow hashes take a while, so ctx can end it between any
// two.
func (s *Service) matching(ctx context.Context, list []Key, find search) (*Key, error) {
	rules := s.rules()
	for i := range list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		k := &list[i]
		if !rules.Hash.Acceptable(k.Hash) {
			continue
		}
		if ok, err := k.Scheme.Matches(k.Hash, find.hashed, s.Secret); err == nil && ok {
			return k, nil
		}
	}
	return nil, nil
}

// skipped returns the keys of the list that the server would compare the token with
// and this program does not, since their hashes cost too much.
func (s *Service) skipped(list []Key, find search) (skipped []Key) {
	rules := s.rules()
	for i := range list {
		k := &list[i]
		meant := find.Selector != "" || k.Status(find.Now) == Active
		if meant && rules.Hash.Acceptable(k.Hash) && TooCostly(k.Scheme.Check(k.Hash)) {
			skipped = append(skipped, *k)
		}
	}
	return skipped
}
