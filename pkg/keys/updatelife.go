package keys

import "context"

// tellLonger adds to changes what to know of keys whose end came later or went away: one
// that was replaced lives on beyond the overlap by that. What the audit tells of them is
// read once nothing of the database is held any more.
func (s *Service) tellLonger(ctx context.Context, done []Change, longer map[string]bool) {
	var list []Key
	for i := range done {
		if c := &done[i]; c.Result == Changed && longer[c.Key.ID] && usable(&c.Key, s.now()) {
			list = append(list, c.Key)
		}
	}
	if len(list) == 0 {
		return
	}
	kin, err := s.Kin(ctx, list)
	if err != nil { // the change is made all the same
		return
	}
	next := map[string]string{}
	for i := range kin {
		next[kin[i].ID] = kin[i].Successor
	}
	for i := range done {
		if k := &done[i].Key; next[k.ID] != "" {
			done[i].Advice = append(done[i].Advice, "key "+k.ID+" was replaced by "+next[k.ID]+"; this lets it live on")
		}
	}
}

// outlives tells whether k ends later than it did.
func (k *Key) outlives(was *Key) bool {
	end, before := k.ExpiresAt, was.ExpiresAt
	return !before.IsNone() && (end.IsNone() || end.Millis() > before.Millis())
}
