package keystest

import (
	"errors"
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func repeatsRotation(l *lab) {
	s := l.service(l.store)
	old := l.create(s, l.request()).Key
	q := l.rotation(old)
	q.RequestID = "run 7/1"
	first := l.rotate(s, q)
	again := first
	for _, by := range []string{old.ID, first.New.Key.ID, old.ID} {
		q.Refs = []keys.Ref{keys.IDRef(by)}
		next := l.rotate(l.service(l.open()), q)
		if next.Result != keys.Changed || next.New.Key.ID != first.New.Key.ID || next.Old.ID != old.ID || next.OverlapEnds != first.OverlapEnds {
			l.errorf("the same request again gives %+v", next)
		}
		l.sameIn(heritage&l.fields, next.New.Key, old, "a successor with a fresh secret")
		l.outcome(again.New.Token, keys.Unknown, "the secret before")
		l.outcome(next.New.Token, keys.OK, "a fresh secret")
		again = next
	}
	if n := len(l.stored()); n != 2 {
		l.errorf("one rotation left %d keys", n)
	}
	q.RequestID = "run 7/2"
	l.names(l.notRotated(s, q, keys.ReasonAlreadyRotated, "by another request"), first.New.Key.ID)
	if l.fields.Has(keys.FieldLastUsedAt) {
		k := l.current(again.New.Key)
		k.LastUsedAt = now.Add(time.Hour)
		l.replace(&k)
		q.RequestID = "run 7/1"
		l.names(l.notRotated(s, q, keys.ReasonAlreadyRotated, "by the same request, once it is used"), first.New.Key.ID)
	}
}

// repeatsSooner: a request that comes again ends the old key earlier, and never later.
func repeatsSooner(l *lab) {
	if !l.fields.Has(keys.FieldExpiresAt) && !l.revocable() {
		l.skip("keys of this table can only be deleted")
	}
	s := l.service(l.store)
	l.create(s, l.request())
	old := l.create(s, l.request())
	q := l.rotation(old.Key)
	q.RequestID = "run 8"
	first := l.rotate(s, q)
	q.Overlap *= 2
	if again := l.rotate(s, q); again.OverlapEnds != first.OverlapEnds {
		l.errorf("a longer overlap ends at %s, not at %s", again.OverlapEnds, first.OverlapEnds)
	}
	q.Overlap = 0
	again := l.rotate(s, q)
	if !again.EndsItself || again.New.Key.ID != first.New.Key.ID || !again.OverlapEnds.Reached(now) {
		l.errorf("no overlap gives %+v", again)
	}
	l.outcome(again.New.Token, keys.OK, "the fresh secret")
	if list, err := l.service(l.open()).Rotations(ctx, keys.IDRef(old.Key.ID)); err != nil || list[0].State != keys.RotationFinished {
		l.errorf("the rotation is then %+v, %v", list, err)
	}
}

func suppliesSuccessor(l *lab) {
	s := l.service(l.store)
	old := l.create(s, l.request())
	q := l.rotation(old.Key)
	q.Supplied, q.Scheme, q.BcryptCost = l.supplied("a-successor-that-a-person-thought-up"), l.suppliable()[0], max(4, l.rules.Hash.LeastCost)
	got := l.rotate(s, q)
	l.outcome(q.Supplied, keys.OK, "a supplied successor")
	before := l.shadow()
	if again := l.rotate(s, q); again.Result != keys.Unchanged || again.New.Token != "" || again.New.Key.ID != got.New.Key.ID {
		l.errorf("the same token again gives %+v", again)
	}
	l.unchanged(before, "the same token again")
	other := l.create(s, l.request()).Key
	q.Refs = refs(other)
	l.notRotated(s, q, keys.ReasonTokenTaken, "to a token that another key has")
}

func rotatesMany(l *lab) {
	s := l.service(l.store)
	var list []keys.Key
	for _, label := range []string{"many-1", "many-2", "few-1"} {
		list = append(list, l.create(s, l.labelled(label)).Key)
	}
	l.rotate(s, l.rotation(list[1]))
	q := l.rotation()
	q.Where = &keys.Query{LabelGlob: "few-*"}
	if q.Expect = 2; l.notRotated(s, q, keys.ReasonOtherCount, "fewer than expected") == nil {
		return
	}
	q.Where, q.Expect = &keys.Query{LabelGlob: "many-1"}, 1
	done, err := s.Rotate(ctx, q, delivered{})
	if l.must(err); len(done) != 1 || done[0].Old.ID != list[0].ID {
		l.errorf("rotating by label gives %+v", done)
	}
	q.Where, q.Expect = &keys.Query{LabelGlob: "none-*"}, 0
	l.notRotated(s, q, keys.ReasonNotFound, "by a label that no key has")
}

func rotatesAllOrNone(l *lab) {
	list := []keys.Key{l.inserted(l.plainKey()), l.inserted(l.plainKey())}
	before, broken := l.shadow(), errors.New("broken")
	for _, d := range []delivered{{stage: broken}, {deliver: broken}, {deliver: broken, seen: true}} {
		if _, err := l.service(l.store).Rotate(ctx, l.rotation(list...), d); err == nil {
			l.errorf("%+v is no error", d)
		}
		l.unchanged(before, "%+v", d)
	}
	for takes := range 4 {
		_, err := l.service(failing{l.store, takes}).Rotate(ctx, l.rotation(list...), delivered{})
		l.wantUnrecorded(err, "a rotation")
		l.unchanged(before, "a rotation without audit")
	}
	q := l.rotation(list...)
	q.DryRun = true
	done, err := l.service(l.store).Rotate(ctx, q, delivered{deliver: broken})
	if err != nil || len(done) != 2 || done[1].Result != keys.Created {
		l.errorf("a dry run gives %+v, %v", done, err)
	}
	l.unchanged(before, "a dry run")
	if done, err = l.service(l.store).Rotate(ctx, l.rotation(list...), delivered{}); err != nil || len(done) != 2 || done[1].Old.ID != list[1].ID {
		l.errorf("the same at last gives %+v, %v", done, err)
	}
}

// rotatesAtOnce: a leaked key is accepted no longer.
func rotatesAtOnce(l *lab) {
	s := l.service(l.store)
	old := l.create(s, l.request()) // the last one: its successor replaces it
	q := l.rotation(old.Key)
	q.Overlap, q.Reason = 0, "leaked"
	if !l.fields.Has(keys.FieldExpiresAt) && !l.revocable() {
		l.skip("keys of this table can only be deleted")
	}
	got := l.rotate(s, q)
	if !got.EndsItself || got.OverlapEnds.IsNone() || !got.OverlapEnds.Reached(now) {
		l.errorf("rotating at once gives %+v", got)
	}
	outcome := keys.KeyRevoked
	if l.fields.Has(keys.FieldExpiresAt) {
		outcome = keys.KeyExpired
	}
	l.outcome(old.Token, outcome, "the old token")
	l.outcome(got.New.Token, keys.OK, "the new token")
	left, err := s.Rotations(ctx)
	l.must(err)
	if slices.ContainsFunc(left, func(r keys.Rotation) bool { return r.Old.ID == old.Key.ID }) {
		l.errorf("a rotation at once is left open: %+v", left)
	}
}
