package keys

import (
	"context"
	"slices"
)

// replaceKeys is the part of Rotate that holds the lock. The list issued, which is
// that of the plan, gets what the table keeps of the keys before it is delivered.
func (s *Service) replaceKeys(ctx context.Context, tx Tx, p *plan, issued []Issued) error {
	now := s.now()
	if err := s.claimIfOpen(ctx, tx, now); err != nil {
		return err
	}
	made, err := s.insertSuccessors(ctx, tx, p, now)
	if err != nil {
		return err
	}
	var events []Event
	for _, t := range p.turns {
		some, err := s.replaceOne(ctx, tx, p, t, now)
		if err != nil {
			return err
		}
		events = append(events, some...)
	}
	if err := s.stillAllowed(ctx, tx, p, made, now); err != nil {
		return err
	}
	forced, err := s.guardRotation(ctx, tx, p, now)
	if err == nil {
		err = recordRotation(ctx, tx, events, forced)
	}
	copy(issued, p.issued())
	return err
}

func recordRotation(ctx context.Context, tx Tx, events []Event, forced bool) error {
	for i := range events {
		events[i].Forced = forced && events[i].Action == ActionRotate
	}
	for some := range slices.Chunk(events, atOnce) {
		if err := tx.Record(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// insertSuccessors writes the new keys, which get the ids that the database assigns,
// and returns them.
func (s *Service) insertSuccessors(ctx context.Context, tx Tx, p *plan, now Instant) (list []Key, err error) {
	without := lacking(s.Store.Info().Fields)
	var turns []*turn
	for _, t := range p.turns {
		if t.result == Created {
			k := t.issued.Key
			k.CreatedAt, k.UpdatedAt = now, now
			k.drop(without)
			turns, list = append(turns, t), append(list, k)
		}
	}
	for some := range slices.Chunk(list, atOnce) {
		if err := tx.Insert(ctx, some); err != nil {
			return nil, err
		}
	}
	for i, t := range turns {
		t.issued.Key = list[i]
	}
	return list, nil
}

// stillAllowed holds the new keys to what the policy asks of several keys together.
func (s *Service) stillAllowed(ctx context.Context, tx Tx, p *plan, made []Key, now Instant) error {
	if len(made) == 0 {
		return nil
	}
	if err := s.slowAllowed(ctx, tx, p.policy, made, now); err != nil {
		return err
	}
	return s.policyAllows(ctx, tx, p.policy, made, now)
}

// replaceOne does a turn, but for what was inserted, and returns its events.
func (s *Service) replaceOne(ctx context.Context, tx Tx, p *plan, t *turn, now Instant) ([]Event, error) {
	var err error
	switch t.result {
	case Created:
		err = s.retire(ctx, tx, p, t, now)
	case Changed:
		if err = s.write(ctx, tx, t.next, &t.issued.Key, now); err == nil {
			err = s.advance(ctx, tx, p, t, now)
		}
	case Unchanged:
		err = s.advance(ctx, tx, p, t, now)
	}
	if err != nil {
		return nil, err
	}
	t.issued.Advice = t.adviceOnLife()
	if !p.DryRun {
		t.issued.Advice = append(t.issued.Advice, s.adviceOnSuccessor(t, now)...)
	}
	return s.rotationEvents(p, t, now), nil
}

// recall tells how a rotation that was made before stands.
func (s *Service) recall(t *turn, now Instant) {
	if t.old == nil {
		t.ended = true
		return
	}
	t.after = *t.old
	t.ended = s.Store.Info().Fields.Has(FieldExpiresAt) || !usable(t.old, now)
	if s.Store.Info().Fields.Has(FieldExpiresAt) {
		t.told.Ends = t.old.ExpiresAt
	}
}

// retire makes the new key of a turn the successor of the old one, and ends that.
func (s *Service) retire(ctx context.Context, tx Tx, p *plan, t *turn, now Instant) error {
	k := *t.old
	dangling := k.Successor != ""
	k.Successor = t.issued.Key.ID
	ends := s.endOld(p, &k, now)
	t.ended = s.Store.Info().Fields.Has(FieldExpiresAt) || p.atOnce()
	if err := s.write(ctx, tx, t.old, &k, now); err != nil {
		return err
	}
	if dangling {
		if err := s.labelFree(ctx, tx, &t.issued.Key, now); err != nil {
			return err
		}
	}
	t.after, t.told = k, succession{Successor: t.issued.Key.ID, Created: t.issued.Key.CreatedAt, Ends: ends, RequestID: p.RequestID}
	if !k.ExpiresAt.IsNone() {
		t.told.Ends = k.ExpiresAt // as the table keeps it
	}
	return nil
}

// write makes k of a stored key, where that is another one.
func (s *Service) write(ctx context.Context, tx Tx, was, k *Key, now Instant) error {
	k.drop(lacking(s.Store.Info().Fields))
	if alike(*was, *k) {
		return nil
	}
	return s.replace(ctx, tx, k, now)
}

// adviceOnSuccessor is what to know of the new key, and of the old one where that ends
// at once.
func (s *Service) adviceOnSuccessor(t *turn, now Instant) (advice []string) {
	r, path := s.rules(), s.Store.Info().Path
	if t.result != Unchanged {
		advice = r.adviceOnNew(ActionRotate, &t.issued.Key, path)
	}
	if (t.result == Created || t.advanced) && !usable(&t.after, now) {
		advice = append(advice, r.adviceOn(ActionRevoke, &t.after, path)...)
	}
	return advice
}
