package keys_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestUpdatesThatMeanNothing(t *testing.T) {
	b := nativeBench(t)
	id := b.made(keys.CreateRequest{}).Key.ID
	before := len(b.m.Audit())
	label := keys.FieldsOf(keys.FieldLabel)
	for says, q := range map[string]keys.UpdateRequest{
		"nothing to change":           {},
		"the hash of a key cannot":    {Set: keys.FieldsOf(keys.FieldHash)},
		"the prefix of a key cannot":  {Clear: keys.FieldsOf(keys.FieldPrefix)},
		"the label shall be two":      {Set: label, Clear: label, Key: keys.Key{Label: "a"}},
		"the scopes shall be two":     {Set: keys.FieldsOf(keys.FieldScopes), AddScopes: []string{"a"}},
		"shall be added and taken":    {AddScopes: []string{"a"}, RemoveScopes: []string{"a"}},
		"shall be set and taken":      {SetMetadata: map[string]string{"a": "1"}, RemoveMetadata: []string{"a"}},
		"would have expired at":       {Set: keys.FieldsOf(keys.FieldExpiresAt), Key: keys.Key{ExpiresAt: keys.At(noon)}},
		"begins or ends with a space": {Set: label, Key: keys.Key{Label: " a"}},
		"metadata name":               {SetMetadata: map[string]string{"a b": "1"}},
	} {
		q.Refs = idRefs(id)
		_, err := b.Update(t.Context(), q)
		wantSays(t, says, err, keys.ReasonInvalid, says)
	}
	b.untouched("updates that mean nothing", before)
}

// A key never comes to end before it begins, whichever of the two is changed.
func TestUpdatesKeepTheOrderOfMoments(t *testing.T) {
	b := nativeBench(t)
	at := func(d time.Duration) keys.Instant { return keys.At(noon.Add(d)) }
	id := b.made(keys.CreateRequest{Key: keys.Key{NotBefore: at(day), ExpiresAt: at(3 * day)}}).Key.ID
	update := func(f keys.Field, k keys.Key) error {
		q := keys.UpdateRequest{Set: keys.FieldsOf(f), Key: k}
		q.Refs = idRefs(id)
		_, err := b.Update(t.Context(), q)
		return err
	}
	wantSays(t, "an end before the begin", update(keys.FieldExpiresAt, keys.Key{ExpiresAt: at(day / 2)}), keys.ReasonInvalid, "before it begins")
	wantSays(t, "a begin after the end", update(keys.FieldNotBefore, keys.Key{NotBefore: at(4 * day)}), keys.ReasonInvalid, "before it begins")
	b.now = noon.Add(5 * day)
	if err := update(keys.FieldNotBefore, keys.Key{NotBefore: at(2 * day)}); err != nil {
		t.Errorf("the begin of an expired key: %v", err)
	}
}

// What could not be read is written over where it is set, and stays as it is elsewhere.
func TestUpdatesMendWhatTheySet(t *testing.T) {
	b := nativeBench(t)
	id := b.made(keys.CreateRequest{}).Key.ID
	b.patch(id, func(k *keys.Key) {
		k.Damage = []keys.Damage{{Field: keys.FieldScopes, Column: "scopes", Problem: "is a number"}, {Field: keys.FieldOwner, Column: "owner", Problem: "is a number"}}
	})
	q := keys.UpdateRequest{AddScopes: []string{"read"}}
	q.Refs = idRefs(id)
	_, err := b.Update(t.Context(), q)
	wantSays(t, "a part of what cannot be read", err, keys.ReasonDamaged, "say what all of them shall be")
	q.AddScopes, q.Clear = nil, keys.FieldsOf(keys.FieldScopes)
	done, err := b.Update(t.Context(), q)
	if err != nil || done[0].Result != keys.Changed {
		t.Fatalf("%+v, %v", done, err)
	}
	if k := b.stored(id); len(k.Damage) != 1 || k.Damage[0].Field != keys.FieldOwner {
		t.Errorf("%+v is left", k.Damage)
	}
}

// The policy is asked about what an update changes, not about what was there before.
func TestUpdatesObeyThePolicy(t *testing.T) {
	b := nativeBench(t)
	old := b.made(keys.CreateRequest{Key: keys.Key{Owner: "ann", ExpiresAt: keys.At(noon.Add(50 * day))}}).Key.ID
	_, err := b.SetPolicy(t.Context(), keys.PolicyRequest{Settings: []keys.Setting{
		{Name: "scopes", Value: "read,write"}, {Name: "max_lifetime", Value: "30d"}, {Name: "required", Value: "owner"}, {Name: "one_full_key", Value: "true"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	another := b.made(keys.CreateRequest{Key: keys.Key{Owner: "bob", ExpiresAt: keys.At(noon.Add(9 * day))}}).Key.ID
	update := func(id string, change func(*keys.UpdateRequest)) error {
		q := keys.UpdateRequest{}
		q.Refs = idRefs(id)
		change(&q)
		_, err := b.Update(t.Context(), q)
		return err
	}
	end := func(d time.Duration) func(*keys.UpdateRequest) {
		return func(q *keys.UpdateRequest) {
			q.Set, q.Key.ExpiresAt = keys.FieldsOf(keys.FieldExpiresAt), keys.At(b.now.Add(d))
		}
	}
	if err := update(old, func(q *keys.UpdateRequest) { q.SetMetadata = map[string]string{"a": "1"} }); err != nil {
		t.Errorf("metadata of a key that lives too long: %v", err)
	}
	wantSays(t, "scope", update(another, func(q *keys.UpdateRequest) { q.AddScopes = []string{"admin"} }), keys.ReasonVocabulary, "admin")
	wantSays(t, "owner", update(another, func(q *keys.UpdateRequest) { q.Clear = keys.FieldsOf(keys.FieldOwner) }), keys.ReasonPolicy, "required")
	wantSays(t, "owner", update(another, func(q *keys.UpdateRequest) { q.Set, q.Key.Owner = keys.FieldsOf(keys.FieldOwner), "ann" }), keys.ReasonPolicy, "one_full_key")
	b.now = noon.Add(8 * day)
	wantSays(t, "no end", update(another, func(q *keys.UpdateRequest) { q.Clear = keys.FieldsOf(keys.FieldExpiresAt) }), keys.ReasonPolicy, "max_lifetime")
	wantSays(t, "an end in steps", update(another, end(25*day)), keys.ReasonPolicy, "max_lifetime")
	if err := update(another, end(20*day)); err != nil {
		t.Error(err)
	}
}

// The bounds of a server's keys are about their whole life.
func TestUpdatesKeepTheBoundsOfServers(t *testing.T) {
	r := signing()
	b := benchOf(t, r, signingFields)
	b.Secret = strongSecret
	id := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}, ExpiresAt: keys.At(noon.Add(9 * day))}}).Key.ID
	q := keys.UpdateRequest{Set: keys.FieldsOf(keys.FieldExpiresAt)}
	q.Refs = idRefs(id)
	b.now = noon.Add(5 * day)
	q.Key.ExpiresAt = keys.At(noon.Add(r.Lifetime.Most + day))
	_, err := b.Update(t.Context(), q)
	wantSays(t, "a life that is too long", err, keys.ReasonPolicy, "at most")
	q.Key.ExpiresAt = keys.At(noon.Add(r.Lifetime.Most))
	if done, err := b.Update(t.Context(), q); err != nil || done[0].Result != keys.Changed {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestChoicesSayWhatTheyMean(t *testing.T) {
	b := nativeBench(t)
	for _, owner := range []string{"ann", "ann", "bob"} {
		b.made(keys.CreateRequest{Key: keys.Key{Owner: owner}})
	}
	events := len(b.m.Audit())
	ask := func(q keys.ChangeRequest) error {
		_, err := b.Revoke(t.Context(), q)
		return err
	}
	wantSays(t, "nobody", ask(keys.ChangeRequest{Where: &keys.Query{Owner: "alcie"}}), keys.ReasonNotFound, `no key has the owner "alcie"`)
	wantSays(t, "two", ask(keys.ChangeRequest{Where: &keys.Query{Owner: "ann", LabelGlob: "ci-*"}}), keys.ReasonNotFound, "and has a label like")
	wantSays(t, "another number", ask(keys.ChangeRequest{Where: &keys.Query{Owner: "ann"}, Expect: 3}), keys.ReasonOtherCount, "2 keys match, not 3")
	wantSays(t, "everything", ask(keys.ChangeRequest{Where: &keys.Query{CreatedBy: keys.At(noon)}}), keys.ReasonEverything, "3 keys match, which is every key")
	wantSays(t, "both", ask(keys.ChangeRequest{Where: &keys.Query{}, Refs: idRefs("x")}), keys.ReasonInvalid, "not both")
	wantSays(t, "a token", ask(keys.ChangeRequest{Where: &keys.Query{Owner: "kr_" + strings.Repeat("A", 50)}}), keys.ReasonNotFound, "not shown")
	done, err := b.Revoke(t.Context(), keys.ChangeRequest{Where: &keys.Query{Owner: "ann", CreatedBy: keys.At(noon.Add(-day))}})
	if err != nil || done == nil || len(done) > 0 {
		t.Errorf("nothing is so old: %v, %v", done, err)
	}
	b.untouched("refusals", events)
}
