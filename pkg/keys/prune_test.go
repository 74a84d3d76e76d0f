package keys_test

import (
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// used has the key used now.
func (b *bench) used(k *keys.Key) {
	b.Helper()
	k.LastUsedAt = keys.At(b.now)
	if err := b.m.Update(b.Context(), func(tx keys.Tx) error { return tx.Replace(b.Context(), k) }); err != nil {
		b.Fatal(err)
	}
}

// A key that is switched on after the audit was read is not taken for one that nobody
// used all the time.
func TestPruneIsOvertakenByAnActivation(t *testing.T) {
	b := nativeBench(t)
	idle, busy := b.made(keys.CreateRequest{}).Key, b.made(keys.CreateRequest{}).Key
	if _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs(idle.ID)}); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(100 * day)
	b.used(&busy)
	month := 30 * day
	slow := *b.Service
	slow.Store = &meddled{b.m, 0, func() {
		if _, err := b.Activate(t.Context(), keys.ChangeRequest{Refs: idRefs(idle.ID)}); err != nil {
			t.Fatal(err)
		}
	}}
	pruned, err := slow.Prune(t.Context(), keys.PruneRequest{UnusedFor: &month})
	if err != nil || len(pruned.Done) != 0 {
		t.Errorf("%+v, %v: want nothing, since it was activated", pruned.Done, err)
	}
	b.now = b.now.Add(31 * day)
	b.used(&busy)
	pruned, err = b.Prune(t.Context(), keys.PruneRequest{UnusedFor: &month})
	if err != nil || len(pruned.Done) != 1 || pruned.Done[0].Key.ID != idle.ID {
		t.Errorf("%+v, %v: want %s, a month later", pruned.Done, err, idle.ID)
	}
}
