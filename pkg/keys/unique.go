package keys

import "context"

// labelFree refuses a label that another usable key without a successor has.
func (s *Service) labelFree(ctx context.Context, tx Tx, k *Key, now Instant) error {
	if k.Label == "" || k.Successor != "" || !usable(k, now) {
		return nil
	}
	policy, err := tx.Policy(ctx)
	if err != nil || !policy.UniqueLabels {
		return err
	}
	same, err := tx.Page(ctx, Query{Now: now, Statuses: []Status{Active, Pending}, Ref: &RefQuery{Label: k.Label}})
	for i := range same {
		if same[i].ID != k.ID {
			return Errorf(ReasonLabelTaken, "the label %q belongs to key %s already", PrintableText(k.Label), same[i].ID).OnKey(same[i].ID)
		}
	}
	return err
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
