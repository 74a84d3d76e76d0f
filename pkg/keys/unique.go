package keys

import "context"

// labelFree refuses a label that another key without a successor holds.
func (s *Service) labelFree(ctx context.Context, tx Tx, k *Key, now Instant) error {
	if k.Label == "" || !k.holds(now) {
		return nil
	}
	policy, err := tx.Policy(ctx)
	if err != nil || !policy.UniqueLabels {
		return err
	}
	same, err := tx.Page(ctx, Query{Now: now, Holding: true, Ref: &RefQuery{Label: k.Label}})
	for i := range same {
		if same[i].ID != k.ID {
			return Errorf(ReasonLabelTaken, "the label %q belongs to key %s already", PrintableText(k.Label), same[i].ID).OnKey(same[i].ID)
		}
	}
	return err
}

// holds tells whether the key has its label for itself: it has no successor, and is
// accepted or will be without anybody doing anything.
func (k *Key) holds(now Instant) bool {
	back := k.Enabled || !k.RevokedUntil.IsNone()
	return k.Successor == "" && back && !k.ExpiresAt.Reached(now)
}

// usable tells whether the key is accepted, or will be once its time comes.
func usable(k *Key, now Instant) bool {
	s := k.Status(now)
	return s == Active || s == Pending
}

// labelsFree is labelFree for new keys. The labels of many have a beginning in
// common: where no key has it, none needs to be looked up.
func (s *Service) labelsFree(ctx context.Context, tx Tx, q CreateRequest, issued []Issued, now Instant) error {
	if q.Count > 1 && q.Key.Label != "" {
		alike, err := tx.Page(ctx, Query{Now: now, Ref: &RefQuery{LabelPrefix: q.Key.Label + "-"}, Limit: 1})
		if err != nil || len(alike) == 0 {
			return err
		}
	}
	for i := range issued {
		if err := s.labelFree(ctx, tx, &issued[i].Key, now); err != nil {
			return err
		}
	}
	return nil
}
