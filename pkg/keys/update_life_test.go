package keys_test

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// An old key that is given a later end outlives its overlap, which somebody should know.
func TestUpdateLetsAReplacedKeyLiveOn(t *testing.T) {
	signed := benchOf(t, signing(), signingFields)
	signed.Secret = strongSecret
	for name, b := range map[string]*bench{"native": nativeBench(t), "by the audit": signed} {
		end := keys.At(noon.Add(30 * day))
		q := keys.CreateRequest{Key: keys.Key{Label: "ci", Scopes: []string{"read"}, ExpiresAt: end}}
		b.made(q)
		q.Key.Label = "web"
		old := b.made(q).Key
		next := b.rotated(rotate(old.ID, day)).New.Key
		want := "key " + old.ID + " was replaced by " + next.ID + "; this lets it live on"
		for _, c := range []struct {
			id    string
			ends  keys.Instant
			dry   bool
			noted bool
		}{
			{old.ID, keys.Instant{}, true, true}, {old.ID, keys.At(noon.Add(2 * day)), false, true},
			{old.ID, keys.At(noon.Add(day)), false, false}, {next.ID, keys.At(noon.Add(40 * day)), false, false},
		} {
			u := keys.UpdateRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(c.id), DryRun: c.dry}}
			if u.Key.ExpiresAt, u.Set = c.ends, keys.FieldsOf(keys.FieldExpiresAt); c.ends.IsNone() {
				u.Set, u.Clear = 0, u.Set
			}
			done, err := b.Update(t.Context(), u)
			if err != nil || len(done) != 1 || strings.Contains(strings.Join(done[0].Advice, "\n"), want) != c.noted {
				t.Errorf("%s, %s: %+v, %v", name, c.ends, done, err)
			}
		}
	}
}
