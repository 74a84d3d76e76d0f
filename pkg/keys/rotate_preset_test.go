package keys_test

import (
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// A preset is taken on by databases that have keys, and these are rotated as before:
// no successor begins with what makes its token longer than any may be.
func TestKeysFromBeforeAPresetAreRotated(t *testing.T) {
	native := keys.Preset{Name: "native"}
	for _, before := range append(keys.Presets(), native) {
		for _, p := range append(keys.Presets(), native) {
			b := ruledBench(t)
			b.preset(before)
			k := b.made(keys.CreateRequest{Key: keys.Key{Owner: "ann", Scopes: []string{"read"}}}).Key
			b.preset(p)
			got := b.rotated(rotate(k.ID, day)).New
			b.accepts(before.Name+", then "+p.Name, got.Token, keys.OK)
			b.rotated(rotate(got.Key.ID, day))
		}
	}
}

// A prefix that somebody chose is kept where it fits, and a key without end gets one
// where the policy wants that.
func TestAnInheritedPrefixThatFitsIsKept(t *testing.T) {
	for bytes, want := range map[string]string{"51": "kr", "52": ""} {
		b := ruledBench(t)
		k := b.made(keys.CreateRequest{}).Key
		b.rule("token_format", "base64url", "token_bytes", bytes, "max_lifetime", "7d")
		got := b.rotated(rotate(k.ID, day)).New
		if got.Key.Prefix != want || got.Key.ExpiresAt != keys.At(noon.Add(7*day)) {
			t.Errorf("%s bytes: %+v", bytes, got.Key)
		}
		q := rotate(got.Key.ID, 0)
		q.RequestID = "run-1"
		b.rotated(q)
		if again := b.rotated(q); again.Result != keys.Changed || again.New.Key.Prefix != want {
			t.Errorf("%s bytes, a fresh secret: %+v", bytes, again)
		}
	}
}

func (b *bench) preset(p keys.Preset) {
	b.Helper()
	if _, err := b.SetPolicy(b.Context(), p.Request()); err != nil {
		b.Fatal(err)
	}
}
