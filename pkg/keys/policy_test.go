package keys_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// good holds for every setting values that are read, and what is written for them.
var good = map[string]map[string]string{
	"token_format":      {"native": "native", "hex": "hex", "base64url": "base64url", "selector": "selector"},
	"token_prefixes":    {"acme": "acme", "bw, bw_api": "bw,bw_api"},
	"token_bytes":       {"16": "16", "32": "32", "72": "72"},
	"hash":              {"sha256": "sha256", "bcrypt": "bcrypt"},
	"bcrypt_cost":       {"4": "4", "12": "12", "15": "15"},
	"supplied_least":    {"32": "32", "40": "40"},
	"supplied_most":     {"72": "72", "64": "64"},
	"slow_keys":         {"0": "0", "16": "16", "1000000": "1000000"},
	"max_lifetime":      {"1h": "1h", "90d": "90d", "100y": "36500d", "1w2d": "9d"},
	"required":          {"owner": "owner", "expires_at,label": "label,expires_at"},
	"scopes":            {"read,write": "read,write", "*": "*"},
	"roles":             {"admin,viewer": "admin,viewer"},
	"admin_role":        {"admin": "admin", "": ""},
	"label_pattern":     {"ci-.*": "ci-.*", "(?i)[a-z]+": "(?i)[a-z]+", "a|b": "a|b"},
	"unique_labels":     {"true": "true", "false": "false", "0": "false"},
	"one_full_key":      {"true": "true", "false": "false"},
	"prefix_resources":  {"bw=,bw_api=endpoint/*": "bw=,bw_api=endpoint/*"},
	"default_networks":  {"10.0.0.0/8,192.0.2.7": "10.0.0.0/8,192.0.2.7/32", "::ffff:192.0.2.7": "192.0.2.7/32"},
	"default_rate":      {"100/h": "100/1h"},
	"lockout_threshold": {"5": "5", "0": "0"},
	"lockout_window":    {"15m": "15m"},
	"lockout_duration":  {"1h": "1h"},
	"lockout_strict":    {"true": "true"},
	"address_rate":      {"100/1m": "100/1m"},
}

// bad holds values that no setting of the name has.
var bad = map[string][]string{
	"token_format":      {"", "HEX", "jwt"},
	"token_prefixes":    {"", "A", "a,,b", "a,a", "averyveryverylongprefix"},
	"token_bytes":       {"", "15", "73", "many", "-1"},
	"hash":              {"", "md5", "argon2id"},
	"bcrypt_cost":       {"", "3", "16"},
	"supplied_least":    {"31", "73"},
	"supplied_most":     {"31", "73"},
	"slow_keys":         {"", "-1", "1000001"},
	"max_lifetime":      {"", "0", "59m", "101y", "3600500ms", "for ever"},
	"required":          {"", "hash", "id", "owner,owner", "status"},
	"scopes":            {"", "a b", "a,a"},
	"roles":             {"", "a b"},
	"admin_role":        {"a b"},
	"label_pattern":     {"(", "a)(b", strings.Repeat("x", 257), "a\x1b"},
	"unique_labels":     {"", "perhaps"},
	"one_full_key":      {"2"},
	"prefix_resources":  {"", "bw", "BW=x", "bw= x", "bw=,bw="},
	"default_networks":  {"", "10.0.0.1/8", "example.org"},
	"default_rate":      {"", "0/1h", "100"},
	"lockout_threshold": {"", "-1", "1000001"},
	"lockout_window":    {"0", "10ms", "367d"},
	"lockout_duration":  {"0", "367d"},
	"lockout_strict":    {"", "perhaps"},
	"address_rate":      {"none"},
}

func TestEverySettingIsReadAsItIsWritten(t *testing.T) {
	for _, info := range keys.PolicySettings() {
		if info.Doc == "" || info.Kind == "" || len(good[info.Name]) == 0 || len(bad[info.Name]) == 0 {
			t.Errorf("%s: not described, or not tried: %+v", info.Name, info)
		}
		usual := keys.DefaultPolicy()
		if got := usual.Get(info.Name); got != info.Default {
			t.Errorf("%s: default %q, but %q is written", info.Name, info.Default, got)
		}
		for value, want := range good[info.Name] {
			p, again := keys.DefaultPolicy(), keys.DefaultPolicy()
			if err := p.Set(info.Name, value); err != nil || p.Get(info.Name) != want {
				t.Errorf("%s=%s is written %q, want %q: %v", info.Name, value, p.Get(info.Name), want, err)
			}
			if want == "" {
				continue
			}
			if err := again.Set(info.Name, want); err != nil || !reflect.DeepEqual(again, p) {
				t.Errorf("%s=%s: %+v, then %+v: %v", info.Name, value, p, again, err)
			}
		}
	}
	p := keys.Policy{}
	if got := p.Get("no_such"); got != "" {
		t.Errorf("no_such is %q", got)
	}
}

// What is stored and not understood is not the operator's request; what is typed is.
func TestValuesThatAreNoneAreRefused(t *testing.T) {
	for name, values := range bad {
		for _, v := range values {
			p := keys.DefaultPolicy()
			wantReason(t, name+"="+v, p.Set(name, v), keys.ReasonPolicy)
			if v == "" || v == keys.DefaultValue {
				continue
			}
			q := keys.PolicyRequest{Settings: []keys.Setting{{Name: name, Value: v}}}
			err := q.Validate()
			wantReason(t, name+"="+v, err, keys.ReasonInvalid)
			if err != nil && !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%s: %q does not name it", name, v, err)
			}
		}
	}
	p := keys.DefaultPolicy()
	wantReason(t, "a name", p.Set("from_the_future", "1"), keys.ReasonPolicy)
	for _, list := range [][]keys.Setting{
		{{Name: "from_the_future", Value: "1"}}, {{Name: "a\x1bb", Value: "default"}},
		{{Name: "slow_keys", Value: "1"}, {Name: "slow_keys", Value: "2"}},
	} {
		wantReason(t, "a request", (&keys.PolicyRequest{Settings: list}).Validate(), keys.ReasonInvalid)
	}
}

// policyOf returns a policy of settings that need not hold together.
func policyOf(t *testing.T, settings ...string) keys.Policy {
	t.Helper()
	p := keys.DefaultPolicy()
	for i := 0; i < len(settings); i += 2 {
		if err := p.Set(settings[i], settings[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func TestPoliciesHoldTogether(t *testing.T) {
	for says, settings := range map[string][]string{
		"supplied_least":     {"supplied_least", "60", "supplied_most", "50"},
		"token_bytes 40":     {"token_format", "hex", "token_bytes", "40"},
		"token_bytes 55":     {"token_format", "base64url", "token_bytes", "55"},
		"acme_live":          {"token_format", "hex", "token_prefixes", "bw,acme_live"},
		"token_bytes 44":     {"token_bytes", "44"},
		"bw_api":             {"token_prefixes", "bw", "prefix_resources", "bw_api=x"},
		"admin_role is root": {"roles", "admin,viewer", "admin_role", "root"},
		"required wants":     {"required", "resource", "prefix_resources", "bw="},
		"lockout_window":     {"lockout_threshold", "5", "lockout_duration", "1h"},
		"there is no":        {"lockout_strict", "true"},
		"no lockout":         {"lockout_window", "1h"},
	} {
		p := policyOf(t, settings...)
		wantSays(t, says, p.Validate(), keys.ReasonInvalid, says)
	}
	for _, settings := range [][]string{
		{}, {"token_format", "hex", "token_prefixes", "bw,bw_api,bw_tv"}, {"token_format", "base64url", "token_bytes", "54"},
		{"roles", "admin", "admin_role", "admin"}, {"lockout_threshold", "5", "lockout_window", "1m", "lockout_duration", "1h", "lockout_strict", "true"},
		{"supplied_least", "72", "supplied_most", "72"}, {"prefix_resources", "anything="}, {"token_format", "selector", "token_prefixes", "hw"},
	} {
		p := policyOf(t, settings...)
		if err := p.Validate(); err != nil {
			t.Errorf("%q: %v", settings, err)
		}
	}
	out := keys.DefaultPolicy()
	out.BcryptCost = 16
	wantSays(t, "a policy made by hand", out.Validate(), keys.ReasonInvalid, "bcrypt_cost")
}
