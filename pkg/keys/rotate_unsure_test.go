package keys_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// unsure is a store whose audit ends with rotations of which no outcome is recorded.
type unsure struct {
	keys.Store
	cut []keys.Event
}

func (u *unsure) Last(ctx context.Context, action keys.Action, ids ...string) (map[string]keys.Event, error) {
	found, err := u.Store.Last(ctx, action, ids...)
	for _, e := range u.cut {
		if e.Action == action && slices.Contains(ids, e.KeyID) {
			e.Unsure = true
			found[e.KeyID] = e
		}
	}
	return found, err
}

// A rotation that was killed before its commit left the audit an intent and the table no
// row: the request that made its key can still be repeated. One that was killed after
// the commit was made.
func TestRepeatedRequestBesideAKilledRotation(t *testing.T) {
	for _, committed := range []bool{false, true} {
		b := benchOf(t, scanning(), scanningFields)
		q, _, first := b.requested()
		b.now = b.now.Add(time.Second)
		later := rotate(first.New.Key.ID, day)
		later.RequestID, later.BcryptCost = "r9", 4
		next := b.rotated(later).New.Key
		cut := b.m.Audit()[len(b.m.Audit())-2:]
		s := *b.Service
		s.Store = &unsure{b.m, cut}
		if committed {
			_, err := s.Rotate(t.Context(), q, quiet{})
			wantReason(t, "after the commit", err, keys.ReasonAlreadyRotated)
			continue
		}
		if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs(next.ID)}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Rotate(t.Context(), q, quiet{})
		if err != nil || len(got) != 1 || got[0].Result != keys.Changed || got[0].New.Key.ID != first.New.Key.ID {
			t.Errorf("before the commit: %+v, %v", got, err)
		}
	}
}
