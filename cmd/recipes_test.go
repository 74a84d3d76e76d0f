package cmd_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/db"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// recipe returns an example of the schema's page as a reader would copy it.
func recipe(t *testing.T, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(readText(t, schemaPage), `.\" recipe: `+name+"\n.PP\n.EX\n")
	if !found {
		t.Fatalf("the page has no recipe %s", name)
	}
	text, _, _ := strings.Cut(rest, ".EE\n")
	plain := strings.NewReplacer(`\-`, `-`, `\(aq`, `'`, `\(ga`, "`", `\(ha`, `^`, `\(ti`, `~`, `\e`, `\`, `\&`, ``)
	if known := regexp.MustCompile(`\\(-|e|&|\((aq|ga|ha|ti))`); strings.Contains(known.ReplaceAllString(text, ""), `\`) {
		t.Fatalf("the recipe %s has an escape that is not known here", name)
	}
	return plain.Replace(text)
}

// presented is a token with the circumstances in which a server gets it.
type presented struct {
	Key      string  `json:"-"` // the label, for messages
	Token    string  `json:"token"`
	Address  *string `json:"address,omitempty"`
	Scope    *string `json:"scope,omitempty"`
	Resource *string `json:"resource,omitempty"`
}

// kitchen is a database with a key of every kind, made by the program.
type kitchen struct {
	path   string
	tokens map[string]string
}

func newKitchen(t *testing.T) *kitchen {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	k := &kitchen{path: filepath.Join(dir, "keys.db"), tokens: map[string]string{}}
	k.tokens["all"] = k.run(t, "", "bootstrap", "--label", "all")
	for label, flags := range map[string][]string{
		"plain": nil, "scoped": {"--scope", "read,a<b"}, "bound": {"--resource", "vm7", "--scope", "read"},
		"net4": {"--allow-ip", "192.0.2.0/24"}, "net6": {"--allow-ip", "2001:db8::/32,::/127"}, "any6": {"--allow-ip", "::/0"},
		"rated": {"--rate-limit", "2/1h"}, "gone": nil, "later": {"--not-before", "2100-01-01"}, "slow": {"--hash", "bcrypt", "--bcrypt-cost", "4"},
	} {
		k.tokens[label] = k.run(t, "", append([]string{"create", "--label", label}, flags...)...)
	}
	k.tokens["over"] = k.run(t, "2020-01-01T00:00:00Z", "create", "--label", "over", "--expires", "1h")
	k.run(t, "", "revoke", "gone")
	k.tokens["unknown"] = strings.ToUpper(k.tokens["plain"])
	return k
}

func (k *kitchen) run(t *testing.T, now string, args ...string) string {
	t.Helper()
	c := exec.Command("keyreeve", args...)
	c.Env = append(os.Environ(), "KEYREEVE_DB="+k.path, "TEST_NOW="+now)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("keyreeve %v: %v\n%s", args, err, said.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

// id returns that of a key, or "-" for none.
func (k *kitchen) id(t *testing.T, label string) string {
	return k.run(t, "", "show", label, "-o", "id")
}

// requests are what the full recipes are asked.
func (k *kitchen) requests() []presented {
	var list []presented
	text := func(s string) *string { return &s }
	add := func(key string, p presented) {
		p.Key, p.Token = key, k.tokens[key]
		list = append(list, p)
	}
	for _, key := range []string{"all", "plain", "gone", "over", "later", "unknown", "scoped", "bound", "net4"} {
		add(key, presented{})
	}
	for _, scope := range []string{"read", "a<b", "rea", "*"} {
		for _, key := range []string{"all", "plain", "scoped"} {
			add(key, presented{Scope: text(scope)})
		}
	}
	for _, resource := range []string{"vm7", "vm8", ""} {
		add("bound", presented{Resource: text(resource), Scope: text("read")})
		add("plain", presented{Resource: text(resource)})
	}
	for _, address := range []string{"192.0.2.7", "192.0.3.7", "::ffff:192.0.2.7", "2001:db8::7", "2001:db9::7", "::1", "::2", "10.0.0.1"} {
		for _, key := range []string{"net4", "net6", "any6", "plain"} {
			add(key, presented{Address: text(address)})
		}
	}
	return list
}

// verdicts are what keyreeve itself says to the same.
func (k *kitchen) verdicts(t *testing.T, list []presented) []string {
	t.Helper()
	store, err := db.Open(context.Background(), db.Options{Path: k.path, Access: db.ReadOnly})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	svc := &keys.Service{Store: store, Now: time.Now}
	answers := make([]string, len(list))
	for i, p := range list {
		q := keys.Request{}
		if p.Address != nil {
			q.Addr, _ = keys.ParseAddr(*p.Address)
		}
		if p.Scope != nil {
			q.Scopes = []string{*p.Scope}
		}
		if p.Resource != nil {
			q.Resource = *p.Resource
		}
		v, err := svc.Verify(context.Background(), p.Token, q)
		if err != nil {
			t.Fatal(err)
		}
		if answers[i] = "-"; v.Accepted {
			answers[i] = v.Key.ID
		}
	}
	return answers
}
