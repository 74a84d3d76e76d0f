package keys_test

import (
	"slices"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// A rotation whose successor lets nobody in cannot be finished without force: what ends
// its old key is told.
func TestCheckUpOfARotationWithoutASuccessor(t *testing.T) {
	for kind, want := range map[keys.RevokeKind]string{keys.RevokeFlag: "revoke", keys.RevokeNone: "delete"} {
		rules := scanning()
		rules.Revoke = kind
		b := benchOf(t, rules, scanningFields|keys.FieldsOf(keys.FieldSuccessor, keys.FieldPredecessor))
		b.made(keys.CreateRequest{BcryptCost: 4})
		old := b.made(keys.CreateRequest{BcryptCost: 4}).Key
		q := rotate(old.ID, time.Hour)
		q.BcryptCost = 4
		next := b.rotated(q).New.Key
		b.now = b.now.Add(2 * time.Hour)
		b.wantMend("due", old.ID, "rotate", "--finish", old.ID)
		b.patch(next.ID, func(k *keys.Key) { k.Enabled = false })
		b.wantMend("the successor is revoked", old.ID, want, old.ID)
		if err := b.Store.Update(t.Context(), func(tx keys.Tx) error { return tx.Delete(t.Context(), next.ID) }); err != nil {
			t.Fatal(err)
		}
		b.wantMend("the successor is gone", old.ID, want, old.ID)
	}
}

// wantMend looks for the finding about the rotation of a key.
func (b *bench) wantMend(what, id string, want ...string) {
	b.Helper()
	found, err := b.CheckUp(b.Context(), 0)
	if err != nil {
		b.Fatal(err)
	}
	at := slices.IndexFunc(found, func(f keys.Finding) bool { return f.Check == "rotation" && f.Key == id })
	if at < 0 || !slices.Equal(found[at].Mend, want) {
		b.Errorf("%s: %+v", what, found)
	}
}
