package keys

import "context"

// guardRotation is the guard of a rotation whose keys are written already. Successors
// that do not last replace nobody: their old keys count as ones that are revoked.
func (s *Service) guardRotation(ctx context.Context, tx Tx, p *plan, now Instant) (forced bool, err error) {
	var before []Key
	var done []Change
	for _, t := range p.turns {
		if (t.result == Created && p.Expires || t.advanced) && !t.lasts(now) {
			before, done = append(before, *t.old), append(done, Change{Key: t.after})
		}
	}
	if len(before) == 0 {
		return false, nil
	}
	return s.guardChange(ctx, tx, before, done, now, p.Force)
}

// lasts tells whether the successor lives for another [GuardHorizon], or as long as the
// old key would have.
func (t *turn) lasts(now Instant) bool {
	end, was := t.issued.Key.ExpiresAt, t.old.ExpiresAt
	return !end.Reached(now.Add(GuardHorizon)) || !was.IsNone() && end.Millis() >= was.Millis()
}
