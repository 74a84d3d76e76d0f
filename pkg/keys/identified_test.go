package keys_test

import (
	"reflect"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// A row is shown under its label, and not changed unless its id names it and no other.
func TestRowsWithoutUsableIDAreNotChanged(t *testing.T) {
	for _, id := range []string{"", "7"} {
		b := benchOf(t, signing(), signingFields)
		q := keys.CreateRequest{Key: keys.Key{Label: "lost", Scopes: []string{"read"}}, Scheme: keys.SHA256}
		made := b.made(q)
		lost := made.Key
		lost.ID, lost.Label, lost.Hash = id, "nameless", "other"
		if id != "" {
			lost.Damage = []keys.Damage{{Field: keys.FieldID, Column: "id", Problem: "text expected, found an integer"}}
		}
		b.put(lost)
		before, err := b.Select(t.Context(), keys.TextRef("nameless"), keys.TextRef("nameless"))
		if err != nil || len(before) != 2 || before[0].Label != "nameless" {
			t.Fatalf("%q: %+v, %v", id, before, err)
		}
		c := keys.ChangeRequest{Refs: []keys.Ref{keys.TextRef("lost"), keys.TextRef("nameless")}, Force: true}
		for name, do := range map[string]func() ([]keys.Change, error){
			"revoke":   func() ([]keys.Change, error) { return b.Revoke(t.Context(), c) },
			"activate": func() ([]keys.Change, error) { return b.Activate(t.Context(), c) },
			"delete":   func() ([]keys.Change, error) { return b.Delete(t.Context(), c) },
		} {
			done, err := do()
			wantSays(t, name, err, keys.ReasonCorrupt, "the row of nameless has no usable id")
			if !keys.NotIdentified(err) || len(done) != 0 {
				t.Errorf("%s of %q: %+v, %v", name, id, done, err)
			}
		}
		b.untouched("refused changes", 1)
		after, err := b.Select(t.Context(), keys.TextRef("nameless"), keys.IDRef(made.Key.ID))
		if err != nil || !reflect.DeepEqual(after, []keys.Key{before[0], made.Key}) {
			t.Errorf("%q: %+v, %v", id, after, err)
		}
	}
}

// A token can belong to a row whose id is another row's name.
func TestTokenOfRowWithoutUsableID(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	made := b.made(keys.CreateRequest{Key: keys.Key{Label: "lost", Scopes: []string{"read"}}, Scheme: keys.SHA256})
	b.patch(made.Key.ID, func(k *keys.Key) { k.Damage = []keys.Damage{{Field: keys.FieldID, Column: "id"}} })
	_, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: []keys.Ref{keys.TokenRef(made.Token)}})
	if !keys.NotIdentified(err) {
		t.Errorf("%v", err)
	}
	b.untouched("a refused change", 1)
}
