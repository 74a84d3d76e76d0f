package keys

import (
	"context"
	"reflect"
)

// stillPlanned gives errOvertaken where under the lock something is not as it was
// when the plan was made.
func (s *Service) stillPlanned(ctx context.Context, tx Tx, p *plan) error {
	if !s.keepsLineage() {
		is, err := s.census(ctx, tx)
		if err == nil && is != p.seen {
			err = errOvertaken
		}
		if err != nil {
			return err
		}
	}
	for _, t := range p.turns {
		for _, k := range []*Key{t.old, t.next} {
			if err := s.stillSo(ctx, tx, p, k); err != nil {
				return err
			}
		}
	}
	if p.brings() {
		if err := s.stillUnused(ctx, tx, p.Supplied, p.tried); err != nil {
			return err
		}
	}
	return s.stillRuled(ctx, tx, p.rules, p.policy)
}

// stillSo gives errOvertaken where a key is not as it was read, or is usable no more.
func (s *Service) stillSo(ctx context.Context, tx Tx, p *plan, was *Key) error {
	if was == nil {
		return nil
	}
	is, err := found(tx.Key(ctx, was.ID))
	if err == nil && (is == nil || is.Used() != was.Used() || usable(is, s.now()) != usable(was, p.at) || !alike(*is, *was)) {
		err = errOvertaken
	}
	return err
}

// alike tells whether two readings of a row differ in its use at most.
func alike(a, b Key) bool {
	for _, k := range []*Key{&a, &b} {
		k.LastUsedAt, k.LastUsedFrom, k.UpdatedAt = Instant{}, "", Instant{}
	}
	return reflect.DeepEqual(a, b)
}
