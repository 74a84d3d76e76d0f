package cmd

import (
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What is told to type must be understood: every verb and flag of it exists.
func TestMendingCommandsExist(t *testing.T) {
	root := plainRoot()
	try := func(verb string, words []string) {
		t.Helper()
		c, _, err := root.Find([]string{verb})
		if err != nil {
			t.Errorf("%s %v: %v", verb, words, err)
			return
		}
		for _, w := range words {
			if name, ok := strings.CutPrefix(w, "--"); ok && c.Flags().Lookup(name) == nil {
				t.Errorf("%s has no flag %s", verb, w)
			}
		}
	}
	for _, s := range keys.PolicySettings() {
		for _, k := range []keys.Key{{ID: "Ab3dE9xZ", Prefix: "kr"}, {ID: "Ab3dE9xZ", Prefix: "kr", Owner: "ann"}} {
			for _, p := range []keys.Policy{keys.DefaultPolicy(), {PrefixResources: []keys.PrefixResource{{Prefix: "kr"}}}} {
				words, _ := p.Mend(&keys.Unfit{Key: k, Setting: s.Name}, keys.At(time.Now()))
				try(words[0], words[1:])
			}
		}
	}
	p := keys.DefaultPolicy()
	flags, _ := p.Give(^keys.Fields(0))
	try("create", flags)
	try("update", flags)
}

// A hint repeats what was typed, but for the values that were refused.
func TestTypedAgainWithOtherValues(t *testing.T) {
	for typed, want := range map[string]string{
		"create --label ci":                    "keyreeve create --label ci --expires 7d",
		"create --expires 90d --label ci":      "keyreeve create --label ci --expires 7d",
		"create --label=7d --expires=90d -o x": "keyreeve create --label=7d -o x --expires 7d",
	} {
		g := &globals{args: strings.Fields(typed)}
		if got := g.with("--expires", "7d"); got != want {
			t.Errorf("%s: %s", typed, got)
		}
	}
}

// What people read can be typed again as it stands.
func TestPolicyIsShownAsItIsTyped(t *testing.T) {
	p := keys.DefaultPolicy()
	for _, s := range keys.Presets()[0].Settings {
		if err := p.Set(s.Name, s.Value); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range policyRecords(keys.PolicySettings(), &p).Rows {
		name, value := row[0].(string), row[1].(string)
		again := keys.PolicyRequest{Settings: []keys.Setting{{Name: name, Value: value}}}
		if err := again.Validate(); err != nil {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}
