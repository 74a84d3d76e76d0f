package keys_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func (b *bench) policy(settings ...keys.Setting) {
	b.Helper()
	if err := b.m.Update(b.Context(), func(tx keys.Tx) error { return tx.SetPolicy(b.Context(), settings) }); err != nil {
		b.Fatal(err)
	}
}

// What a key was accepted with is not judged again; how long it lives, and its token, are.
func TestRotateJudgesWhatIsNew(t *testing.T) {
	b := nativeBench(t)
	old := b.made(keys.CreateRequest{Key: keys.Key{Label: "No Such Label", Role: "boss", Scopes: []string{"odd"}, Prefix: "old"}}).Key
	b.policy(
		keys.Setting{Name: "label_pattern", Value: "[a-z]+"}, keys.Setting{Name: "roles", Value: "reader"},
		keys.Setting{Name: "scopes", Value: "read"}, keys.Setting{Name: "token_prefixes", Value: "new"},
		keys.Setting{Name: "max_lifetime", Value: "30d"},
	)
	q := rotate(old.ID, day)
	q.Expires = true
	wantReason(t, "a successor that never expires", b.rotating(q), keys.ReasonPolicy)
	q.ExpiresAt = keys.At(noon.Add(31 * day))
	wantReason(t, "a successor that lives too long", b.rotating(q), keys.ReasonPolicy)
	q.ExpiresAt = keys.At(noon.Add(29 * day))
	k := b.rotated(q).New.Key
	if k.Label != old.Label || k.Role != old.Role || k.Scopes[0] != "odd" || k.ExpiresAt != q.ExpiresAt || k.Prefix != "new" {
		t.Errorf("%+v", k)
	}
	q.Refs, q.SecretBytes = idRefs(k.ID), 8
	wantReason(t, "a secret that is too short", b.rotating(q), keys.ReasonInvalid)
}

func TestRotateOfAServerJudgesNoLeastLifetime(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	old := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}, ExpiresAt: keys.At(noon.Add(2 * day))}})
	b.now = noon.Add(47 * time.Hour) // an hour is left, less than the server gives new keys
	q := rotate(old.Key.ID, 24*time.Hour)
	got := b.rotated(q)
	if got.New.Key.ExpiresAt != old.Key.ExpiresAt || got.Old.ExpiresAt != old.Key.ExpiresAt {
		t.Errorf("%+v", got)
	}
	q.Refs, q.Expires, q.ExpiresAt = idRefs(got.New.Key.ID), true, keys.At(b.now.Add(time.Hour))
	wantReason(t, "an expiry that is asked for", b.rotating(q), keys.ReasonPolicy)
}

func TestRotateOfDamage(t *testing.T) {
	b := nativeBench(t)
	old := b.made(keys.CreateRequest{Key: keys.Key{Role: "x"}}).Key
	for _, f := range []keys.Field{keys.FieldScopes, keys.FieldMetadata, keys.FieldExpiresAt, keys.FieldLabel} {
		b.patch(old.ID, func(k *keys.Key) { k.Damage = []keys.Damage{{Field: f, Column: "c", Problem: "is broken"}} })
		wantReason(t, f.String(), b.rotating(rotate(old.ID, day)), keys.ReasonDamaged)
	}
	b.patch(old.ID, func(k *keys.Key) {
		k.Damage = []keys.Damage{{Field: keys.FieldRole, Odd: true}, {Field: keys.FieldLastUsedFrom}}
	})
	if got := b.rotated(rotate(old.ID, day)); got.New.Key.Role != "x" || len(got.New.Key.Damage) != 0 {
		t.Errorf("%+v", got)
	}
}

// The successor of a key can be gone; the key is then the last of its line.
func TestRotateAfterTheSuccessorIsGone(t *testing.T) {
	b := nativeBench(t)
	old := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci"}}).Key
	b.patch(old.ID, func(k *keys.Key) { k.Successor = "gone" })
	list, err := b.Rotations(t.Context())
	if err != nil || len(list) != 1 || list[0].New != nil {
		t.Errorf("%+v, %v", list, err)
	}
	_, err = b.Finish(t.Context(), keys.FinishRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(old.ID)}})
	wantReason(t, "finishing it", err, keys.ReasonNotUsable)
	other := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci"}}).Key
	wantReason(t, "while another key has its label", b.rotating(rotate(old.ID, day)), keys.ReasonLabelTaken)
	if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs(other.ID), Force: true}); err != nil {
		t.Fatal(err)
	}
	b.rotated(rotate(old.ID, day))
}

func TestRequestsThatComeLate(t *testing.T) {
	b := nativeBench(t)
	b.made(keys.CreateRequest{})
	old := b.made(keys.CreateRequest{}).Key
	q := rotate(old.ID, day)
	q.RequestID = "r"
	first := b.rotated(q)
	again := b.rotated(q)
	if again.Result != keys.Changed || again.Old.ExpiresAt != first.Old.ExpiresAt || !again.EndsItself {
		t.Errorf("during the overlap: %+v", again)
	}
	b.now = b.now.Add(2 * day)
	wantReason(t, "once the old key has expired, and its successor may be in use", b.rotating(q), keys.ReasonAlreadyRotated)
	if _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs(first.New.Key.ID)}); err != nil {
		t.Fatal(err)
	}
	wantReason(t, "once the successor is revoked", b.rotating(q), keys.ReasonNotUsable)
	if _, err := b.Activate(t.Context(), keys.ChangeRequest{Refs: idRefs(first.New.Key.ID)}); err != nil {
		t.Fatal(err)
	}
	next := rotate(first.New.Key.ID, day)
	next.RequestID = "s"
	b.rotated(next)
	wantReason(t, "once the successor is replaced", b.rotating(q), keys.ReasonAlreadyRotated)
	q.RequestID = "a\x00b"
	wantReason(t, "a request id with NUL", b.rotating(q), keys.ReasonInvalid)
}

// A table without lineage has several keys of one label; the current one is meant.
func TestLabelsOfReplacedKeys(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	b.made(keys.CreateRequest{Key: keys.Key{Label: "other"}, BcryptCost: 4})
	old := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci"}, BcryptCost: 4}).Key
	q := rotate(old.ID, day)
	q.Refs, q.BcryptCost, q.RequestID = []keys.Ref{keys.TextRef("ci")}, 4, "first"
	first := b.rotated(q)
	if again := b.rotated(q); again.Result != keys.Changed || again.New.Key.ID != first.New.Key.ID {
		t.Errorf("by its label again: %+v", again)
	}
	q.RequestID = ""
	if second := b.rotated(q); second.Old.ID != first.New.Key.ID {
		t.Errorf("by its label the next time: %+v", second)
	}
	list, err := b.Rotations(t.Context())
	if err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	twin := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci"}, BcryptCost: 4}).Key
	wantReason(t, "a label that two lines have, such as that of "+twin.ID, b.rotating(q), keys.ReasonAmbiguous)
}

// An id that is used again is another key.
func TestRotatedIDsAreUsedAgain(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	b.made(keys.CreateRequest{BcryptCost: 4})
	old := b.made(keys.CreateRequest{BcryptCost: 4}).Key
	q := rotate(old.ID, day)
	q.BcryptCost = 4
	next := b.rotated(q).New.Key
	b.now = b.now.Add(time.Minute)
	for _, id := range []string{next.ID, old.ID} {
		if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs(id)}); err != nil {
			t.Fatal(err)
		}
	}
	again := b.made(keys.CreateRequest{BcryptCost: 4}).Key
	if again.ID != old.ID {
		t.Fatalf("the id is %s", again.ID)
	}
	if list, err := b.Rotations(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	b.rotated(q)
	q.Refs = idRefs("1") // whose successor becomes another key
	last := b.rotated(q).New.Key
	b.patch(last.ID, func(k *keys.Key) { k.CreatedAt = keys.At(b.now.Add(time.Second)) })
	first := b.rotated(q).New.Key
	b.patch("1", func(k *keys.Key) { k.CreatedAt = keys.At(b.now.Add(time.Second)) }) // as is the key itself
	if second := b.rotated(q).New.Key; second.ID == first.ID {
		t.Errorf("%+v", second)
	}
}

// A rotation is refused by the number of slow keys only where the old one stays.
func TestRotateSlowKeys(t *testing.T) {
	b := nativeBench(t)
	b.policy(keys.Setting{Name: "slow_keys", Value: "1"})
	supplied := func(c string) string { return strings.Repeat(c, 40) }
	old := b.made(keys.CreateRequest{Supplied: supplied("a"), BcryptCost: 4}).Key
	q := rotate(old.ID, day)
	q.Supplied, q.BcryptCost = supplied("b"), 4
	wantReason(t, "with an overlap", b.rotating(q), keys.ReasonPolicy)
	q.Overlap = 0
	b.rotated(q)
	b.accepts("the old token", supplied("a"), keys.KeyExpired)
	b.accepts("the new token", supplied("b"), keys.OK)
}

func TestRotateAndFinishAdvise(t *testing.T) {
	rules := scanning()
	rules.Advice = map[keys.Action][]string{keys.ActionRotate: {"tell the manager of {id}"}, keys.ActionRevoke: {"restart for {id}"}}
	b := benchOf(t, rules, scanningFields)
	b.made(keys.CreateRequest{BcryptCost: 4})
	q := rotate(b.made(keys.CreateRequest{BcryptCost: 4}).Key.ID, day)
	q.BcryptCost = 4
	got := b.rotated(q)
	if text := strings.Join(got.New.Advice, "|"); text != "tell the manager of "+got.New.Key.ID {
		t.Errorf("%q", text)
	}
	f := keys.FinishRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(got.Old.ID), Force: true}}
	done, err := b.Finish(t.Context(), f)
	if err != nil || strings.Join(done[0].Advice, "|") != "restart for "+got.Old.ID {
		t.Errorf("%+v, %v", done, err)
	}
	q.Refs, q.Overlap = idRefs(got.New.Key.ID), 0
	if text := strings.Join(b.rotated(q).New.Advice, "|"); !strings.HasSuffix(text, "|restart for "+got.New.Key.ID) {
		t.Errorf("%q", text)
	}
}

func TestFinishWhereTheSuccessorIsNotUsable(t *testing.T) {
	b := nativeBench(t)
	b.made(keys.CreateRequest{})
	got := b.rotated(rotate(b.made(keys.CreateRequest{}).Key.ID, day))
	if _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs(got.New.Key.ID)}); err != nil {
		t.Fatal(err)
	}
	f := keys.FinishRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(got.Old.ID)}}
	_, err := b.Finish(t.Context(), f)
	wantReason(t, "finishing", err, keys.ReasonNotUsable)
	f.Force = true
	done, err := b.Finish(t.Context(), f)
	if err != nil || done[0].Result != keys.Changed || !b.m.Audit()[len(b.m.Audit())-1].Forced {
		t.Errorf("%+v, %v", done, err)
	}
	_, err = b.Finish(t.Context(), keys.FinishRequest{})
	wantReason(t, "finishing nothing", err, keys.ReasonInvalid)
}

// Nothing but the change itself holds the lock, and the token is seen last of all.
func TestOrderOfRotation(t *testing.T) {
	n, s := newNoted()
	made, err := s.Create(t.Context(), keys.CreateRequest{}, n)
	if err != nil {
		t.Fatal(err)
	}
	n.lines = nil
	if _, err := s.Rotate(t.Context(), rotate(made[0].Key.ID, day), n); err != nil {
		t.Fatal(err)
	}
	n.want(t, "a rotation", "random", "stage", "lock", "insert", "record", "deliver", "unlock", "publish")
}

// A key that cannot be switched off by its table is not deleted in silence.
func TestRotateAtOnceWhereKeysAreOnlyDeleted(t *testing.T) {
	rules := scanning()
	rules.Revoke = keys.RevokeNone
	b := benchOf(t, rules, scanningFields)
	b.made(keys.CreateRequest{BcryptCost: 4})
	q := rotate(b.made(keys.CreateRequest{BcryptCost: 4}).Key.ID, 0)
	q.BcryptCost = 4
	wantReason(t, "at once", b.rotating(q), keys.ReasonUnsupported)
	q.Overlap = day
	got := b.rotated(q)
	f := keys.FinishRequest{ChangeRequest: keys.ChangeRequest{Refs: idRefs(got.New.Key.ID), Force: true}}
	if done, err := b.Finish(t.Context(), f); err != nil || done[0].Result != keys.Deleted || done[0].Key.ID != got.Old.ID {
		t.Errorf("%+v, %v", done, err)
	}
}
