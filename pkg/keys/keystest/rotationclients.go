package keystest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// expected is what clients must get for the tokens of a rotation; "" is either.
type expected struct {
	old, next        string
	oldWant, newWant verdict
}

// verdict is whether a token must be accepted.
type verdict int

const (
	either verdict = iota
	accepted
	rejected
)

// clients present tokens over and over.
type clients struct {
	want   atomic.Pointer[expected]
	checks [2]atomic.Int64
	stop   chan struct{}
	done   sync.WaitGroup
}

// servesRotation keeps clients verifying, the old token and the new one, through a
// rotation, its overlap and its end.
func servesRotation(l *lab) {
	c := newClock()
	s := l.timed(l.store, c)
	l.create(s, l.request()) // for the guard
	old := l.create(s, l.request())
	k := &clients{stop: make(chan struct{})}
	k.want.Store(&expected{old: old.Token, oldWant: accepted})
	for i := range k.checks {
		service := l.timed(l.open(), c)
		k.done.Go(func() { k.present(l, service, i) })
	}
	defer k.done.Wait()
	defer close(k.stop)
	k.wait()
	got := l.rotate(s, l.rotation(old.Key))
	k.expect(expected{old.Token, got.New.Token, accepted, accepted})
	for range 10 {
		c.move(overlap / 11)
		k.wait()
	}
	c.set(got.OverlapEnds.Add(-time.Millisecond))
	k.wait()
	k.expect(expected{old.Token, got.New.Token, either, accepted})
	c.set(got.OverlapEnds)
	if !got.EndsItself {
		q := finishing(old.Key.ID)
		q.Force = l.fields.Has(keys.FieldLastUsedAt) && l.rules.Server == ""
		_, err := s.Finish(ctx, q)
		l.must(err)
	}
	for range 3 {
		k.expect(expected{old.Token, got.New.Token, rejected, accepted})
		c.move(overlap)
	}
}

// expect changes what clients must get, and waits until each has looked.
func (k *clients) expect(want expected) {
	k.want.Store(&want)
	k.wait()
}

// wait lets every client begin and end a check.
func (k *clients) wait() {
	for i := range k.checks {
		for from := k.checks[i].Load(); k.checks[i].Load() < from+2; {
			time.Sleep(100 * time.Microsecond)
		}
	}
}

func (k *clients) present(l *lab, s *keys.Service, i int) {
	for {
		select {
		case <-k.stop:
			return
		default:
		}
		want := k.want.Load()
		k.check(l, s, want, want.old, want.oldWant, "old")
		k.check(l, s, want, want.next, want.newWant, "new")
		k.checks[i].Add(1)
	}
}

func (k *clients) check(l *lab, s *keys.Service, want *expected, token string, w verdict, which string) {
	if w == either || token == "" {
		return
	}
	got, err := s.Verify(ctx, token, keys.Request{})
	if k.want.Load() != want { // the answer may be about either
		return
	}
	if err != nil || got.Accepted != (w == accepted) {
		l.errorf("at %s the %s token is answered with %s, %v", keys.At(s.Now()), which, got.Outcome, err)
	}
}
