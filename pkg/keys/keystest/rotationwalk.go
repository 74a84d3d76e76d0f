package keystest

import (
	"errors"
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// expectable are the refusals that a random rotation may meet.
var expectable = []keys.Reason{
	keys.ReasonNotUsable, keys.ReasonAlreadyRotated, keys.ReasonNotRotated, keys.ReasonTooEarly, keys.ReasonNotFound, keys.ReasonDeleted,
	keys.ReasonLabelTaken, keys.ReasonUnsupported, keys.ReasonInvalid, keys.ReasonPolicy,
}

// walk is a random sequence of changes, with what is known of the keys in it.
type walk struct {
	*lab
	clock   *clock
	service *keys.Service
	parent  map[string]string // the id of the key that each replaced
}

func rotatesAtRandom(l *lab) {
	for range l.rounds(8) {
		c := newClock()
		w := &walk{l, c, l.timed(l.store, c), map[string]string{}}
		for range 3 {
			l.insert(l.rotatable())
		}
		for range 25 {
			w.step()
			if len(l.failures) > 0 {
				return
			}
		}
		l.empty()
	}
}

// step does one thing to one key.
func (w *walk) step() {
	w.clock.move(time.Duration(w.rnd.IntN(10)*w.rnd.IntN(3_600_000)) * time.Millisecond)
	list := w.stored()
	if len(list) == 0 {
		return
	}
	k := list[w.rnd.IntN(len(list))]
	q := keys.ChangeRequest{Refs: refs(k), Force: true}
	var err error
	switch w.rnd.IntN(10) {
	default:
		err = w.rotate(k, list)
	case 0:
		_, err = w.service.Revoke(ctx, q)
	case 1:
		_, err = w.service.Activate(ctx, q)
	case 2:
		if _, err = w.service.Delete(ctx, q); err == nil {
			delete(w.parent, k.ID)
		}
	case 3, 4:
		_, err = w.service.Finish(ctx, keys.FinishRequest{ChangeRequest: keys.ChangeRequest{Refs: refs(k), Force: w.chance(50)}})
		w.shorter(list, "finishing")
	}
	var refusal *keys.Error
	if err != nil && !(errors.As(err, &refusal) && (slices.Contains(expectable, refusal.Reason) || refusal.Reason == w.guardReason())) {
		w.errorf("%w", err)
	}
	w.single()
}

func (w *walk) rotate(k keys.Key, list []keys.Key) error {
	q := w.rotation(k)
	q.Overlap = []time.Duration{0, time.Millisecond, 999 * time.Millisecond, time.Hour, 1000 * time.Hour}[w.rnd.IntN(5)]
	q.RequestID = []string{"", "", "a", "b"}[w.rnd.IntN(4)]
	if w.chance(30) && w.fields.Has(keys.FieldExpiresAt) {
		q.Expires, q.ExpiresAt = true, w.clock.at().Add(time.Duration(48+w.rnd.IntN(100))*time.Hour)
	}
	done, err := w.service.Rotate(ctx, q, delivered{})
	w.shorter(list, "a rotation")
	if err != nil {
		return err
	}
	r := done[0]
	w.used[r.New.Key.ID] = true
	if r.Result == keys.Created {
		w.parent[r.New.Key.ID] = k.ID
		kept := heritage & w.fields
		if q.Expires {
			kept = kept.Without(keys.FieldsOf(keys.FieldExpiresAt))
		}
		w.sameIn(kept, r.New.Key, k, "a successor")
		if r.Old.ID != k.ID {
			w.errorf("rotating %s gives %+v", k.ID, r)
		}
	}
	return nil
}

// shorter notes keys whose life was lengthened, or which are another's.
func (w *walk) shorter(before []keys.Key, what string) {
	for _, is := range w.stored() {
		for _, was := range before {
			if was.ID != is.ID {
				continue
			}
			longer := !was.ExpiresAt.IsNone() && (is.ExpiresAt.IsNone() || is.ExpiresAt.Millis() > was.ExpiresAt.Millis())
			if longer || is.Enabled && !was.Enabled || is.NotBefore != was.NotBefore {
				w.errorf("%s lengthens the life of %+v\nto %+v", what, was, is)
			}
			w.sameIn(heritage.Without(keys.FieldsOf(keys.FieldExpiresAt))&w.fields, is, was, "%s", what)
		}
	}
}

// single notes keys with two successors that are alive.
func (w *walk) single() {
	children := map[string]int{}
	for _, k := range w.stored() {
		if s := k.Status(w.clock.at()); w.parent[k.ID] != "" && (s == keys.Active || s == keys.Pending) {
			children[w.parent[k.ID]]++
		}
	}
	for id, n := range children {
		if n > 1 {
			w.errorf("%s has %d successors", id, n)
		}
	}
}
