package keys_test

import (
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// forgetful is a store without an audit.
type forgetful struct{ keys.Store }

func (f forgetful) Info() keys.Info {
	info := f.Store.Info()
	info.Recalls = false
	return info
}

func byLabel(label string) keys.ChangeRequest {
	return keys.ChangeRequest{Refs: []keys.Ref{keys.TextRef(label)}, DryRun: true}
}

// A label means the key without a successor for every verb, also where only the audit
// tells that. It is read only where the label alone does not.
func TestLabelOfALineMeansItsLastKey(t *testing.T) {
	b, ids := lineOfThree(t)
	b.made(keys.CreateRequest{Key: keys.Key{Label: "web"}, BcryptCost: 4})
	p := pastOf(b)
	verbs := map[string]func(keys.ChangeRequest) ([]keys.Change, error){
		"revoke": func(q keys.ChangeRequest) ([]keys.Change, error) { return b.Revoke(t.Context(), q) },
		"delete": func(q keys.ChangeRequest) ([]keys.Change, error) { return b.Delete(t.Context(), q) },
		"update": func(q keys.ChangeRequest) ([]keys.Change, error) {
			return b.Update(t.Context(), keys.UpdateRequest{ChangeRequest: q, Key: keys.Key{Label: "z"}, Set: keys.FieldsOf(keys.FieldLabel)})
		},
		"show": func(q keys.ChangeRequest) ([]keys.Change, error) {
			list, err := b.Select(t.Context(), q.Refs...)
			return []keys.Change{{Key: list[0]}}, err
		},
	}
	for name, verb := range verbs {
		p.reads = 0
		if _, err := verb(byLabel("web")); err != nil || p.reads != 0 {
			t.Errorf("%s of a label that one key has: %d looks into the audit, %v", name, p.reads, err)
		}
		done, err := verb(byLabel("ci"))
		if err != nil || len(done) != 1 || done[0].Key.ID != ids[2] || p.reads == 0 {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
	}
	rename := keys.UpdateRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(ids[1])}, Key: keys.Key{Label: "mid"}, Set: keys.FieldsOf(keys.FieldLabel)}
	if _, err := b.Update(t.Context(), rename); err != nil {
		t.Fatal(err)
	}
	if list, err := b.Select(t.Context(), keys.TextRef("ci")); err != nil || list[0].ID != ids[2] {
		t.Errorf("past a key of another label: %+v, %v", list, err)
	}
	p.broken = errUnsealed
	_, err := b.Select(t.Context(), keys.TextRef("ci"))
	wantReason(t, "where the audit cannot be read", err, keys.ReasonAmbiguous)
}

// An id means that key, also where its successor is called so.
func TestLabelThatIsAnID(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	b.made(keys.CreateRequest{BcryptCost: 4})
	old := b.made(keys.CreateRequest{Key: keys.Key{Label: "2"}, BcryptCost: 4}).Key
	if old.ID != "2" {
		t.Fatal(old.ID)
	}
	q := rotate("2", day)
	q.BcryptCost = 4
	b.rotated(q)
	_, err := b.Select(t.Context(), keys.TextRef("2"))
	wantReason(t, "an id that is a label too", err, keys.ReasonAmbiguous)
}

// What nobody could ask for again is refused before anything is done.
func TestRotationsThatNothingRemembers(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	b.made(keys.CreateRequest{BcryptCost: 4})
	old := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci"}, BcryptCost: 4}).Key
	b.Store = forgetful{b.Store}
	q := rotate(old.ID, day)
	q.BcryptCost, q.RequestID = 4, "r"
	wantReason(t, "a request id", b.rotating(q), keys.ReasonUnsupported)
	_, err := b.Rotations(t.Context())
	wantReason(t, "what is going on", err, keys.ReasonUnsupported)
	_, err = b.Finish(t.Context(), keys.FinishRequest{Due: true})
	wantReason(t, "finishing", err, keys.ReasonUnsupported)
	if _, err := b.Check(t.Context(), time.Hour); err != nil {
		t.Error(err)
	}
	q.RequestID = ""
	b.rotated(q)
	_, err = b.Select(t.Context(), keys.TextRef("ci"))
	wantReason(t, "a label of two keys", err, keys.ReasonAmbiguous)

	native := nativeBench(t)
	native.Store = forgetful{native.Store}
	if _, err := native.Rotations(t.Context()); err != nil {
		t.Error(err)
	}
}
