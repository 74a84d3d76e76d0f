package keystest

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// clock is a moment that a case moves.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.set(now)
	return c
}

func (c *clock) now() time.Time       { return keys.Millis(c.ms.Load()).Time() }
func (c *clock) at() keys.Instant     { return keys.Millis(c.ms.Load()) }
func (c *clock) set(at keys.Instant)  { c.ms.Store(at.Millis()) }
func (c *clock) move(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// timed returns the use cases over a handle, by the clock.
func (l *lab) timed(s keys.Store, c *clock) *keys.Service {
	service := l.service(s)
	service.Now = c.now
	return service
}

// finishing asks for the end of rotations, by the ids of keys; without any, of all that
// are due.
func finishing(ids ...string) keys.FinishRequest {
	q := keys.FinishRequest{Due: len(ids) == 0}
	for _, id := range ids {
		q.Refs = append(q.Refs, keys.IDRef(id))
	}
	return q
}

// finishes ends rotations too early, in time, and twice.
func finishes(l *lab) {
	c := newClock()
	s := l.timed(l.store, c)
	l.create(s, l.request()) // for the guard
	old := l.create(s, l.request())
	got := l.rotate(s, l.rotation(old.Key))
	c.move(time.Minute)
	l.early(s, old.Key.ID, got.New.Key.ID)
	if l.fields.Has(keys.FieldLastUsedAt) {
		l.finishesUsed(s, c)
	}
	c.set(got.OverlapEnds)
	status := func(want int) {
		list, err := s.Rotations(ctx)
		l.must(err)
		due := slices.DeleteFunc(list, func(r keys.Rotation) bool { return r.State != keys.RotationDue })
		if len(due) != want {
			l.errorf("%d rotations are due, want %d: %+v", len(due), want, list)
		}
	}
	if got.EndsItself {
		status(0)
		l.ends(s, got, keys.Unchanged)
		return
	}
	status(1)
	if l.fields.Has(keys.FieldLastUsedAt) { // and used keys show that use is recorded
		done, err := s.Finish(ctx, finishing())
		if l.must(err); len(done) != 1 || !done[0].Left || done[0].Result != keys.Unchanged {
			l.errorf("finishing what is due and unused gives %+v", done)
		}
		q := finishing(old.Key.ID)
		q.Force = true
		_, err = s.Finish(ctx, q)
		l.must(err)
	}
	l.ends(s, got, l.endResult())
	status(0)
}

// endResult is what finishing does here.
func (l *lab) endResult() keys.Result {
	switch {
	case l.fields.Has(keys.FieldLastUsedAt):
		return keys.Unchanged // it was forced
	case l.rules.Revoke == keys.RevokeNone:
		return keys.Deleted
	}
	return keys.Changed
}

// early notes a rotation that can be finished although its successor may be unused.
func (l *lab) early(s *keys.Service, ids ...string) {
	before := l.shadow()
	for _, id := range ids {
		_, err := s.Finish(ctx, finishing(id))
		l.want(err, keys.ReasonTooEarly, "finishing too early, by %s", id)
	}
	done, err := s.Finish(ctx, finishing())
	if err != nil || len(done) != 0 {
		l.errorf("finishing what is due gives %+v, %v", done, err)
	}
	l.unchanged(before, "finishing too early")
}

// ends finishes a rotation twice, by either name.
func (l *lab) ends(s *keys.Service, got keys.Rotated, want keys.Result) {
	before := len(l.shadow().Audit)
	done, err := s.Finish(ctx, finishing(got.New.Key.ID))
	if l.must(err); len(done) != 1 || done[0].Result != want || done[0].Key.ID != got.Old.ID {
		l.errorf("finishing gives %+v, want %s", done, want)
	}
	events := l.shadow().Audit[before:]
	if (want == keys.Unchanged) != (len(events) == 0) || len(events) > 0 && events[0].Action != keys.ActionFinish {
		l.errorf("finishing is recorded as %+v", events)
	}
	if want == keys.Deleted {
		return
	}
	if done, err = s.Finish(ctx, finishing(got.Old.ID)); err != nil || done[0].Result != keys.Unchanged || done[0].Key.Status(keys.At(s.Now())) == keys.Active {
		l.errorf("finishing again gives %+v, %v", done, err)
	}
}

// finishesUsed: once the successor is used there is nothing to wait for.
func (l *lab) finishesUsed(s *keys.Service, c *clock) {
	old := l.create(s, l.request())
	got := l.rotate(s, l.rotation(old.Key))
	k := l.current(got.New.Key)
	k.LastUsedAt = c.at().Add(2 * time.Second)
	l.replace(&k)
	list, err := s.Rotations(ctx, keys.IDRef(old.Key.ID))
	if l.must(err); list[0].Use != keys.InUse || list[0].StillUsed {
		l.errorf("a used successor gives %+v", list)
	}
	result := keys.Changed
	if l.rules.Revoke == keys.RevokeNone {
		result = keys.Deleted
	}
	l.ends(s, got, result)
}
