package keys_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Every setting says how a key comes to comply with it, in what can be typed.
func TestMendsMakeKeysComply(t *testing.T) {
	b := ruledBench(t, "unique_labels", "false")
	k := b.made(keys.CreateRequest{Key: keys.Key{Label: "x", Owner: "ann", Resource: "tv"}}).Key
	b.made(keys.CreateRequest{Key: keys.Key{Owner: "ann"}})
	b.made(keys.CreateRequest{Key: keys.Key{Owner: "ann"}})
	b.now = noon.Add(5 * day)
	for _, tt := range []struct{ id, setting, value, want string }{
		{k.ID, "max_lifetime", "10d", "update ID --expires 2027-01-25T12:00:00.005Z"},
		{k.ID, "max_lifetime", "5d", "rotate ID --expires 5d"},
		{k.ID, "required", "expires_at", "update ID --expires 30d"},
		{k.ID, "required", "role,expires_at", "update ID --role ROLE --expires 30d"},
		{"", "one_full_key", "true", "revoke ID"},
		{k.ID, "prefix_resources", "kr=", "update ID --clear resource"},
		{k.ID, "prefix_resources", "kr=a/*", "update ID --resource RESOURCE"},
		{k.ID, "token_prefixes", "acme", "rotate ID"},
		{k.ID, "hash", "bcrypt", "rotate ID"},
		{k.ID, "label_pattern", "ci-.*", "update ID --label LABEL"},
	} {
		done := b.rule(tt.setting, tt.value)
		got := ""
		for _, u := range done.Unfit {
			if u.Setting != tt.setting || tt.id != "" && tt.id != u.Key.ID {
				continue
			}
			words, ready := done.After.Mend(&u, keys.At(b.now))
			got = strings.ReplaceAll(strings.Join(words, " "), u.Key.ID, "ID")
			if ready == slices.ContainsFunc(words, placeholder) {
				t.Errorf("%s: ready %t", got, ready)
			}
		}
		if got != tt.want {
			t.Errorf("%s=%s: %q, want %q", tt.setting, tt.value, got, tt.want)
		}
		b.rule(tt.setting, keys.DefaultValue)
	}
}

func placeholder(word string) bool {
	return slices.Contains([]string{"ROLE", "RESOURCE", "LABEL"}, word)
}

func TestFlagsThatGiveWhatIsMissing(t *testing.T) {
	p := keys.Policy{MaxLifetime: 7 * day}
	if flags, ready := p.Give(keys.FieldsOf(keys.FieldExpiresAt)); strings.Join(flags, " ") != "--expires 7d" || !ready {
		t.Errorf("%q, %t", flags, ready)
	}
	p.MaxLifetime = 90 * day
	flags, ready := p.Give(keys.FieldsOf(keys.FieldOwner, keys.FieldExpiresAt))
	if strings.Join(flags, " ") != "--owner OWNER --expires 30d" || ready {
		t.Errorf("%q, %t", flags, ready)
	}
	for _, set := range keys.PolicySettings() {
		if set.Name != "required" {
			continue
		}
		for _, v := range set.Values {
			if err := p.Set("required", v); err != nil {
				t.Fatal(err)
			}
			if flags, _ := p.Give(p.Required); len(flags) != 2 {
				t.Errorf("%s: %q", v, flags)
			}
		}
	}
}
