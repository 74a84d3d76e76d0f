package keystest

import (
	"regexp"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The promises are about rules, not about SQL: a store in memory under the rules
// of servers that differ in everything keeps them too.

// agentRules: integer ids, a visible part in tokens, slow hashes, roles, and no claim.
func agentRules() keys.Info {
	return keys.Info{
		Layout: "agent",
		Fields: keys.FieldsOf(keys.FieldID, keys.FieldLabel, keys.FieldMasked, keys.FieldHash, keys.FieldRole, keys.FieldEnabled, keys.FieldCreatedAt, keys.FieldUpdatedAt, keys.FieldStatus),
		Rules: &keys.Rules{
			Server: "Agent", IDs: keys.IDRules{Assigned: true},
			Form: &keys.TokenForm{
				Text: "ag_{selector}.{secret}", Selector: keys.Part{Of: "base64url", Bytes: 12}, Secret: keys.Part{Of: "base64url", Bytes: 64},
				Pattern: regexp.MustCompile(`^ag_(?P<selector>[A-Za-z0-9_-]{16})\.[A-Za-z0-9_-]+$`), MaskText: "ag_{selector}…",
			},
			Hash:   keys.HashRules{Scheme: keys.Bcrypt72, Cost: 4, LeastCost: 4, MostCost: 15},
			Label:  keys.LabelRules{Required: true, Most: 255},
			Roles:  &keys.RoleRules{Required: true, Words: []string{"admin", "viewer"}, Ranked: true, Empty: "admin"},
			Revoke: keys.RevokeFlag, Guard: keys.GuardAdmin, AdminRole: "admin", KeepActive: "it would go on",
			Bootstrap: keys.BootstrapRules{Kind: keys.BootstrapRow, Role: "admin", Label: "first"},
		},
	}
}

// proxyRules: text ids, digests under a secret, scopes, and no flag but an expiry.
func proxyRules() keys.Info {
	return keys.Info{
		Layout: "proxy", PrefixID: true,
		Fields: keys.FieldsOf(keys.FieldID, keys.FieldLabel, keys.FieldHash, keys.FieldScopes, keys.FieldExpiresAt, keys.FieldCreatedAt, keys.FieldStatus),
		Rules: &keys.Rules{
			Server: "Proxy", IDs: keys.IDRules{Random: keys.Part{Of: "base64url", Chars: 21}},
			Form:   &keys.TokenForm{Text: "px_{secret}", Secret: keys.Part{Of: "base64url", Bytes: 24}, Pattern: regexp.MustCompile(`^px_[A-Za-z0-9_-]{32}$`)},
			Hash:   keys.HashRules{Scheme: keys.HMACSHA256, Legacy: []keys.Scheme{keys.SHA256}},
			Secret: &keys.SecretRules{Name: "PROXY_SECRET", LeastLen: 32}, Label: keys.LabelRules{Required: true, Most: 64},
			Scopes:   &keys.ScopeRules{Required: true, Words: []string{"read", "routes", "admin"}, By: map[string]string{"read": keys.AnyScope, "routes": "admin"}},
			Lifetime: keys.LifetimeRules{Least: 24 * time.Hour, Most: 3650 * 24 * time.Hour},
			Revoke:   keys.RevokeExpiry, Guard: keys.GuardNone, Bootstrap: keys.BootstrapRules{Kind: keys.BootstrapNone},
		},
	}
}

// timedRules: a moment of revocation instead of a flag, and tokens as they are.
func timedRules() keys.Info {
	i := proxyRules()
	i.Layout, i.PrefixID = "timed", false
	i.Fields = keys.FieldsOf(keys.FieldID, keys.FieldLabel, keys.FieldHash, keys.FieldRevokedAt, keys.FieldCreatedAt, keys.FieldStatus)
	r := *i.Rules
	r.Server, r.IDs, r.Hash, r.Secret, r.Scopes, r.Lifetime = "Timed", keys.IDRules{Assigned: true}, keys.HashRules{Scheme: keys.Clear}, nil, nil, keys.LifetimeRules{}
	r.Label.Unique, r.Revoke, r.Guard, r.Bootstrap = true, keys.RevokeTime, keys.GuardActive, keys.BootstrapRules{Kind: keys.BootstrapClaim, Label: "first"}
	i.Rules = &r
	return i
}

func TestMemoryOfServers(t *testing.T) {
	for _, info := range []keys.Info{agentRules(), proxyRules(), timedRules()} {
		t.Run(info.Layout, func(t *testing.T) {
			t.Parallel()
			Run(t, func(*testing.T) Database {
				m := NewMemoryOf(info)
				return Database{
					Open:  func() (keys.Store, error) { return m, nil },
					Audit: func() ([]keys.Event, error) { return m.Audit(), nil },
					Brief: true, Secret: []byte("a secret of more than thirty-two bytes"),
				}
			})
		})
	}
}
