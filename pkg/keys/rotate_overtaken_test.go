package keys_test

import (
	"context"
	"errors"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// meddled is a store where somebody else is faster: before the lock is had for the
// last time, something happens.
type meddled struct {
	keys.Store
	after int // so many times nothing does
	first func()
}

func (m *meddled) Update(ctx context.Context, fn func(keys.Tx) error) error {
	if m.after--; m.after < 0 && m.first != nil {
		first := m.first
		m.first = nil
		first()
	}
	return m.Store.Update(ctx, fn)
}

// What happens between the look and the lock is noticed, by the table or without it.
func TestRotateIsOvertaken(t *testing.T) {
	for name, b := range lineages(t) {
		b.made(keys.CreateRequest{BcryptCost: 4})
		old := b.made(keys.CreateRequest{BcryptCost: 4}).Key
		q := rotate(old.ID, day)
		q.BcryptCost = 4
		var won keys.Rotated
		slow := *b.Service
		slow.Store = &meddled{b.m, 0, func() { won = b.rotated(q) }}
		_, err := slow.Rotate(t.Context(), q, quiet{})
		wantReason(t, name, err, keys.ReasonAlreadyRotated)
		var e *keys.Error
		if !errors.As(err, &e) || len(e.Matches) != 1 || e.Matches[0].ID != won.New.Key.ID {
			t.Errorf("%s: %+v", name, e)
		}
		q.Refs = idRefs(won.New.Key.ID)
		slow.Store = &meddled{b.m, 0, func() {
			if _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: q.Refs, Force: true}); err != nil {
				t.Fatal(err)
			}
		}}
		_, err = slow.Rotate(t.Context(), q, quiet{})
		wantReason(t, name+": revoked meanwhile", err, keys.ReasonNotUsable)
	}
}

// A key that was named by its label, or chosen by it, and rotated by somebody else
// meanwhile is not rotated a second time under that label.
func TestRotateByLabelIsOvertaken(t *testing.T) {
	for name, b := range lineages(t) {
		for how, q := range map[string]keys.ChangeRequest{
			"label":  {Refs: []keys.Ref{keys.TextRef("ci")}},
			"filter": {Where: &keys.Query{LabelGlob: "c*"}},
		} {
			b.made(keys.CreateRequest{BcryptCost: 4})
			old := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci"}, BcryptCost: 4}).Key
			mine := rotate(old.ID, day)
			mine.BcryptCost = 4
			theirs := mine
			theirs.ChangeRequest = q
			var won keys.Rotated
			slow := *b.Service
			slow.Store = &meddled{b.m, 0, func() { won = b.rotated(mine) }}
			_, err := slow.Rotate(t.Context(), theirs, quiet{})
			wantReason(t, name+" by "+how, err, keys.ReasonAlreadyRotated)
			if e := (*keys.Error)(nil); !errors.As(err, &e) || len(e.Matches) != 1 || e.Matches[0].ID != won.New.Key.ID {
				t.Errorf("%s by %s: %+v", name, how, e)
			}
			if _, err := b.Delete(t.Context(), keys.ChangeRequest{Where: &keys.Query{LabelGlob: "c*"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A successor that comes into use while a fresh secret is made for it keeps the old one.
func TestRotateAgainIsOvertakenByUse(t *testing.T) {
	b := nativeBench(t)
	q := rotate(b.made(keys.CreateRequest{}).Key.ID, day)
	q.RequestID = "r"
	got := b.rotated(q)
	slow := *b.Service
	slow.Store = &meddled{b.m, 0, func() {
		b.patch(got.New.Key.ID, func(k *keys.Key) { k.LastUsedAt = keys.At(noon.Add(day)) })
	}}
	_, err := slow.Rotate(t.Context(), q, quiet{})
	wantReason(t, "used meanwhile", err, keys.ReasonAlreadyRotated)
	b.accepts("the token in use", got.New.Token, keys.OK)
}

// A finish that is overtaken by another changes nothing twice.
func TestFinishIsOvertaken(t *testing.T) {
	b := nativeBench(t)
	b.made(keys.CreateRequest{})
	got := b.rotated(rotate(b.made(keys.CreateRequest{}).Key.ID, day))
	f := keys.FinishRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(got.Old.ID), Force: true}}
	slow := *b.Service
	slow.Store = &meddled{b.m, 0, func() {
		if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs(got.New.Key.ID), Force: true}); err != nil {
			t.Fatal(err)
		}
	}}
	_, err := slow.Finish(t.Context(), f)
	wantReason(t, "the successor was deleted meanwhile", err, keys.ReasonNotRotated)
	if k := b.stored(got.Old.ID); !k.Enabled {
		t.Error("the old key was switched off all the same")
	}
}
