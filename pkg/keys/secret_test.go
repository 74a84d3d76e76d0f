package keys_test

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var secretRules = &keys.SecretRules{Name: "APP_SECRET", Forbidden: []string{"changeme", "Proxyos"}, LeastLen: 32}

func TestServerSecretIsJudgedAsTheServerDoes(t *testing.T) {
	long := strings.Repeat("s", 32)
	for _, c := range []struct {
		name, secret string
		short        bool
	}{
		{"32 bytes", long, false}, {"31 bytes", long[1:], true}, {"one byte", "x", true},
		{"forbidden and more", "changeme-" + long, false}, {"forbidden with a newline", "changeme\n", true},
		{"half a forbidden one", "change", true}, {"a space", " ", true},
		{"bytes, not characters", strings.Repeat("é", 16), false}, {"a letter that only looks like s", "proxyoſ", true},
	} {
		if short, err := secretRules.Check([]byte(c.secret)); err != nil || short != c.short {
			t.Errorf("%s: short %v, %v", c.name, short, err)
		}
	}
}

func TestServerSecretRefused(t *testing.T) {
	for name, secret := range map[string]string{
		"none": "", "forbidden": "changeme", "in capitals": "CHANGEME", "the rule in capitals": "proxyos",
		"UTF-16": "s\x00e\x00c\x00r\x00e\x00t\x00s\x00e\x00c\x00r\x00e\x00t\x00s\x00e\x00c\x00r\x00e\x00t\x00",
	} {
		_, err := secretRules.Check([]byte(secret))
		wantReason(t, name, err, keys.ReasonSecret)
		if err != nil && (!strings.Contains(err.Error(), "APP_SECRET") || secret != "" && strings.Contains(err.Error(), secret)) {
			t.Errorf("%s: %q does not name the variable, or repeats the secret", name, err)
		}
	}
	if short, err := (*keys.SecretRules)(nil).Check(nil); short || err != nil {
		t.Errorf("where none is needed: %v, %v", short, err)
	}
}
