package keys_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// An old key that is switched on again is accepted beside its successor, which somebody
// should know: its token may be one that leaked.
func TestActivateLetsAReplacedKeyLiveOn(t *testing.T) {
	for name, b := range lineages(t) {
		b.made(keys.CreateRequest{BcryptCost: 4})
		old := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci"}, BcryptCost: 4}).Key
		q := rotate(old.ID, 0)
		q.BcryptCost = 4
		next := b.rotated(q).New.Key
		b.now = b.now.Add(time.Minute)
		on := keys.ChangeRequest{Refs: idRefs(old.ID), DryRun: true}
		want := "key " + old.ID + " was replaced by " + next.ID + "; this lets it live on"
		if name == "native" { // where it stays expired otherwise
			on.Expires, on.ExpiresAt = true, keys.At(b.now.Add(day))
		} else {
			want += ", until rotate --finish --due ends it again"
		}
		for _, told := range []bool{true, true, false} {
			done, err := b.Activate(t.Context(), on)
			if err != nil || len(done) != 1 || slices.Contains(done[0].Advice, want) != told {
				t.Errorf("%s: %+v, %v", name, done, err)
			}
			on.DryRun = false
		}
		due, err := b.Finish(t.Context(), keys.FinishRequest{Due: true})
		if err != nil || len(due) == 1 != strings.Contains(want, "--due") {
			t.Errorf("%s: then due: %+v, %v", name, due, err)
		}
		off := keys.ChangeRequest{Refs: idRefs(next.ID), Force: true}
		if _, err := b.Revoke(t.Context(), off); err != nil {
			t.Fatal(err)
		}
		done, err := b.Activate(t.Context(), off)
		if err != nil || len(done) != 1 || strings.Contains(strings.Join(done[0].Advice, "\n"), "live on") {
			t.Errorf("%s: the successor: %+v, %v", name, done, err)
		}
	}
}
