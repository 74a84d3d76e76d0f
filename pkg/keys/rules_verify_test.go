package keys_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var (
	somebody = netip.MustParseAddr("192.0.2.7")
	lockedUp = keys.Lockout{Address: "192.0.2.7", Failures: 5, Since: keys.At(noon.Add(-1e9)), Until: keys.At(noon.Add(60e9))}
)

// A strict server looks at the address first, then for any active key.
func TestVerdictOfAStrictServer(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	token := strings.Repeat("nobody's", 5)
	b.outcome("a token for no keys", token, keys.Request{}, keys.NoKeys)
	issued := b.made(keys.CreateRequest{})
	b.outcome("a wrong token", token, keys.Request{}, keys.Unknown)
	b.outcome("the token", issued.Token, keys.Request{Addr: somebody}, keys.OK)
	b.m.Lock(lockedUp)
	mapped := netip.AddrFrom16(somebody.As16())
	for _, addr := range []netip.Addr{somebody, mapped} {
		b.outcome("the token from a locked address", issued.Token, keys.Request{Addr: addr}, keys.Locked)
		b.outcome("no token from a locked address", "", keys.Request{Addr: addr}, keys.Locked)
	}
	b.outcome("the token from another address", issued.Token, keys.Request{Addr: somebody.Next()}, keys.OK)
	b.outcome("no token", "", keys.Request{}, keys.NoToken)
	b.patch(issued.Key.ID, func(k *keys.Key) { k.Enabled = false })
	b.outcome("a wrong token where no key is active", token, keys.Request{}, keys.NoKeys)
	b.outcome("the token where no key is active", issued.Token, keys.Request{}, keys.KeyRevoked)
}

// Elsewhere who knows a secret passes a locked address.
func TestVerdictOfALenientServer(t *testing.T) {
	rules := scanning()
	rules.Lockout.Strict, rules.ActiveFirst = false, false
	b := benchOf(t, rules, scanningFields)
	issued := b.made(keys.CreateRequest{})
	b.m.Lock(lockedUp)
	b.outcome("the token", issued.Token, keys.Request{Addr: somebody}, keys.OK)
	b.outcome("a wrong token", issued.Token[1:]+"-", keys.Request{Addr: somebody}, keys.Locked)
	b.patch(issued.Key.ID, func(k *keys.Key) { k.Enabled = false })
	b.outcome("a wrong token where no key is active", issued.Token[1:]+"-", keys.Request{}, keys.Unknown)
}

func TestVerdictByForm(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	issued := b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "viewer"}})
	for what, tt := range map[string]struct {
		token string
		want  keys.Outcome
	}{
		"the token":                  {issued.Token, keys.OK},
		"what of it is hashed":       {issued.Token[:72], keys.OK},
		"another tail":               {issued.Token[:72] + "tail", keys.OK},
		"a byte less than is hashed": {issued.Token[:71], keys.Unknown},
		"another selector":           {"hw_AAAAAAAAAAAAAAAA" + issued.Token[19:], keys.Unknown},
		"an older form":              {"wh_" + issued.Token[20:], keys.Malformed},
		"a character too many":       {issued.Token + "!", keys.Malformed},
	} {
		b.outcome(what, tt.token, keys.Request{}, tt.want)
	}
	for token, past := range map[string]bool{issued.Token: true, issued.Token[:72]: false} {
		if v := b.verdict(token, keys.Request{}); slices.Contains(v.Unchecked, "bytes_past_72") != past {
			t.Errorf("%d bytes: unchecked %q", len(token), v.Unchecked)
		}
	}
	if v := b.verdict(issued.Token, keys.Request{Role: "viewer"}); !slices.Equal(v.Unchecked, []string{"bytes_past_72"}) {
		t.Errorf("unchecked %q: a server without scopes, owners and networks asks for none", v.Unchecked)
	}
}

// A stored text of a version that the server's library does not take is no hash to it.
func TestVerdictByVersion(t *testing.T) {
	for version, want := range map[string]keys.Outcome{"$2a$": keys.OK, "$2b$": keys.OK, "$2y$": keys.Unknown, "$2x$": keys.Unknown} {
		b := benchOf(t, ranking(), rankingFields)
		issued := b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}})
		b.patch(issued.Key.ID, func(k *keys.Key) { k.Hash = version + k.Hash[4:] })
		b.outcome("a hash of version "+version, issued.Token, keys.Request{}, want)
	}
}

func TestVerdictByRole(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	issued := b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}})
	for _, tt := range []struct {
		has, asked string
		want       keys.Outcome
	}{
		{"admin", "", keys.OK}, {"admin", "admin", keys.OK}, {"admin", "operator", keys.OK}, {"admin", "viewer", keys.OK},
		{"viewer", "viewer", keys.OK}, {"viewer", "operator", keys.WrongRole}, {"operator", "admin", keys.WrongRole},
		{"", "", keys.OK}, {"", "admin", keys.OK}, {"", "viewer", keys.OK},
		{"Admin", "", keys.WrongRole}, {"Admin", "Admin", keys.WrongRole}, {"Admin", "viewer", keys.WrongRole},
		{"admin", "nonsense", keys.WrongRole},
	} {
		b.patch(issued.Key.ID, func(k *keys.Key) { k.Role = tt.has })
		b.outcome("a key of role "+tt.has+" asked for "+tt.asked, issued.Token, keys.Request{Role: tt.asked}, tt.want)
	}
	unranked := ranking()
	unranked.Roles.Ranked, unranked.Roles.Empty = false, ""
	b = benchOf(t, unranked, rankingFields)
	issued = b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}})
	b.outcome("a role that is not ranked", issued.Token, keys.Request{Role: "viewer"}, keys.WrongRole)
	b.patch(issued.Key.ID, func(k *keys.Key) { k.Role = "" })
	b.outcome("no role", issued.Token, keys.Request{}, keys.WrongRole)
}

func TestVerdictByScope(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	issued := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}}})
	for _, tt := range []struct {
		has, asked string
		want       keys.Outcome
	}{
		{"read", "", keys.OK}, {"read", "read", keys.OK}, {"routes:read", "read", keys.OK}, {"", "read", keys.MissingScope},
		{"admin", "routes", keys.OK}, {"admin", "routes:read", keys.MissingScope}, {"admin", "read routes admin", keys.OK},
		{"read", "read routes", keys.MissingScope}, {"*", "routes", keys.MissingScope}, {"*", "*", keys.OK}, {"routes", "*", keys.MissingScope},
	} {
		b.patch(issued.Key.ID, func(k *keys.Key) { k.Scopes = strings.Fields(tt.has) })
		b.outcome("a key of "+tt.has+" asked for "+tt.asked, issued.Token, keys.Request{Scopes: strings.Fields(tt.asked)}, tt.want)
	}
}

// Without the secret only what was hashed without it can be judged.
func TestVerdictUnderASecret(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	q := keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}}}
	signed := b.made(q)
	q.Legacy = true
	legacy := b.made(q)
	b.outcome("a token under the secret", signed.Token, keys.Request{}, keys.OK)
	b.outcome("an older one", legacy.Token, keys.Request{}, keys.OK)
	b.Secret = []byte("another one, which is long enough, too")
	b.outcome("a token under another secret", signed.Token, keys.Request{}, keys.Unknown)
	b.outcome("an older one under another secret", legacy.Token, keys.Request{}, keys.OK)
	b.Secret = nil
	b.outcome("an older one without the secret", legacy.Token, keys.Request{}, keys.OK)
	_, err := b.Verify(t.Context(), signed.Token, keys.Request{})
	wantReason(t, "a token without the secret", err, keys.ReasonSecret)
	_, err = b.Revoke(t.Context(), keys.ChangeRequest{Refs: []keys.Ref{keys.TokenRef(signed.Token)}})
	wantReason(t, "a token without the secret, as a REF", err, keys.ReasonSecret)
	b.outcome("what cannot be a token", "pxos_short", keys.Request{}, keys.Malformed)
	if _, err = b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs(signed.Key.ID)}); err != nil {
		t.Errorf("the id needs no secret: %v", err)
	}
	b.Secret = []byte("changeme")
	_, err = b.Verify(t.Context(), legacy.Token, keys.Request{})
	wantReason(t, "a secret with which no server runs", err, keys.ReasonSecret)
	b.Secret = []byte("short")
	b.outcome("a short secret", legacy.Token, keys.Request{}, keys.OK)
}

// What cannot be read is neither accepted nor explained, and only to who has the
// secret. A neighbour is found all the same.
func TestVerdictOnDamage(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	issued := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}}})
	b.patch(issued.Key.ID, func(k *keys.Key) {
		k.Damage = []keys.Damage{{Field: keys.FieldScopes, Column: "scopes", Problem: "is not JSON"}}
	})
	b.outcome("a damaged key", issued.Token, keys.Request{}, keys.NotAnswering)
	other := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}}})
	b.outcome("another key", other.Token, keys.Request{}, keys.OK)
	b.patch(other.Key.ID, func(k *keys.Key) { k.Damage = []keys.Damage{{Field: keys.FieldLabel}} })
	b.outcome("a key whose label cannot be read", other.Token, keys.Request{}, keys.OK)
}

// A running server may not know what its database says.
func TestVerdictWithAdvice(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	issued := b.made(keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}})
	if v := b.verdict(issued.Token, keys.Request{}); v.Advice != nil {
		t.Errorf("advice on a good key: %q", v.Advice)
	}
	b.patch(issued.Key.ID, func(k *keys.Key) { k.Enabled = false })
	if v := b.verdict(issued.Token, keys.Request{}); !slices.Equal(v.Advice, []string{"purge 1 of '/srv/a b.db'"}) {
		t.Errorf("advice %q", v.Advice)
	}
}
