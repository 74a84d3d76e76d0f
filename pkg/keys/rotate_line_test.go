package keys_test

import (
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// lineOfThree is a table without lineage in which b replaced a and c replaced b.
func lineOfThree(t *testing.T) (*bench, [3]string) {
	b := benchOf(t, scanning(), scanningFields)
	b.made(keys.CreateRequest{BcryptCost: 4})
	ids := [3]string{b.made(keys.CreateRequest{Key: keys.Key{Label: "ci"}, BcryptCost: 4}).Key.ID}
	for i := range 2 {
		b.now = b.now.Add(time.Second)
		q := rotate(ids[i], time.Hour)
		q.BcryptCost, q.RequestID = 4, string('r'+rune(i))
		ids[i+1] = b.rotated(q).New.Key.ID
	}
	return b, ids
}

// The middle of a line that is deleted leaves its place to the next key: the first
// still has one successor, and its rotation is still to be finished.
func TestDeletedMiddleOfALine(t *testing.T) {
	b, ids := lineOfThree(t)
	if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs(ids[1])}); err != nil {
		t.Fatal(err)
	}
	q := rotate(ids[0], time.Hour)
	q.BcryptCost = 4
	wantReason(t, "a second successor", b.rotating(q), keys.ReasonAlreadyRotated)
	b.now = b.now.Add(2 * time.Hour)
	done, err := b.Finish(t.Context(), keys.FinishRequest{Due: true})
	if err != nil || len(done) != 1 || done[0].Key.ID != ids[0] || done[0].Result != keys.Changed {
		t.Errorf("what is due: %+v, %v", done, err)
	}
}

// What counts is the key that clients have now, not one between that was leaked.
func TestFinishPastAnEndedSuccessor(t *testing.T) {
	b, ids := lineOfThree(t)
	if _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs(ids[1])}); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(2 * time.Hour)
	done, err := b.Finish(t.Context(), keys.FinishRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(ids[0])}})
	if err != nil || len(done) != 1 || done[0].Result != keys.Changed {
		t.Errorf("%+v, %v", done, err)
	}
}

// A job of long ago that is started again makes no key, whoever keeps the lineage.
func TestRequestBeforeTheLastOne(t *testing.T) {
	b, ids := lineOfThree(t)
	q := rotate(ids[2], time.Hour)
	q.BcryptCost, q.RequestID = 4, "r"
	wantReason(t, "by the audit", b.rotating(q), keys.ReasonAlreadyRotated)

	native := nativeBench(t)
	native.made(keys.CreateRequest{})
	id := native.made(keys.CreateRequest{Key: keys.Key{Label: "ci"}}).Key.ID
	for _, request := range []string{"r", "s"} {
		q := rotate(id, time.Hour)
		q.RequestID = request
		id = native.rotated(q).New.Key.ID
	}
	q = rotate(id, time.Hour)
	q.RequestID = "r"
	wantReason(t, "by the table", native.rotating(q), keys.ReasonAlreadyRotated)
}

// One rotation that the guard protects does not hold up the others.
func TestDueRotationUnderGuard(t *testing.T) {
	rules := scanning()
	rules.Guard, rules.AdminRole = keys.GuardAdmin, "admin"
	b := benchOf(t, rules, scanningFields|keys.FieldsOf(keys.FieldRole))
	var olds, news []string
	for _, role := range []string{"admin", "viewer"} {
		old := b.made(keys.CreateRequest{Key: keys.Key{Role: role}, BcryptCost: 4}).Key.ID
		q := rotate(old, time.Hour)
		q.BcryptCost = 4
		olds, news = append(olds, old), append(news, b.rotated(q).New.Key.ID)
	}
	lesser := keys.UpdateRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(news[0])}, Key: keys.Key{Role: "viewer"}, Set: keys.FieldsOf(keys.FieldRole)}
	if _, err := b.Update(t.Context(), lesser); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(2 * time.Hour)
	done, err := b.Finish(t.Context(), keys.FinishRequest{Due: true})
	if err != nil || len(done) != 2 {
		t.Fatalf("%+v, %v", done, err)
	}
	for _, f := range done {
		if guarded := f.Key.ID == olds[0]; f.Left != guarded || (f.Result == keys.Changed) == guarded {
			t.Errorf("%s: %s, left: %v", f.Key.ID, f.Result, f.Left)
		}
	}
}
