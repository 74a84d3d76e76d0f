package keys_test

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What switches a key and cannot be read is written over, whatever it reads as.
func TestUnreadSwitchesAreWritten(t *testing.T) {
	timed := scanning()
	timed.Revoke = keys.RevokeTime
	for f, rules := range map[keys.Field]*keys.Rules{keys.FieldEnabled: scanning(), keys.FieldRevokedAt: timed} {
		b := benchOf(t, rules, scanningFields|keys.FieldsOf(keys.FieldRevokedAt))
		b.made(keys.CreateRequest{})
		b.made(keys.CreateRequest{})
		unread := func(on bool) {
			b.patch("2", func(k *keys.Key) {
				k.Enabled, k.RevokedAt = on, keys.Instant{}
				k.Damage = []keys.Damage{{Field: keys.FieldLabel}, {Field: f, Column: "off", Problem: "other text"}}
			})
		}
		for name, do := range map[string]func() ([]keys.Change, error){
			"revoke":   func() ([]keys.Change, error) { return b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs("2")}) },
			"activate": func() ([]keys.Change, error) { return b.Activate(t.Context(), keys.ChangeRequest{Refs: idRefs("2")}) },
		} {
			unread(name == "activate") // it reads as what it is to be
			for i, want := range []keys.Result{keys.Changed, keys.Unchanged} {
				done, err := do()
				if err != nil || done[0].Result != want {
					t.Fatalf("%s %d of %s: %+v, %v", name, i, f, done, err)
				}
			}
			k := b.stored("2")
			if k.Enabled != (name == "activate") || len(k.Damage) != 1 || k.Damage[0].Field != keys.FieldLabel {
				t.Errorf("%s of %s: %+v", name, f, k)
			}
		}
	}
}

// An expiry that nobody could read is not taken for none.
func TestUnreadExpiryIsNotRestored(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	id := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}}}).Key.ID
	q := keys.ChangeRequest{Refs: idRefs(id)}
	refused := func(what string) {
		t.Helper()
		_, err := b.Activate(t.Context(), q)
		wantSays(t, what, err, keys.ReasonInvalid, "say when it shall expire")
	}
	revoke := func() {
		t.Helper()
		if done, err := b.Revoke(t.Context(), q); err != nil || done[0].Result != keys.Changed || len(done[0].Key.Damage) > 0 {
			t.Fatalf("%+v, %v", done, err)
		}
	}
	b.patch(id, func(k *keys.Key) { k.Damage = []keys.Damage{{Field: keys.FieldExpiresAt}} })
	refused("activating a key whose expiry cannot be read")
	revoke()
	events := b.m.Audit()
	if e := events[len(events)-1]; strings.Contains(e.Before, "expires_at") || !strings.Contains(e.After, "expires_at") {
		t.Errorf("the audit says %s, then %s", e.Before, e.After)
	}
	refused("an expiry that could not be read")
	b.patch(id, func(k *keys.Key) { k.ExpiresAt = keys.Millis(1795371601000 * 1000) }) // milliseconds, where seconds are meant
	revoke()
	refused("an expiry of five digits")
	q.Expires, q.ExpiresAt = true, keys.At(noon.Add(2*day))
	if _, err := b.Activate(t.Context(), q); err != nil || b.stored(id).ExpiresAt != q.ExpiresAt {
		t.Errorf("%+v, %v", b.stored(id), err)
	}
}
