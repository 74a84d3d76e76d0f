package keys_test

import (
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// briefly rotates a key, whose successor ends after so long.
func briefly(id string, overlap, life time.Duration) keys.RotateRequest {
	q := rotate(id, overlap)
	q.Expires, q.ExpiresAt = true, keys.At(noon.Add(life))
	return q
}

// A successor that is gone at once replaces nobody: the guard holds as it does where
// a key is revoked.
func TestARotationIsGuardedWhereTheSuccessorDoesNotLast(t *testing.T) {
	b := nativeBench(t)
	k := b.made(keys.CreateRequest{}).Key
	for _, q := range []keys.RotateRequest{briefly(k.ID, 0, time.Second), briefly(k.ID, 0, time.Hour), briefly(k.ID, time.Hour, time.Hour)} {
		wantReason(t, "the last key", b.rotating(q), keys.ReasonLastActive)
		if is := b.stored(k.ID); is.Successor != "" || !is.ExpiresAt.IsNone() {
			t.Errorf("it is changed: %+v", is)
		}
	}
	q := briefly(k.ID, 0, time.Second)
	q.Force = true
	got := b.rotated(q)
	if e := b.m.Audit()[len(b.m.Audit())-2]; e.Action != keys.ActionRotate || !e.Forced || got.Result != keys.Created {
		t.Errorf("%+v", e)
	}
}

// Whoever gets in for another hour, or as long as before, is not locked out.
func TestARotationIsExemptWhereTheSuccessorLasts(t *testing.T) {
	soon := keys.At(noon.Add(time.Minute))
	for name, c := range map[string]struct {
		end   keys.Instant
		query func(id string) keys.RotateRequest
	}{
		"another hour":             {keys.Instant{}, func(id string) keys.RotateRequest { return briefly(id, 0, time.Hour+time.Second) }},
		"as long as before":        {soon, func(id string) keys.RotateRequest { return briefly(id, 0, time.Minute) }},
		"inherited":                {soon, func(id string) keys.RotateRequest { return rotate(id, 0) }},
		"the old key lasts itself": {keys.Instant{}, func(id string) keys.RotateRequest { return briefly(id, 2*time.Hour, time.Minute) }},
	} {
		b := nativeBench(t)
		k := b.made(keys.CreateRequest{Key: keys.Key{ExpiresAt: c.end}}).Key
		if err := b.rotating(c.query(k.ID)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := nativeBench(t)
	k := b.made(keys.CreateRequest{}).Key
	b.made(keys.CreateRequest{})
	b.rotated(briefly(k.ID, 0, time.Second))
}

// Several keys that go at once count on none of each other.
func TestARotationOfAllIsGuarded(t *testing.T) {
	b := nativeBench(t)
	q := briefly(b.made(keys.CreateRequest{}).Key.ID, 0, time.Second)
	q.Refs = append(q.Refs, keys.IDRef(b.made(keys.CreateRequest{}).Key.ID))
	wantReason(t, "all", b.rotating(q), keys.ReasonLastActive)
	b = nativeBench(t)
	b.rule("admin_role", "admin")
	admin := b.made(keys.CreateRequest{Key: keys.Key{Role: "admin"}}).Key
	b.made(keys.CreateRequest{})
	wantReason(t, "the last admin", b.rotating(briefly(admin.ID, 0, time.Second)), keys.ReasonLastAdmin)
}
