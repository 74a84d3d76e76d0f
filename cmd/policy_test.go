package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// A setting that was renamed must not leave its command behind.
func TestMendsAreOfSettings(t *testing.T) {
	var names []string
	for _, s := range keys.PolicySettings() {
		names = append(names, s.Name)
		for _, v := range s.Values {
			if s.Name == "required" && lacking("has no "+v) == "" {
				t.Errorf("nothing gives a key its %s", v)
			}
		}
	}
	for name, flags := range mends {
		if !slices.Contains(names, name) || !strings.HasPrefix(flags, "--") {
			t.Errorf("%q mends %s, which is no setting", flags, name)
		}
	}
}

// What is told to type must be understood: every verb and flag of it exists.
func TestMendingCommandsExist(t *testing.T) {
	root := plainRoot()
	try := func(u keys.Unfit, p keys.Policy) {
		t.Helper()
		words := strings.Fields(strings.Join(mend(&u, &p), " "))
		c, _, err := root.Find(words[:1])
		if err != nil {
			t.Errorf("%s: %v", u.Setting, err)
			return
		}
		for _, w := range words {
			if name, ok := strings.CutPrefix(w, "--"); ok && c.Flags().Lookup(name) == nil {
				t.Errorf("%s: %s has no flag %s", u.Setting, c.Name(), w)
			}
		}
	}
	for _, s := range keys.PolicySettings() {
		for _, k := range []keys.Key{{ID: "Ab3dE9xZ", Prefix: "kr"}, {ID: "Ab3dE9xZ", Prefix: "kr", Owner: "ann"}} {
			try(keys.Unfit{Key: k, Setting: s.Name, Problem: "has no " + strings.Join(s.Values, " and no ")}, keys.DefaultPolicy())
			try(keys.Unfit{Key: k, Setting: s.Name}, keys.Policy{PrefixResources: []keys.PrefixResource{{Prefix: "kr"}}})
		}
	}
}

func TestSettingOfARefusal(t *testing.T) {
	for message, want := range map[string]string{
		"the policy max_lifetime refuses the key: it never expires":          "max_lifetime",
		"the policy hash is bcrypt: no key is hashed by sha256":              "hash",
		"at most 1 usable keys may have a slow hash (slow_keys): it is slow": "slow_keys",
		"the policy of this database contradicts itself":                     "",
		"a slow hash, other scopes and roles":                                "",
	} {
		if got := settingIn(message); got != want {
			t.Errorf("%q names %q, want %q", message, got, want)
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
