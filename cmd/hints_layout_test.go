package cmd

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// onServer is a run that opened a database with these rules.
func onServer(r *keys.Rules, verb string) *globals {
	g := newGlobals(treeEnv(io.Discard, noVariables))
	r.Server = "Some Server"
	g.verb, g.info = verb, &keys.Info{Layout: "some", Era: "old", Path: "/srv/some.db", Rules: r}
	return g
}

// A command of a hint must have what the server demands: without it, it would only
// give the next error.
func TestHintsKnowWhatServersDemand(t *testing.T) {
	for _, c := range []struct {
		name   string
		rules  keys.Rules
		reason keys.Reason
		say    string
	}{
		{"nothing", keys.Rules{}, keys.ReasonLastActive, "make another key first: keyreeve create"},
		{
			"a label and a role", keys.Rules{Label: keys.LabelRules{Required: true}, Roles: &keys.RoleRules{Required: true}},
			keys.ReasonAlreadyBootstrapped, "make another key: keyreeve create --label LABEL --role ROLE",
		},
		{
			"an admin", keys.Rules{Roles: &keys.RoleRules{Required: true}, Guard: keys.GuardAdmin, AdminRole: "admin"},
			keys.ReasonLastAdmin, "make another key with that role first: keyreeve create --role admin",
		},
		{
			"scopes and a secret", keys.Rules{Scopes: &keys.ScopeRules{Required: true}, Secret: &keys.SecretRules{}},
			keys.ReasonDeleted, "a deleted key cannot come back; make another: keyreeve create --scope SCOPE --secret-file FILE",
		},
		{"words", keys.Rules{}, keys.ReasonVocabulary, "see the words that its server knows: keyreeve layout show some/old"},
		{"a damaged row", keys.Rules{}, keys.ReasonCorrupt, "see what can be read of it: keyreeve show --id=-Ab3"},
	} {
		g := onServer(&c.rules, "revoke")
		e := keys.Errorf(c.reason, "it failed").OnKey("-Ab3").OnPath("/srv/some.db")
		if got := g.hints(e); !slices.Contains(got, c.say) {
			t.Errorf("%s: %q, want %q", c.name, got, c.say)
		}
	}
}

func TestHintsNameTheSecretAsItWasGiven(t *testing.T) {
	r := keys.Rules{Secret: &keys.SecretRules{}, Hash: keys.HashRules{Legacy: []keys.Scheme{keys.SHA256}}}
	for _, c := range []struct {
		secret secretSource
		create string
	}{
		{secretSource{}, "keyreeve create --secret-file FILE"},
		{secretSource{file: "my secret"}, "keyreeve create --secret-file 'my secret'"},
		{secretSource{envFile: ".env"}, "keyreeve create --secret-env-file .env"},
		{secretSource{envFile: ".env", name: "S", file: "of a variable"}, "keyreeve create --secret-env-file .env --secret-name S"},
	} {
		g := onServer(&r, "create")
		g.secret = c.secret
		if got := g.another(); got != c.create {
			t.Errorf("%q, want %q", got, c.create)
		}
		lines := strings.Join(g.hints(keys.Errorf(keys.ReasonSecret, "no")), "\n")
		if given := c.secret.path() != ""; given == strings.Contains(lines, "--secret-file FILE") {
			t.Errorf("%+v: hints are %q", c.secret, lines)
		}
		if !strings.Contains(lines, "--legacy-sha256") {
			t.Errorf("%+v: no way out without the secret in %q", c.secret, lines)
		}
	}
}

// Only a weak secret can be used all the same.
func TestHintsOfferTheWayOutThatThereIs(t *testing.T) {
	r := keys.Rules{Secret: &keys.SecretRules{Name: "S", LeastLen: 8, Forbidden: []string{"changeme"}}}
	for text, weak := range map[string]bool{"short": true, "changeme": false, "": false, "\uFEFFab": false, "S=dotenv": false, "long enough": false} {
		g := onServer(&r, "create")
		g.secret = secretSource{file: "secret", text: []byte(text), read: true}
		lines := strings.Join(g.hints(keys.Errorf(keys.ReasonSecret, "no")), "\n")
		if strings.Contains(lines, "--allow-weak-secret") != weak {
			t.Errorf("%q: hints are %q", text, lines)
		}
	}
}

// What other tables refer to is revoked, where its server knows how.
func TestHintsOnWhatOtherTablesReferTo(t *testing.T) {
	for kind, first := range map[keys.RevokeKind]string{
		keys.RevokeFlag: "revoke it instead: keyreeve revoke 7",
		keys.RevokeNone: "see what refers to it: sqlite3 /srv/some.db .schema",
	} {
		g := onServer(&keys.Rules{Revoke: kind}, "delete")
		if got := g.hints(keys.Errorf(keys.ReasonPolicy, "no").OnKey("7").OnPath("/srv/some.db")); got[0] != first {
			t.Errorf("%s: %q", kind, got)
		}
	}
}

// An id that begins with a dash is a flag to a shell's eyes.
func TestUnmistakable(t *testing.T) {
	for _, c := range []struct {
		list []keys.Key
		want string
	}{
		{[]keys.Key{{ID: "5"}, {ID: "6", Label: "5"}}, "6"},
		{[]keys.Key{{ID: "-Ab3"}, {ID: "x", Label: "y"}}, "--id=-Ab3"},
		{[]keys.Key{{ID: "5", Label: "6"}, {ID: "6", Label: "5"}}, "--id=5"},
	} {
		if got := unmistakable(c.list); got != c.want {
			t.Errorf("%v: %q, want %q", c.list, got, c.want)
		}
	}
}
