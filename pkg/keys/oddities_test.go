package keys_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What a server takes in a way of its own is said, without the value.
func TestOddities(t *testing.T) {
	optional := ranking()
	optional.Roles.Required, optional.Roles.Empty = false, ""
	strict := ranking()
	strict.Roles.Empty = ""
	scoped := signing()
	for name, tt := range map[string]struct {
		rules *keys.Rules
		key   keys.Key
		says  string // "" for nothing
	}{
		"a known role":             {ranking(), keys.Key{Role: "viewer"}, ""},
		"an empty role":            {ranking(), keys.Key{}, "empty, which the server takes for admin"},
		"one that acts as nothing": {strict, keys.Key{}, "lets the key do nothing"},
		"one that need not be":     {optional, keys.Key{}, ""},
		"another case":             {ranking(), keys.Key{Role: "Admin"}, "lets the key do nothing"},
		"an unread role":           {ranking(), keys.Key{Damage: []keys.Damage{{Field: keys.FieldRole}}}, ""},
		"known scopes":             {scoped, keys.Key{Scopes: []string{"read", "admin"}}, ""},
		"unknown scopes":           {scoped, keys.Key{Scopes: []string{"read", "*", "Admin"}}, "2 of 3 words"},
		"no scopes":                {scoped, keys.Key{}, ""},
		"no vocabulary":            {keys.NativeRules(), keys.Key{Role: "x", Scopes: []string{"y"}}, ""},
	} {
		odd := tt.rules.Oddities(&tt.key, rankingFields|signingFields)
		if len(odd) > 1 || (len(odd) == 1) != (tt.says != "") || len(odd) == 1 && (!odd[0].Odd || !strings.Contains(odd[0].Problem, tt.says)) {
			t.Errorf("%s: %+v, want %q", name, odd, tt.says)
		}
	}
	if odd := ranking().Oddities(&keys.Key{}, scanningFields); odd != nil {
		t.Errorf("of what was not read: %+v", odd)
	}
}

// A key can be judged by a value that is only odd, and the verdict tells of it.
func TestVerdictOnOddities(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	issued := b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}})
	b.patch(issued.Key.ID, func(k *keys.Key) {
		k.Role, k.Damage = "", []keys.Damage{{Field: keys.FieldRole, Column: "role", Problem: "empty", Odd: true}}
	})
	v := b.verdict(issued.Token, keys.Request{Role: "admin"})
	if !v.Accepted || !slices.Equal(v.Advice, []string{"key 1 (a): column role: empty"}) {
		t.Errorf("%+v", v)
	}
	b.made(keys.CreateRequest{Key: keys.Key{Label: "b", Role: "viewer"}})
	b.patch("1", func(k *keys.Key) { k.Role = "admin" })
	_, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs("1")})
	wantReason(t, "revoking the last admin", err, keys.ReasonLastAdmin)
}

// A hash that costs too much here is one that the server may compute.
func TestVerdictOnCostlyHashes(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	known := b.made(keys.CreateRequest{Key: keys.Key{Label: "cheap"}})
	costly := b.made(keys.CreateRequest{Key: keys.Key{Label: "dear"}})
	b.patch(costly.Key.ID, func(k *keys.Key) { k.Hash = "$2b$16$" + k.Hash[7:] })
	b.outcome("another key's token", known.Token, keys.Request{}, keys.OK)
	v := b.verdict(costly.Token, keys.Request{})
	if v.Outcome != keys.NotAnswering || v.Accepted || v.Key != nil || len(v.Advice) != 1 ||
		!strings.Contains(v.Advice[0], "key 2 (dear)") || !strings.Contains(v.Advice[0], "cost 16") {
		t.Errorf("%+v", v)
	}
	b.outcome("what cannot be a token", "", keys.Request{}, keys.NoToken)
	b.patch(costly.Key.ID, func(k *keys.Key) { k.Enabled = false })
	b.outcome("where the server computes it neither", costly.Token, keys.Request{}, keys.Unknown)
	b.patch(costly.Key.ID, func(k *keys.Key) { k.Enabled, k.Hash = true, "$2x$16$"+k.Hash[7:] })
	b.outcome("where the server takes it for no hash", costly.Token, keys.Request{}, keys.Unknown)
	b = benchOf(t, ranking(), rankingFields)
	named := b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}})
	b.patch("1", func(k *keys.Key) { k.Hash, k.Enabled = "$2b$31$"+k.Hash[7:], false })
	b.outcome("a revoked key that its token names", named.Token, keys.Request{}, keys.NotAnswering)
}

func TestOnlyCostIsTooCostly(t *testing.T) {
	salted := strings.Repeat("a", 53)
	for text, want := range map[string]bool{"$2b$15$" + salted: false, "$2b$16$" + salted: true, "$2b$31$" + salted: true, "$2b$32$" + salted: false, "$2x$16$" + salted: false, "$2b$16$": false} {
		if got := keys.TooCostly(keys.Bcrypt.Check(text)); got != want {
			t.Errorf("%.7s: %t", text, got)
		}
	}
	if !keys.TooCostly(keys.Argon2id.Check(argon("v=19", "m=262145,t=1,p=1", salted[:22], salted[:43]))) {
		t.Error("argon2id over 256 MiB is computed")
	}
}

// A server that looks for an active key first says so whatever is presented.
func TestVerdictOnNothingAtAll(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	b.outcome("nothing, where there is no key", "", keys.Request{}, keys.NoKeys)
	b.made(keys.CreateRequest{})
	b.outcome("nothing", "", keys.Request{}, keys.NoToken)
	b.patch("1", func(k *keys.Key) { k.Enabled = false })
	b.outcome("nothing, where no key is active", "", keys.Request{}, keys.NoKeys)
	other := scanning()
	other.ActiveFirst = false
	b = benchOf(t, other, scanningFields)
	b.outcome("nothing, to another server", "", keys.Request{}, keys.NoToken)
	b.put(keys.Key{ID: "1", Hash: "x"})
	b.outcome("a wrong token where no key is active, to another", strings.Repeat("nobody's", 5), keys.Request{}, keys.Unknown)
}

// What a server does not record of use is said by its own advice.
func TestAdviceOnUse(t *testing.T) {
	rules := ranking()
	if list := benchOf(t, rules, rankingFields).AdviceOnUse(); list != nil {
		t.Errorf("none is %q", list)
	}
	rules.Advice[keys.ActionList] = []string{"see the log beside {path}"}
	if list := benchOf(t, rules, rankingFields).AdviceOnUse(); !slices.Equal(list, []string{"see the log beside '/srv/a b.db'"}) {
		t.Errorf("advice %q", list)
	}
}

// A word that suits development only is refused as a short secret is.
func TestWeakSecret(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.Store.Info().Rules.Secret.Weak = []string{strings.Repeat("Dev", 20)}
	b.Secret = []byte(strings.Repeat("dev", 20))
	q := keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}}}
	wantSays(t, "a weak secret", b.creating(q), keys.ReasonSecret, "SIGNER_SECRET", "well-known")
	q.WeakSecret = true
	b.outcome("a token under it", b.made(q).Token, keys.Request{}, keys.OK)
}

// A bootstrap by active keys is open again once none is.
func TestBootstrapByActiveKeys(t *testing.T) {
	rules := ranking()
	rules.Bootstrap.Kind = keys.BootstrapActive
	b := benchOf(t, rules, rankingFields)
	b.needs("a database without rows", true)
	if err := b.bootstrapping(keys.CreateRequest{}); err != nil {
		t.Fatal(err)
	}
	b.needs("a database with an active key", false)
	wantReason(t, "a second bootstrap", b.bootstrapping(keys.CreateRequest{}), keys.ReasonAlreadyBootstrapped)
	b.patch("1", func(k *keys.Key) { k.Enabled = false })
	b.needs("a database with a revoked key", true)
	if err := b.bootstrapping(keys.CreateRequest{}); err != nil {
		t.Error(err)
	}
	b.needs("a database that has an active key again", false)
}
