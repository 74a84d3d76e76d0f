package keys_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func (b *bench) bootstrapping(q keys.CreateRequest) error {
	_, err := b.Bootstrap(b.Context(), q, quiet{})
	return err
}

func (b *bench) summary() keys.Summary {
	b.Helper()
	sum, err := b.Status(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return sum
}

func (b *bench) needs(what string, want bool) {
	b.Helper()
	if got := b.summary().NeedsBootstrap; got != want {
		b.Errorf("%s needs a bootstrap: %t, want %t", what, got, want)
	}
}

func TestBootstrapByAClaim(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	b.needs("a new database", true)
	issued, err := b.Bootstrap(t.Context(), keys.CreateRequest{}, quiet{})
	if err != nil || issued[0].Key.Label != "first" || issued[0].Key.Scopes != nil {
		t.Fatalf("%+v, %v", issued, err)
	}
	if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs("1"), Force: true}); err != nil {
		t.Fatal(err)
	}
	b.needs("a claimed database without keys", false)
	wantReason(t, "a second bootstrap", b.bootstrapping(keys.CreateRequest{}), keys.ReasonAlreadyBootstrapped)
	b.made(keys.CreateRequest{}) // the way back in
	open := benchOf(t, scanning(), scanningFields)
	open.made(keys.CreateRequest{}) // claims, or the server could be claimed once the key is gone
	if open.summary().Claimed.IsNone() {
		t.Error("create left the database open")
	}
}

func TestBootstrapByAnyRow(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	issued, err := b.Bootstrap(t.Context(), keys.CreateRequest{}, quiet{})
	if err != nil || issued[0].Key.Label != "first" || issued[0].Key.Role != "admin" {
		t.Fatalf("%+v, %v", issued, err)
	}
	if !b.summary().Claimed.IsNone() {
		t.Error("a claim was written where the server keeps none")
	}
	b.patch("1", func(k *keys.Key) { k.Enabled = false })
	b.needs("a database with a revoked key", false)
	wantReason(t, "a second bootstrap", b.bootstrapping(keys.CreateRequest{}), keys.ReasonAlreadyBootstrapped)
	if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs("1")}); err != nil {
		t.Fatal(err)
	}
	b.needs("a database without rows", true)
	if err := b.bootstrapping(keys.CreateRequest{Key: keys.Key{Label: "mine", Role: "viewer"}}); err != nil {
		t.Fatal(err)
	}
	if k := b.stored("1"); k.Label != "mine" || k.Role != "viewer" {
		t.Errorf("asked for otherwise: %+v", k)
	}
}

// The first key gets what its table can hold of what the rules say.
func TestBootstrapOfAPoorTable(t *testing.T) {
	rules := keys.NativeRules()
	rules.Bootstrap.Role = "admin"
	b := benchOf(t, rules, keys.FieldsOf(keys.FieldID, keys.FieldHash, keys.FieldStatus, keys.FieldCreatedAt))
	issued, err := b.Bootstrap(t.Context(), keys.CreateRequest{}, quiet{})
	if err != nil || issued[0].Key.Label != "" || issued[0].Key.Role != "" || issued[0].Key.Scopes != nil || issued[0].Key.Masked != "" {
		t.Errorf("%+v, %v", issued, err)
	}
}

func TestNothingToBootstrap(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	q := keys.CreateRequest{Key: keys.Key{Scopes: []string{"admin"}}, IfNeeded: true}
	wantSays(t, "a bootstrap", b.bootstrapping(q), keys.ReasonUnsupported, "create")
	b.needs("it", false)
	b.untouched("a bootstrap", 0)
}

// revoking by a flag, by a time and by the expiry, and back.
func TestKindsOfRevocation(t *testing.T) {
	timed := scanning()
	timed.Revoke = keys.RevokeTime
	for name, tt := range map[string]struct {
		rules  *keys.Rules
		fields keys.Fields
		off    keys.Status
	}{
		"flag":   {scanning(), scanningFields | keys.FieldsOf(keys.FieldUpdatedAt), keys.Revoked},
		"time":   {timed, scanningFields | keys.FieldsOf(keys.FieldRevokedAt), keys.Revoked},
		"expiry": {signing(), signingFields, keys.Expired},
	} {
		b := benchOf(t, tt.rules, tt.fields)
		b.Secret = strongSecret
		q := keys.CreateRequest{}
		if tt.rules.Scopes != nil {
			q.Key.Scopes = []string{"read"}
		}
		b.made(q)
		before := b.made(q).Key
		b.now = noon.Add(day)
		work := keys.ChangeRequest{Refs: idRefs(before.ID), Reason: "leaked"}
		for i, want := range []keys.Result{keys.Changed, keys.Unchanged} {
			done, err := b.Revoke(t.Context(), work)
			if err != nil || done[0].Result != want || done[0].Key.Status(keys.At(b.now)) != tt.off {
				t.Errorf("%s: revoke %d: %+v, %v", name, i, done, err)
			}
		}
		off := b.stored(before.ID)
		if tt.fields.Has(keys.FieldRevokedAt) != !off.RevokedAt.IsNone() || off.RevokedReason != "" || off.RevokedBy != "" {
			t.Errorf("%s: revoked is %+v", name, off)
		}
		if tt.fields.Has(keys.FieldUpdatedAt) && off.UpdatedAt != keys.At(b.now) {
			t.Errorf("%s: updated at %s", name, off.UpdatedAt)
		}
		for i, want := range []keys.Result{keys.Changed, keys.Unchanged} {
			done, err := b.Activate(t.Context(), work)
			if err != nil || done[0].Result != want || done[0].Key.Status(keys.At(b.now)) != keys.Active {
				t.Errorf("%s: activate %d: %+v, %v", name, i, done, err)
			}
		}
		if on := b.stored(before.ID); on.ExpiresAt != before.ExpiresAt || !on.RevokedAt.IsNone() || !on.Enabled {
			t.Errorf("%s: active again is %+v", name, on)
		}
	}
}

func TestKeysThatCanOnlyBeDeleted(t *testing.T) {
	rules := scanning()
	rules.Revoke = keys.RevokeNone
	b := benchOf(t, rules, scanningFields)
	b.made(keys.CreateRequest{})
	b.made(keys.CreateRequest{})
	q := keys.ChangeRequest{Refs: idRefs("1")}
	_, err := b.Revoke(t.Context(), q)
	wantSays(t, "revoke", err, keys.ReasonUnsupported, "delete")
	if done, err := b.Activate(t.Context(), q); err != nil || done[0].Result != keys.Unchanged {
		t.Errorf("activate: %+v, %v", done, err)
	}
	if _, err := b.Delete(t.Context(), q); err != nil {
		t.Error(err)
	}
}

// A key that expired gets back what it had, from the latest revocation, and only
// if nobody changed it since.
func TestExpiryIsRestored(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	end := keys.At(noon.Add(9 * day))
	id := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}, ExpiresAt: end}}).Key.ID
	q := keys.ChangeRequest{Refs: idRefs(id)}
	activate := func() error { _, err := b.Activate(t.Context(), q); return err }
	revoke := func() {
		if _, err := b.Revoke(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	revoke()
	if err := activate(); err != nil || b.stored(id).ExpiresAt != end {
		t.Errorf("the expiry is %s, %v", b.stored(id).ExpiresAt, err)
	}
	revoke()
	b.patch(id, func(k *keys.Key) { k.ExpiresAt = k.ExpiresAt.Add(-day) }) // by another program
	wantSays(t, "an expiry that is not ours", activate(), keys.ReasonInvalid, "expire")
	q.Expires, q.ExpiresAt = true, keys.At(noon.Add(-1))
	wantReason(t, "an expiry in the past", activate(), keys.ReasonInvalid)
	q.ExpiresAt = keys.At(noon.Add(4000 * day))
	wantReason(t, "an expiry beyond the server's bound", activate(), keys.ReasonPolicy)
	q.ExpiresAt = keys.Instant{}
	if err := activate(); err != nil || !b.stored(id).ExpiresAt.IsNone() {
		t.Errorf("the expiry is %s, %v", b.stored(id).ExpiresAt, err)
	}
	unknown := keys.Key{ID: "-from-elsewhere", Hash: keys.Digest("x"), Enabled: true, ExpiresAt: keys.At(noon)}
	b.put(unknown)
	q = keys.ChangeRequest{Refs: idRefs(unknown.ID)}
	wantReason(t, "an expiry that nobody knows", activate(), keys.ReasonInvalid)
	scanner := benchOf(t, scanning(), scanningFields)
	scanner.made(keys.CreateRequest{})
	_, err := scanner.Activate(t.Context(), keys.ChangeRequest{Refs: idRefs("1"), Expires: true})
	wantReason(t, "an expiry without a column", err, keys.ReasonUnsupported)
}

// A new expiry is a change of its own, on every table that can hold it.
func TestActivateRenews(t *testing.T) {
	b := benchOf(t, keys.NativeRules(), scanningFields|keys.FieldsOf(keys.FieldExpiresAt, keys.FieldNotBefore))
	id := b.made(keys.CreateRequest{Key: keys.Key{ExpiresAt: keys.At(noon.Add(day)), NotBefore: keys.At(noon.Add(3600e9))}}).Key.ID
	q := keys.ChangeRequest{Refs: idRefs(id), Expires: true, ExpiresAt: keys.At(noon.Add(2 * day))}
	for i, want := range []keys.Result{keys.Changed, keys.Unchanged} {
		done, err := b.Activate(t.Context(), q)
		if err != nil || done[0].Result != want || done[0].Key.ExpiresAt != q.ExpiresAt {
			t.Errorf("activate %d: %+v, %v", i, done, err)
		}
	}
	q.ExpiresAt = keys.At(noon.Add(1800e9))
	_, err := b.Activate(t.Context(), q)
	wantReason(t, "an expiry before the beginning", err, keys.ReasonInvalid)
}

func TestGuardsOfServers(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	admin, viewer := keys.Key{Label: "a", Role: "admin"}, keys.Key{Label: "v", Role: "viewer"}
	b.made(keys.CreateRequest{Key: admin})
	b.made(keys.CreateRequest{Key: viewer})
	for name, do := range map[string]func() error{
		"revoke": func() error { _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs("1")}); return err },
		"delete": func() error { _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs("1", "2")}); return err },
	} {
		wantSays(t, name, do(), keys.ReasonLastAdmin, "admin")
	}
	if _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs("2")}); err != nil {
		t.Errorf("the last viewer: %v", err)
	}
	b = benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	id := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"admin"}}}).Key.ID
	if _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs(id)}); err != nil {
		t.Errorf("the last key where none is a normal state: %v", err)
	}
}

// A key that a running server remembers is revoked before it is deleted.
func TestKeysThatAServerRemembers(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	for range 3 {
		b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}})
	}
	events := len(b.m.Audit())
	_, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs("2")})
	wantSays(t, "deleting an active key", err, keys.ReasonStillActive, "2 (a) is active: revoke it first")
	b.untouched("deleting an active key", events)
	done, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs("2"), Force: true})
	if err != nil || !slices.Equal(done[0].Advice, []string{"restart it: a is remembered"}) {
		t.Errorf("%+v, %v", done, err)
	}
	if e := b.m.Audit()[events]; !e.Forced {
		t.Errorf("the audit does not tell of the force: %+v", e)
	}
	b.patch("3", func(k *keys.Key) { k.Enabled = false })
	if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs("3")}); err != nil {
		t.Errorf("a revoked key: %v", err)
	}
	if e := b.m.Audit()[events+1]; e.Forced {
		t.Errorf("the audit tells of a force: %+v", e)
	}
}

// Advice names the key and the file, and comes with what changed only.
func TestAdviceOnChanges(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	for range 2 {
		b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}})
	}
	b.patch("2", func(k *keys.Key) { k.Label = "it's\x1b" })
	q := keys.ChangeRequest{Refs: idRefs("2"), DryRun: true}
	for _, want := range [][]string{nil, {"purge 2 of '/srv/a b.db'"}, nil} {
		done, err := b.Revoke(t.Context(), q)
		if err != nil || !slices.Equal(done[0].Advice, want) {
			t.Errorf("advice %q, %v, want %q", done[0].Advice, err, want)
		}
		q.DryRun = false
	}
	done, err := b.Delete(t.Context(), q)
	if err != nil || !slices.Equal(done[0].Advice, []string{`restart it: 'it'\''s` + "\uFFFD' is remembered"}) {
		t.Errorf("advice %q, %v", done[0].Advice, err)
	}
	if done, err := b.Activate(t.Context(), keys.ChangeRequest{Refs: idRefs("1")}); err != nil || done[0].Advice != nil {
		t.Errorf("advice on no change: %+v, %v", done, err)
	}
	b.patch("1", func(k *keys.Key) { k.Enabled = false })
	done, err = b.Activate(t.Context(), keys.ChangeRequest{Refs: idRefs("1")})
	if err != nil || len(done[0].Advice) != 1 || !strings.Contains(done[0].Advice[0], "everybody") {
		t.Errorf("advice %+v, %v", done, err)
	}
}

// Damage does not keep anybody from getting rid of a row, nor protects it.
func TestDamagedRowsCanBeChanged(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	b.put(keys.Key{ID: "7", Enabled: true, Hash: "x", Damage: []keys.Damage{{Field: keys.FieldHash, Column: "key_hash", Problem: "is a number"}}})
	if done, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs("7")}); err != nil || done[0].Result != keys.Changed {
		t.Errorf("%+v, %v", done, err)
	}
	b.patch("7", func(k *keys.Key) { k.Enabled = true })
	if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs("7")}); err != nil {
		t.Error(err)
	}
	b.put(keys.Key{ID: "8", Hash: "x", Damage: []keys.Damage{{Field: keys.FieldEnabled, Column: "is_active", Problem: "is a text"}}})
	if done, err := b.Activate(t.Context(), keys.ChangeRequest{Refs: idRefs("8")}); err != nil || !done[0].Key.Enabled {
		t.Errorf("%+v, %v", done, err)
	}
}
