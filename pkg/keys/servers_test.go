package keys_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

const day = 24 * time.Hour

// The servers below have the rules of real ones, at the least cost of bcrypt.

// scanning is one that tries every active key in turn, and counts keys only.
func scanning() *keys.Rules {
	return &keys.Rules{
		Server: "Scanner", IDs: keys.IDRules{Assigned: true, Reused: true},
		Form:   &keys.TokenForm{Text: "{secret}", Secret: keys.Part{Of: "base64url", Bytes: 48}, LeastChars: 32, MostBytes: 72},
		Hash:   keys.HashRules{Scheme: keys.Bcrypt, Accepts: []string{"$2a$", "$2b$", "$2y$"}, Cost: 4, LeastCost: 4, MostCost: 12},
		Revoke: keys.RevokeFlag, Guard: keys.GuardActive,
		Bootstrap:   keys.BootstrapRules{Kind: keys.BootstrapClaim, Label: "first"},
		Lockout:     keys.LockoutRules{Kept: true, Strict: true, Else: "its limit per minute is in memory"},
		ActiveFirst: true,
	}
}

var scanningFields = keys.FieldsOf(keys.FieldID, keys.FieldStatus, keys.FieldLabel, keys.FieldHash, keys.FieldEnabled, keys.FieldCreatedAt)

// ranking finds keys by a visible part of the token, cuts at 72 bytes, ranks roles
// and remembers what it accepted.
func ranking() *keys.Rules {
	return &keys.Rules{
		Server: "Ranker", IDs: keys.IDRules{Assigned: true},
		Form: &keys.TokenForm{
			Text: "hw_{selector}.{secret}", Selector: keys.Part{Of: "base64url", Bytes: 12},
			Secret:   keys.Part{Of: "base64url", Bytes: 64, Least: 32, Most: 256},
			Pattern:  regexp.MustCompile(`^hw_(?P<selector>[A-Za-z0-9_-]{16})\.[A-Za-z0-9_-]+$`),
			MaskText: "hw_{selector}…",
		},
		Hash: keys.HashRules{Scheme: keys.Bcrypt72, Accepts: []string{"$2a$", "$2b$"}, Cost: 4, LeastCost: 4, MostCost: 15},
		Label: keys.LabelRules{Required: true, Most: 20, Pattern: regexp.MustCompile(`^[a-z0-9 -]+$`), Says: "small letters",
			Published: "on its page, to everybody"},
		Roles:  &keys.RoleRules{Required: true, Words: []string{"admin", "operator", "viewer"}, Ranked: true, Empty: "admin"},
		Revoke: keys.RevokeFlag, Guard: keys.GuardAdmin, AdminRole: "admin",
		Bootstrap:  keys.BootstrapRules{Kind: keys.BootstrapRow, Role: "admin", Label: "first"},
		KeepActive: "revoke it first",
		Advice: map[keys.Action][]string{
			keys.ActionRevoke:   {"purge {id} of {path}"},
			keys.ActionDelete:   {"restart it: {label} is remembered"},
			keys.ActionActivate: nil,
		},
	}
}

var rankingFields = scanningFields | keys.FieldsOf(keys.FieldMasked, keys.FieldDescription, keys.FieldRole, keys.FieldLastUsedAt, keys.FieldUpdatedAt)

// signing finds keys by their hash under a secret of its own, and ends them by expiry.
func signing() *keys.Rules {
	return &keys.Rules{
		Server: "Signer", IDs: keys.IDRules{Random: keys.Part{Of: "base64url", Chars: 21}},
		Form: &keys.TokenForm{
			Text: "pxos_{secret}", Secret: keys.Part{Of: "base64url", Bytes: 24},
			Pattern: regexp.MustCompile(`^pxos_[A-Za-z0-9_-]{32}$`),
		},
		Hash:   keys.HashRules{Scheme: keys.HMACSHA256, Legacy: []keys.Scheme{keys.SHA256}},
		Secret: &keys.SecretRules{Name: "SIGNER_SECRET", Forbidden: []string{"changeme"}, LeastLen: 32},
		Scopes: &keys.ScopeRules{Required: true, Words: []string{"read", "routes", "admin", "routes:read"},
			By: map[string]string{"read": keys.AnyScope, "routes": "admin"}},
		Lifetime: keys.LifetimeRules{Least: day, Most: 3650 * day},
		Revoke:   keys.RevokeExpiry, Guard: keys.GuardNone,
		Bootstrap: keys.BootstrapRules{Kind: keys.BootstrapNone},
	}
}

var signingFields = keys.FieldsOf(keys.FieldID, keys.FieldStatus, keys.FieldLabel, keys.FieldHash, keys.FieldScopes, keys.FieldExpiresAt,
	keys.FieldCreatedAt, keys.FieldLastUsedAt)

var strongSecret = []byte(strings.Repeat("correct horse ", 3))

// bench is the use cases over a database of a server's.
type bench struct {
	*keys.Service
	*testing.T
	m   *keystest.Memory
	now time.Time
}

func benchOf(t *testing.T, r *keys.Rules, fields keys.Fields) *bench {
	b := &bench{T: t, now: noon}
	b.m = keystest.NewMemoryOf(keys.Info{Layout: "test", Path: "/srv/a b.db", Fields: fields, Rules: r, PrefixID: !r.IDs.Assigned})
	b.Service = serviceOver(b.m)
	b.Service.Now = func() time.Time { return b.now }
	return b
}

// quiet is a delivery to nobody.
type quiet struct{}

func (quiet) Stage([]keys.Issued) error { return nil }
func (quiet) Deliver() (bool, error)    { return false, nil }
func (quiet) Publish() error            { return nil }
func (quiet) Discard()                  {}

// made creates one key or ends the test.
func (b *bench) made(q keys.CreateRequest) keys.Issued {
	b.Helper()
	issued, err := b.Create(b.Context(), q, quiet{})
	if err != nil {
		b.Fatal(err)
	}
	return issued[0]
}

func (b *bench) creating(q keys.CreateRequest) error {
	_, err := b.Create(b.Context(), q, quiet{})
	return err
}

// stored returns the key as the database has it.
func (b *bench) stored(id string) keys.Key {
	b.Helper()
	list, err := b.Select(b.Context(), keys.IDRef(id))
	if err != nil {
		b.Fatal(err)
	}
	return list[0]
}

// put writes a row as some other program would.
func (b *bench) put(list ...keys.Key) {
	b.Helper()
	if err := b.m.Update(b.Context(), func(tx keys.Tx) error { return tx.Insert(b.Context(), list) }); err != nil {
		b.Fatal(err)
	}
}

// patch changes a row likewise.
func (b *bench) patch(id string, change func(*keys.Key)) {
	b.Helper()
	k := b.stored(id)
	change(&k)
	if err := b.m.Update(b.Context(), func(tx keys.Tx) error { return tx.Replace(b.Context(), &k) }); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) verdict(token string, q keys.Request) keys.Verdict {
	b.Helper()
	v, err := b.Verify(b.Context(), token, q)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func (b *bench) outcome(what, token string, q keys.Request, want keys.Outcome) {
	b.Helper()
	if v := b.verdict(token, q); v.Outcome != want || v.Accepted != (want == keys.OK) {
		b.Errorf("%s: %s, want %s", what, v.Outcome, want)
	}
}

// untouched notes what a refusal left behind.
func (b *bench) untouched(what string, events int) {
	b.Helper()
	if n := len(b.m.Audit()); n != events {
		b.Errorf("%s: %d events, want %d", what, n, events)
	}
}

// wantSays checks the reason of an error and that its message names something.
func wantSays(t *testing.T, what string, err error, r keys.Reason, words ...string) {
	t.Helper()
	wantReason(t, what, err, r)
	for _, w := range words {
		if e := (*keys.Error)(nil); errors.As(err, &e) && !strings.Contains(e.Message, w) {
			t.Errorf("%s: %q does not say %q", what, e.Message, w)
		}
	}
}

func idRefs(ids ...string) (list []keys.Ref) {
	for _, id := range ids {
		list = append(list, keys.IDRef(id))
	}
	return list
}
