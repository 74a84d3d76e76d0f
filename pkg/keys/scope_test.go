package keys_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestScopesAndRoles(t *testing.T) {
	for name, kind := range map[string]struct {
		validate func(string) error
		max      int
	}{"scope": {keys.ValidateScope, 128}, "role": {keys.ValidateRole, 64}} {
		for _, s := range []string{"r", "read", "*", "read:*", "infra.os/patch", "a-b_c", "!#$%&'()+;<=>?@[]^`{|}~", strings.Repeat("a", kind.max)} {
			if err := kind.validate(s); err != nil {
				t.Error(err)
			}
		}
		for s, word := range map[string]string{
			"": "empty", " ": "space at character 1", "read write": "space at character 5", "a,b": "',' at character 2",
			`a"`: `'"' at character 2`, `a\b`: `'\\' at character 2`, "a\x00": "NUL", "a\n": "newline",
			"a\x7f": "U+007F", "lés": "'é' at character 2", "a\xff": "not UTF-8", strings.Repeat("a", kind.max+1): "at most",
		} {
			checkRefusal(t, kind.validate(s), name+" ", word)
		}
	}
}

func TestScopesRolesAndResourcesHoldDigestsButNoTokens(t *testing.T) {
	token, secret := nativeToken()
	for name, validate := range map[string]func(string) error{
		"scope": keys.ValidateScope, "role": keys.ValidateRole, "resource": keys.ValidateResource,
	} {
		if err := validate(strings.Repeat("3f2a9b7c", 8)); err != nil {
			t.Error(err)
		}
		for _, s := range []string{token, "of=" + token} {
			err := validate(s)
			checkRefusal(t, err, name+" ", "holds a token")
			if strings.Contains(err.Error(), secret[:10]) {
				t.Errorf("%s: the message repeats the token", name)
			}
		}
	}
}

func TestGrants(t *testing.T) {
	for _, test := range []struct {
		scopes   []string
		demanded string
		want     bool
	}{
		{nil, "read", false},
		{[]string{}, "*", false},
		{[]string{"read"}, "read", true},
		{[]string{"write", "read"}, "read", true},
		{[]string{"*"}, "read", true},
		{[]string{"read", "*"}, "write", true},
		{[]string{"*"}, "*", true},
		{[]string{"read"}, "*", false},
		{[]string{"read:*"}, "read:keys", false},
		{[]string{"read:*"}, "read:*", true},
		{[]string{"Read"}, "read", false},
		{[]string{"rea"}, "read", false},
		{[]string{"read"}, "rea", false},
		{[]string{"read"}, "", false},
	} {
		if got := keys.Grants(test.scopes, test.demanded); got != test.want {
			t.Errorf("Grants(%q, %q) is %v", test.scopes, test.demanded, got)
		}
	}
}

func TestNormalizeScopes(t *testing.T) {
	given := []string{"write", "read", "write", "*", "read"}
	kept := slices.Clone(given)
	got, err := keys.NormalizeScopes(given)
	if diff := cmp.Diff([]string{"write", "read", "*"}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if diff := cmp.Diff(kept, given); diff != "" {
		t.Errorf("the argument was changed: %s", diff)
	}
	if got, err := keys.NormalizeScopes([]string{}); len(got) != 0 || err != nil {
		t.Errorf("no scopes give %q, %v", got, err)
	}
	got, err = keys.NormalizeScopes([]string{"read", "wr ite"})
	checkRefusal(t, err, `"wr ite"`)
	if got != nil {
		t.Errorf("with an error came %q", got)
	}
}

func FuzzNormalizeScopes(f *testing.F) {
	f.Add("read\nwrite\nread")
	f.Add("*\n\n")
	f.Add("re ad")
	f.Fuzz(func(t *testing.T, s string) {
		given := strings.Split(s, "\n")
		got, err := keys.NormalizeScopes(given)
		if err != nil {
			checkRefusal(t, err, "scope ")
			return
		}
		for _, scope := range given {
			if !keys.Grants(got, scope) {
				t.Errorf("%q was lost from %q", scope, given)
			}
		}
		if again, err := keys.NormalizeScopes(got); err != nil || !slices.Equal(again, got) {
			t.Errorf("%q becomes %q, %v", got, again, err)
		}
		// What a token of RFC 6749 may not hold would break the header that names it.
		if strings.ContainsAny(strings.Join(got, ""), " ,\"\\\t") {
			t.Errorf("%q was accepted", got)
		}
	})
}
