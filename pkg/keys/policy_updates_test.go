package keys_test

import (
	"errors"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// updating is what becomes of a request on one key.
func (b *bench) updating(id string, q keys.UpdateRequest) error {
	b.Helper()
	q.Refs = idRefs(id)
	_, err := b.Update(b.Context(), q)
	return err
}

func (b *bench) setting(id string, set keys.Fields, to keys.Key) error {
	b.Helper()
	return b.updating(id, keys.UpdateRequest{Set: set, Key: to})
}

// What a key has that the policy would not give it opens no door for more of it.
func TestAnUpdateGivesNothingThatThePolicyForbids(t *testing.T) {
	b := ruledBench(t)
	k := b.made(keys.CreateRequest{Key: keys.Key{Role: "old", Label: "old", Resource: "tv/x", Scopes: []string{"legacy"}}}).Key
	b.rule("scopes", "read,write", "roles", "user", "label_pattern", "ci-.*", "prefix_resources", "kr=tv/?,xy=a")
	b.patch(k.ID, func(k *keys.Key) { k.Resource = "s/1" })
	scopes, resource := keys.FieldsOf(keys.FieldScopes), keys.FieldsOf(keys.FieldResource)
	for what, q := range map[string]keys.UpdateRequest{
		"another scope":       {AddScopes: []string{"zzz"}},
		"every scope":         {AddScopes: []string{"*"}},
		"scopes anew":         {Set: scopes, Key: keys.Key{Scopes: []string{"legacy", "zzz"}}},
		"another role":        {Set: keys.FieldsOf(keys.FieldRole), Key: keys.Key{Role: "old2"}},
		"another label":       {Set: keys.FieldsOf(keys.FieldLabel), Key: keys.Key{Label: "old2"}},
		"another resource":    {Set: resource, Key: keys.Key{Resource: "s/2"}},
		"no resource any mor": {Clear: resource},
	} {
		var e *keys.Error
		if err := b.updating(k.ID, q); !errors.As(err, &e) || e.Setting == "" || e.Kind() != keys.KindConflict {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, q := range map[string]keys.UpdateRequest{
		"an allowed scope": {AddScopes: []string{"read"}},
		"fewer scopes":     {RemoveScopes: []string{"legacy"}},
		"a resource":       {Set: resource, Key: keys.Key{Resource: "tv/1"}},
		"something else":   {Set: keys.FieldsOf(keys.FieldDescription), Key: keys.Key{Description: "x"}},
	} {
		if err := b.updating(k.ID, q); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A key may come to comply step by step, and says what it lacks in fields.
func TestAnUpdateMayMendAPart(t *testing.T) {
	b := ruledBench(t)
	k := b.made(keys.CreateRequest{}).Key
	b.rule("required", "owner,description,role")
	for _, set := range []keys.Field{keys.FieldOwner, keys.FieldDescription} {
		if err := b.setting(k.ID, keys.FieldsOf(set), keys.Key{Owner: "ann", Description: "of ann"}); err != nil {
			t.Errorf("%s: %v", set, err)
		}
	}
	var e *keys.Error
	err := b.updating(k.ID, keys.UpdateRequest{Clear: keys.FieldsOf(keys.FieldOwner)})
	if !errors.As(err, &e) || e.Setting != "required" || e.Missing != keys.FieldsOf(keys.FieldOwner) {
		t.Errorf("%+v", err)
	}
	_, err = b.Create(t.Context(), keys.CreateRequest{Key: keys.Key{Role: "x"}}, quiet{})
	if !errors.As(err, &e) || e.Missing != keys.FieldsOf(keys.FieldOwner, keys.FieldDescription) {
		t.Errorf("%+v", err)
	}
}

// A life that is too long already may always be made shorter.
func TestAnEarlierEndIsAllowed(t *testing.T) {
	for _, endless := range []bool{true, false} {
		b := ruledBench(t)
		var made keys.CreateRequest
		if !endless {
			made.Key.ExpiresAt = keys.At(noon.Add(900 * day))
		}
		k := b.made(made).Key
		b.made(keys.CreateRequest{}) // for the guard
		b.rule("max_lifetime", "90d", "required", "expires_at")
		b.now = noon.Add(200 * day)
		end := keys.FieldsOf(keys.FieldExpiresAt)
		at := func(d time.Duration) keys.Key { return keys.Key{ExpiresAt: keys.At(b.now.Add(d))} }
		for _, d := range []time.Duration{30 * day, time.Hour} {
			if err := b.setting(k.ID, end, at(d)); err != nil {
				t.Errorf("endless %t, %s: %v", endless, d, err)
			}
		}
		wantSays(t, "a later end", b.setting(k.ID, end, at(2*time.Hour)), keys.ReasonPolicy, "max_lifetime")
		wantReason(t, "no end", b.updating(k.ID, keys.UpdateRequest{Clear: end}), keys.ReasonPolicy)
		if _, err := b.Activate(t.Context(), keys.ChangeRequest{Refs: idRefs(k.ID), Expires: true, ExpiresAt: keys.At(b.now.Add(time.Minute))}); err != nil {
			t.Errorf("endless %t: %v", endless, err)
		}
	}
}

// What was wrong with a key before the policy came stays; an update makes nothing worse.
func TestUpdatesObeyThePolicyInWhatTheyChange(t *testing.T) {
	b := ruledBench(t)
	k := b.made(keys.CreateRequest{Key: keys.Key{Label: "old", Owner: "ann", Scopes: []string{"everything"}}}).Key
	b.rule("scopes", "read", "label_pattern", "ci-.*", "max_lifetime", "10d", "one_full_key", "true")
	update := func(set keys.Fields, to keys.Key) error {
		_, err := b.Update(t.Context(), keys.UpdateRequest{
			ChangeRequest: keys.ChangeRequest{Refs: []keys.Ref{keys.IDRef(k.ID)}}, Set: set, Key: to})
		return err
	}
	if err := update(keys.FieldsOf(keys.FieldDescription, keys.FieldOwner), keys.Key{Description: "still there", Owner: "bob"}); err != nil {
		t.Error(err)
	}
	label, scopes, end := keys.FieldsOf(keys.FieldLabel), keys.FieldsOf(keys.FieldScopes), keys.FieldsOf(keys.FieldExpiresAt)
	wantSays(t, "a label", update(label, keys.Key{Label: "new"}), keys.ReasonPolicy, "label_pattern")
	wantSays(t, "scopes", update(scopes, keys.Key{Scopes: []string{"write"}}), keys.ReasonVocabulary, "scopes")
	for _, err := range []error{
		update(label, keys.Key{Label: "ci-new"}), update(scopes, keys.Key{Scopes: []string{"read"}}), update(end, keys.Key{ExpiresAt: keys.At(noon.Add(9 * day))}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	wantSays(t, "a later end", update(end, keys.Key{ExpiresAt: keys.At(noon.Add(11 * day))}), keys.ReasonPolicy, "max_lifetime")
	b.made(keys.CreateRequest{Key: keys.Key{Label: "ci-other", Owner: "kim", ExpiresAt: keys.At(noon.Add(day))}})
	owner := keys.FieldsOf(keys.FieldOwner)
	wantSays(t, "an owner who has one", update(owner, keys.Key{Owner: "kim"}), keys.ReasonPolicy, "one_full_key")
	b.rule("one_full_key", "false")
	twin := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci-twin", Owner: "bob", ExpiresAt: keys.At(noon.Add(day))}}).Key
	b.rule("one_full_key", "true")
	if err := update(keys.FieldsOf(keys.FieldDescription), keys.Key{Description: "one of two"}); err != nil {
		t.Errorf("beside %s: %v", twin.ID, err)
	}
}
