package keys_test

import (
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// A leaked key is switched off or removed whatever the policy says that this version
// does not understand, under the guard that it does; what makes keys waits.
func TestAPolicyThatIsNotUnderstoodKeepsNoKeyAlive(t *testing.T) {
	for _, broken := range []keys.Setting{{Name: "from_the_future", Value: "1"}, {Name: "slow_keys", Value: "many"}} {
		b := ruledBench(t, "admin_role", "root")
		root := b.made(keys.CreateRequest{Key: keys.Key{Role: "root"}}).Key
		one, two := b.made(keys.CreateRequest{}).Key, b.made(keys.CreateRequest{}).Key
		b.store(broken.Name, broken.Value)
		change := func(k keys.Key) keys.ChangeRequest { return keys.ChangeRequest{Refs: idRefs(k.ID)} }
		if _, err := b.Revoke(t.Context(), change(one)); err != nil {
			t.Error(err)
		}
		if _, err := b.Delete(t.Context(), change(two)); err != nil {
			t.Error(err)
		}
		_, err := b.Revoke(t.Context(), change(root))
		wantReason(t, "the guard that is understood", err, keys.ReasonLastAdmin)
		for what, err := range map[string]error{
			"create": b.creating(keys.CreateRequest{}), "rotate": b.rotating(rotate(root.ID, 0)),
			"update": b.setting(root.ID, keys.FieldsOf(keys.FieldOwner), keys.Key{Owner: "x"}),
		} {
			wantSetting(t, what, err, broken.Name)
		}
		p, err := b.Policy(t.Context())
		if wantSetting(t, "the policy", err, broken.Name); p.AdminRole != "root" {
			t.Errorf("%+v", p)
		}
	}
}

// Where nobody can tell which keys the guard counts, only force goes past it.
func TestAGuardThatIsNotUnderstood(t *testing.T) {
	b := ruledBench(t)
	k := b.made(keys.CreateRequest{}).Key
	b.store("admin_role", "no such thing")
	b.store("aaa", "1")
	b.store("zzz", "1")
	q := keys.ChangeRequest{Refs: idRefs(k.ID)}
	_, err := b.Revoke(t.Context(), q)
	wantSetting(t, "revoke", err, "admin_role")
	q.Force = true
	if _, err := b.Revoke(t.Context(), q); err != nil {
		t.Error(err)
	}
}

// An admin role that no key has protects nothing: the guard counts all keys until one
// has it, and who sets it is told.
func TestAnAdminRoleThatNobodyHas(t *testing.T) {
	b := ruledBench(t)
	k := b.made(keys.CreateRequest{}).Key
	if done := b.rule("admin_role", "root"); !done.NoAdmin {
		t.Errorf("%+v", done)
	}
	q := keys.ChangeRequest{Refs: idRefs(k.ID)}
	_, err := b.Revoke(t.Context(), q)
	wantReason(t, "the last key", err, keys.ReasonLastActive)
	root := b.made(keys.CreateRequest{Key: keys.Key{Role: "root"}}).Key
	if done := b.rule("slow_keys", "3"); done.NoAdmin {
		t.Errorf("%+v", done)
	}
	if _, err := b.Revoke(t.Context(), q); err != nil {
		t.Error(err)
	}
	q.Refs = idRefs(root.ID)
	_, err = b.Revoke(t.Context(), q)
	wantReason(t, "the last admin", err, keys.ReasonLastAdmin)
}

// The way out of a guard is to rotate where its owner may have no second key.
func TestTheGuardNamesTheSettingThatForbidsASecondKey(t *testing.T) {
	b := ruledBench(t, "one_full_key", "true")
	k := b.made(keys.CreateRequest{Key: keys.Key{Owner: "ann"}}).Key
	_, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs(k.ID)})
	wantReason(t, "delete", err, keys.ReasonLastActive)
	wantSetting(t, "delete", err, "one_full_key")
	b.rotated(rotate(k.ID, 0))
	only := b.rotated(rotate(b.stored(k.ID).Successor, 0)).New.Key
	if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs(only.ID), Force: true}); err != nil {
		t.Error(err)
	}
	b.made(keys.CreateRequest{Key: keys.Key{Owner: "ann"}})
}
