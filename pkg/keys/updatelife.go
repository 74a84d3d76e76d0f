package keys

import "context"

// tellLonger adds to changes what to know of keys that are accepted for longer than they
// were: one that was replaced lives on by that. What the audit tells of them is read once
// nothing of the database is held any more.
func (s *Service) tellLonger(ctx context.Context, done []Change, longer map[string]bool) {
	var list []Key
	for i := range done {
		if c := &done[i]; c.Result == Changed && longer[c.Key.ID] && usable(&c.Key, s.now()) {
			list = append(list, c.Key)
		}
	}
	line, err := s.lineage(ctx, list)
	if err != nil || len(list) == 0 { // the change is made all the same
		return
	}
	told := map[string]string{}
	err = s.Store.View(ctx, func(r Reader) (err error) {
		for i := 0; i < len(list) && err == nil; i++ {
			told[list[i].ID], err = s.livesOn(ctx, r, line, &list[i])
		}
		return err
	})
	for i := range done {
		if text := told[done[i].Key.ID]; err == nil && text != "" {
			done[i].Advice = append(done[i].Advice, text)
		}
	}
}

// livesOn says that a key was replaced, and whether a rotation that is finished when due
// takes that back; "" if it was not.
func (s *Service) livesOn(ctx context.Context, r Reader, line *lineage, k *Key) (string, error) {
	next, told, err := line.after(ctx, r, k)
	if next == nil || err != nil {
		return "", err
	}
	text, now := "key "+k.ID+" was replaced by "+next.ID+"; this lets it live on", s.now()
	b := &bond{k, next, told}
	if err := line.live(ctx, r, b, now); err != nil {
		return "", err
	}
	rotation, err := b.rotation(ctx, r, &recording{held: s.Store.Info().Fields}, now)
	if rotation.State == RotationDue && rotation.tooEarly(now) == nil {
		text += ", until rotate --finish --due ends it again"
	}
	return text, err
}

// outlives tells whether k is accepted for longer than it was: it ends later, or it was
// switched off.
func (k *Key) outlives(was *Key, now Instant) bool {
	end, before := k.ExpiresAt, was.ExpiresAt
	return !usable(was, now) || !before.IsNone() && (end.IsNone() || end.Millis() > before.Millis())
}
