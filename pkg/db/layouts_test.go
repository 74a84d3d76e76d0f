package db

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func mustLoad(t *testing.T, name string) *Layout {
	t.Helper()
	for _, e := range layoutIndex {
		if e.name() == name {
			l, err := e.load()
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
	}
	t.Fatalf("there is no layout %s", name)
	return nil
}

func TestLayoutsAreListed(t *testing.T) {
	var names []string
	for _, l := range Layouts() {
		names = append(names, strings.TrimSuffix(l.Family+"/"+l.Era, "/"))
		if l.Title == "" || l.Family != NativeFamily && l.Since == "" {
			t.Errorf("%+v", l)
		}
	}
	want := []string{"native", "proxbox/claim", "proxbox/open", "proxyos/hmac", "proxyos/sha",
		"zoneweaver/key_id", "zoneweaver/role", "zoneweaver/hw", "zoneweaver/wh"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

// TestLayoutSource wants the file that a name stands for: of a family the newest.
func TestLayoutSource(t *testing.T) {
	for name, want := range map[string]string{"proxbox": "proxbox/claim", "proxyos": "proxyos/hmac", "zoneweaver": "zoneweaver/key_id", "zoneweaver/wh": "zoneweaver/wh"} {
		text, err := LayoutSource(name)
		if err != nil {
			t.Fatal(err)
		}
		l, err := ParseLayout(name, text)
		if err != nil || l.Name() != want {
			t.Errorf("%s: %v, %v", name, l, err)
		}
	}
	for _, name := range []string{"", "native", "nosuch", "proxbox/", "layouts/proxbox-claim.yaml"} {
		_, err := LayoutSource(name)
		wantReason(t, err, keys.ReasonInvalid)
	}
	token := "hw_" + strings.Repeat("aB3-", 4) + "." + strings.Repeat("xY7_", 20)
	if _, err := LayoutSource(token); err == nil || strings.Contains(err.Error(), "xY7_") {
		t.Errorf("what looks like a token is repeated: %v", err)
	}
}

// TestLayoutFilesAreNamed holds the files to the names of their layouts.
func TestLayoutFilesAreNamed(t *testing.T) {
	for _, e := range layoutIndex {
		if want := "layouts/" + e.family + "-" + e.era + ".yaml"; e.file != want {
			t.Errorf("%s is in %s", e.name(), path.Base(e.file))
		}
	}
}

// TestServersTokens holds each layout to the length of its server's tokens, and to
// what that server takes for a token.
func TestServersTokens(t *testing.T) {
	b64 := func(n int) string { return strings.Repeat("aB3-_", n/5+1)[:n] }
	newest := "hw_" + b64(16) + "." + b64(86)
	for name, c := range map[string]struct {
		lengths  map[int]int // bytes of randomness to characters
		accepted []string
		refused  []string
	}{
		"proxbox/claim":     {map[int]int{0: 64}, []string{b64(64), "anything"}, []string{""}},
		"proxbox/open":      {map[int]int{0: 64}, []string{b64(64), "anything"}, []string{""}},
		"zoneweaver/wh":     {map[int]int{0: 89, 32: 46}, []string{"wh_" + b64(86), "hw_" + b64(86), "x"}, []string{""}},
		"zoneweaver/hw":     {map[int]int{0: 89, 256: 345}, []string{"wh_" + b64(86), "hw_" + b64(86), "x"}, []string{""}},
		"zoneweaver/role":   {map[int]int{0: 89}, []string{"wh_" + b64(86), "hw_" + b64(86), "x"}, []string{""}},
		"zoneweaver/key_id": {map[int]int{0: 106, 32: 63, 256: 362}, []string{newest, newest[:21]}, []string{"", "hw_" + b64(86), "wh_" + newest[3:], newest[:20], newest + "=", newest + "\n", "x" + newest}},
		"proxyos/hmac":      {map[int]int{0: 37}, []string{"pxos_" + b64(32)}, []string{"", "pak_" + b64(32), "pxos_" + b64(31), "pxos_" + b64(33), "pxos_" + b64(32) + "\n", "pxos_" + b64(31) + "+"}},
		"proxyos/sha":       {map[int]int{0: 37}, []string{"pxos_" + b64(32)}, []string{"pak_" + b64(32)}},
	} {
		form := mustLoad(t, name).Rules.Form
		for bytes, want := range c.lengths {
			if token, err := form.New(&sequence{}, bytes); err != nil || len(token) != want {
				t.Errorf("%s: a token of %d bytes has %d characters, want %d: %v", name, bytes, len(token), want, err)
			}
		}
		for _, token := range c.accepted {
			if _, ok := form.Parse(token); !ok {
				t.Errorf("%s refuses a token of %d characters", name, len(token))
			}
		}
		for _, token := range c.refused {
			if _, ok := form.Parse(token); ok {
				t.Errorf("%s takes %d characters for a token", name, len(token))
			}
		}
	}
}

// TestServersFacts holds the layouts to what was measured of their servers.
func TestServersFacts(t *testing.T) {
	claim, open := mustLoad(t, "proxbox/claim"), mustLoad(t, "proxbox/open")
	wh, hw, role, keyID := mustLoad(t, "zoneweaver/wh"), mustLoad(t, "zoneweaver/hw"), mustLoad(t, "zoneweaver/role"), mustLoad(t, "zoneweaver/key_id")
	hmac, sha := mustLoad(t, "proxyos/hmac"), mustLoad(t, "proxyos/sha")
	parts, _ := keyID.Rules.Form.Parse("hw_0123456789abcdef.secret")
	says := func(l *Layout, action keys.Action, text string) bool {
		return strings.Contains(strings.Join(l.Rules.Advice[action], " "), text)
	}
	for fact, holds := range map[string]bool{
		"proxbox bcrypt refuses more than 72 bytes":   claim.Rules.Hash.Scheme == keys.Bcrypt && claim.Rules.Form.MostBytes == 72 && claim.Rules.Form.LeastChars == 32,
		"proxbox accepts 2y":                          slices.Contains(claim.Rules.Hash.Accepts, "$2y$"),
		"proxbox claim row":                           *claim.Claim == ClaimTable{"api_key_bootstrap_claim", "id", int64(1), "initialized_at", "real-seconds"},
		"proxbox before the claim":                    open.Claim == nil && open.Rules.Bootstrap.Kind == keys.BootstrapActive && open.Rules.ActiveFirst && claim.Rules.ActiveFirst,
		"proxbox guards the last active key":          claim.Rules.Guard == keys.GuardActive && open.Rules.Guard == keys.GuardActive,
		"proxbox lockout":                             claim.Lockouts.Table == "authlockout" && claim.Lockouts.Limit == 5 && claim.Lockouts.Window.Seconds() == 300 && claim.Rules.Lockout.Strict,
		"proxbox reuses ids":                          says(claim, keys.ActionDelete, "{id}") && claim.Rules.IDs.Reused && open.Rules.IDs.Reused && !keyID.Rules.IDs.Reused && !wh.Rules.IDs.Reused,
		"proxbox label may be missing":                !claim.Rules.Label.Required && claim.fields().Has(keys.FieldLabel),
		"agent cuts at 72 bytes":                      wh.Rules.Hash.Scheme == keys.Bcrypt72 && keyID.Rules.Hash.Scheme == keys.Bcrypt72,
		"agent refuses 2y":                            !slices.Contains(keyID.Rules.Hash.Accepts, "$2y$"),
		"agent's cost goes to 31, ours does not":      keyID.Rules.Hash.Cost == 12 && keyID.Rules.Hash.LeastCost == 4 && keyID.Rules.Hash.MostCost == 15,
		"agent finds a key by its visible part":       keyID.Selector == keys.FieldMasked && parts.Selector == "0123456789abcdef" && parts.Masked == "hw_0123456789abcdef…",
		"agent hashes the whole token":                strings.HasPrefix(parts.Hashed, "hw_"),
		"older agents look at no part":                role.Rules.Form.Pattern == nil && !role.fields().Has(keys.FieldMasked),
		"agent guards its last administrator":         keyID.Rules.Guard == keys.GuardAdmin && role.Rules.AdminRole == "admin",
		"agent without roles guards nothing":          hw.Rules.Guard == keys.GuardNone && wh.Rules.Roles == nil,
		"agent's roles":                               slices.Equal(keyID.Rules.Roles.Words, []string{"admin", "operator", "viewer"}) && keyID.Rules.Roles.Required && keyID.Rules.Roles.Empty == "admin",
		"agent bootstraps while there is no row":      keyID.Rules.Bootstrap.Kind == keys.BootstrapRow && keyID.Rules.Bootstrap.Role == "admin",
		"agent remembers keys":                        keyID.Rules.KeepActive != "" && says(keyID, keys.ActionRevoke, "svcadm restart zoneweaver-agent") && says(keyID, "update", "svcadm restart zoneweaver-agent"),
		"agent can be told of a revoked key":          says(keyID, keys.ActionRevoke, "PUT /api-keys/{id}/revoke"),
		"agent cannot be told of a deleted key":       says(keyID, keys.ActionDelete, "svcadm restart zoneweaver-agent") && !says(keyID, keys.ActionDelete, "PUT"),
		"agent notices new and activated keys":        !says(keyID, keys.ActionCreate, "agent") && !says(keyID, keys.ActionActivate, "agent"),
		"older agents remember nothing":               role.Rules.KeepActive == "" && !says(role, keys.ActionRevoke, "restart"),
		"agent publishes names":                       keyID.Rules.Label.Published != "" && wh.Rules.Label.Published != "" && !keyID.Rules.Label.Pattern.MatchString("<b>") && keyID.Rules.Label.Pattern.MatchString("Bootstrap-Key"),
		"agent keeps two creations and the change":    keyID.Copies[0] == Copy{keys.FieldCreatedAt, "createdAt", "sequelize", false} && keyID.fields().Has(keys.FieldUpdatedAt),
		"agent's first use is the creation":           slices.ContainsFunc(wh.Columns, func(c Column) bool { return c.Field == keys.FieldLastUsedAt && c.AsCreated }),
		"old file beside the new one":                 role.Find.Superseded == "core.sqlite" && keyID.Find.Superseded == "",
		"ProxyOS hashes under a secret, or did not":   hmac.Rules.Hash.Scheme == keys.HMACSHA256 && slices.Equal(hmac.Rules.Hash.Legacy, []keys.Scheme{keys.SHA256}) && sha.Rules.Hash.Scheme == keys.SHA256 && sha.Rules.Secret == nil,
		"ProxyOS's secret":                            hmac.Rules.Secret.Name == "PROXYOS_SECRET" && hmac.Rules.Secret.LeastLen == 32 && slices.Contains(hmac.Rules.Secret.Forbidden, "changeme") && slices.Equal(hmac.Rules.Secret.Weak, []string{"dev-secret-change-me"}),
		"ProxyOS's ids":                               hmac.Rules.IDs.Random == keys.Part{Chars: 21, Of: "base64url"} && hmac.PrefixID,
		"ProxyOS revokes by expiry":                   hmac.Rules.Revoke == keys.RevokeExpiry && !hmac.fields().Has(keys.FieldEnabled),
		"ProxyOS has no first key":                    hmac.Rules.Bootstrap.Kind == keys.BootstrapNone && hmac.Rules.Guard == keys.GuardNone,
		"ProxyOS's names and lifetimes":               hmac.Rules.Label.Required && hmac.Rules.Label.Most == 64 && hmac.Rules.Lifetime.Least.Hours() == 24 && hmac.Rules.Lifetime.Most.Hours() == 3650*24,
		"ProxyOS's scopes":                            len(hmac.Rules.Scopes.Words) == 11 && hmac.Rules.Scopes.Required,
		"ProxyOS grants read to any scope":            hmac.Rules.Scopes.By["read"] == keys.AnyScope && hmac.Rules.Scopes.By["routes"] == "admin",
		"ProxyOS's admin does not grant fine scopes":  hmac.Rules.Scopes.By["routes:read"] == "" && hmac.Rules.Scopes.By["admin"] == "",
		"ProxyOS never says when a key was used":      says(hmac, "list", "never records"),
		"ProxyOS's file has two usual places":         slices.Equal(hmac.Find.Paths, []string{"/data/proxyos/proxyos.db", "/data/proxyos.db"}),
		"eras of the agent name the file differently": wh.Find.Config.Key == "database.storage" && keyID.Find.Config.Key == "database.directory" && keyID.Find.Config.File == "core.sqlite",
		"of two eras with one table one is meant":     slices.Equal(hw.Recognise.InsteadOf, []string{"wh"}) && slices.Equal(hmac.Recognise.InsteadOf, []string{"sha"}),
	} {
		if !holds {
			t.Errorf("not so: %s", fact)
		}
	}
}
