package keys_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Every refusal names the setting, and leaves nothing behind.
func TestNewKeysObeyThePolicy(t *testing.T) {
	full := keys.Key{Label: "ci-web", Owner: "ann", Role: "viewer", Scopes: []string{"read"}, ExpiresAt: keys.At(noon.Add(day))}
	for _, tt := range []struct {
		setting, value string
		change         func(k *keys.Key)
		reason         keys.Reason
	}{
		{"required", "label,owner", func(k *keys.Key) { k.Owner = "" }, keys.ReasonPolicy},
		{"required", "expires_at", func(k *keys.Key) { k.ExpiresAt = keys.Instant{} }, keys.ReasonPolicy},
		{"max_lifetime", "23h", func(*keys.Key) {}, keys.ReasonPolicy},
		{"max_lifetime", "2d", func(k *keys.Key) { k.ExpiresAt = keys.Instant{} }, keys.ReasonPolicy},
		{"scopes", "write", func(*keys.Key) {}, keys.ReasonVocabulary},
		{"scopes", "read,write", func(k *keys.Key) { k.Scopes = []string{"read", "*"} }, keys.ReasonVocabulary},
		{"roles", "admin,viewer", func(k *keys.Key) { k.Role = "boss" }, keys.ReasonVocabulary},
		{"label_pattern", "ci", func(*keys.Key) {}, keys.ReasonPolicy},
		{"label_pattern", "web|ci-", func(*keys.Key) {}, keys.ReasonPolicy},
		{"one_full_key", "true", func(k *keys.Key) { k.Owner = "" }, keys.ReasonPolicy},
		{"prefix_resources", "kr=", func(k *keys.Key) { k.Resource = "tv/1" }, keys.ReasonPolicy},
		{"prefix_resources", "kr=tv/?", func(k *keys.Key) { k.Resource = "tv/12" }, keys.ReasonPolicy},
	} {
		b := ruledBench(t, tt.setting, tt.value)
		k := full
		tt.change(&k)
		b.refused(tt.setting+"="+tt.value, keys.CreateRequest{Key: k}, tt.reason, tt.setting)
		_, err := b.Bootstrap(t.Context(), keys.CreateRequest{Key: k}, quiet{})
		wantSays(t, "bootstrap: "+tt.setting, err, tt.reason, tt.setting)
		if e := (*keys.Error)(nil); !errors.As(err, &e) || e.Setting != tt.setting {
			t.Errorf("%s: %+v", tt.setting, e)
		}
		b.untouched(tt.setting, 1)
	}
	b := ruledBench(t, "required", "label,owner,role,scopes,expires_at", "max_lifetime", "1d", "scopes", "read,write", "roles", "viewer",
		"label_pattern", "ci-.*", "one_full_key", "true", "prefix_resources", "kr=")
	b.made(keys.CreateRequest{Key: full})
	k := full
	k.Label, k.Owner = "ci-api", "bob"
	b.made(keys.CreateRequest{Key: k})
}

// Keys get the defaults for which nothing else is asked.
func TestDefaultsOfThePolicy(t *testing.T) {
	b := ruledBench(t, "default_networks", "10.0.0.0/8", "default_rate", "100/1h", "required", "networks,rate_limit")
	k := b.made(keys.CreateRequest{}).Key
	if len(k.Networks) != 1 || k.Networks[0].String() != "10.0.0.0/8" || k.RateLimit.String() != "100/1h" {
		t.Errorf("%+v", k)
	}
	k = b.made(keys.CreateRequest{Key: keys.Key{
		Networks: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}, RateLimit: keys.Rate{Requests: 1, Window: time.Second}}}).Key
	if k.Networks[0].Bits() != 0 || k.RateLimit.Requests != 1 {
		t.Errorf("%+v", k)
	}
}

// The first key may do all that any key may, and the policy takes it.
func TestAPolicyNeverKeepsTheFirstKeyOut(t *testing.T) {
	b := ruledBench(t, "scopes", "read,write", "admin_role", "root", "roles", "root,user", "label_pattern", "ci-.*")
	issued, err := b.Bootstrap(t.Context(), keys.CreateRequest{}, quiet{})
	if err != nil {
		t.Fatal(err)
	}
	if k := issued[0].Key; strings.Join(k.Scopes, ",") != "read,write" || k.Role != "root" || k.Label != "" {
		t.Errorf("%+v", k)
	}
	b = ruledBench(t, "scopes", "read,*")
	if issued, err = b.Bootstrap(t.Context(), keys.CreateRequest{}, quiet{}); err != nil || issued[0].Key.Scopes[0] != "*" {
		t.Errorf("%+v, %v", issued, err)
	}
}

func TestOneFullKeyOfAnOwner(t *testing.T) {
	b := ruledBench(t, "one_full_key", "true")
	of := func(owner string) keys.CreateRequest { return keys.CreateRequest{Key: keys.Key{Owner: owner}} }
	twice := of("ann")
	twice.Count = 2
	b.refused("two at once", twice, keys.ReasonPolicy, "one_full_key")
	first := b.made(of("ann")).Key
	b.refused("a second one", of("ann"), keys.ReasonPolicy, "one_full_key")
	b.made(of("bob"))
	b.made(keys.CreateRequest{Key: keys.Key{Owner: "ann", Resource: "tv"}})
	for name, change := range map[string]func(k *keys.Key){
		"pending":     func(k *keys.Key) { k.NotBefore = keys.At(noon.Add(day)) },
		"coming back": func(k *keys.Key) { k.Enabled, k.RevokedUntil = false, keys.At(noon.Add(day)) },
		"as it was":   func(k *keys.Key) { k.Enabled, k.NotBefore, k.RevokedUntil = true, keys.Instant{}, keys.Instant{} },
	} {
		b.patch(first.ID, change)
		b.refused("beside one that is "+name, of("ann"), keys.ReasonPolicy, first.ID)
	}
	b.patch(first.ID, func(k *keys.Key) { k.Enabled, k.NotBefore, k.RevokedUntil = true, keys.Instant{}, keys.Instant{} })
	b.patch(first.ID, func(k *keys.Key) { k.Successor = "another" })
	second := b.made(of("ann")).Key
	b.patch(first.ID, func(k *keys.Key) { k.Successor = "" })
	b.patch(first.ID, func(k *keys.Key) { k.Enabled = false })
	_, err := b.Activate(t.Context(), keys.ChangeRequest{Refs: []keys.Ref{keys.IDRef(first.ID)}})
	wantSays(t, "activation", err, keys.ReasonPolicy, "one_full_key", second.ID)
	if _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: []keys.Ref{keys.IDRef(second.ID)}, Force: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Activate(t.Context(), keys.ChangeRequest{Refs: []keys.Ref{keys.IDRef(first.ID)}}); err != nil {
		t.Error(err)
	}
}

// A key does not live longer than the policy lets it for being given new ends.
func TestActivationDoesNotOutliveThePolicy(t *testing.T) {
	b := ruledBench(t, "max_lifetime", "10d")
	k := b.made(keys.CreateRequest{Key: keys.Key{ExpiresAt: keys.At(noon.Add(day))}}).Key
	b.now = noon.Add(5 * day)
	until := func(d time.Duration) keys.ChangeRequest {
		return keys.ChangeRequest{Refs: []keys.Ref{keys.IDRef(k.ID)}, Expires: true, ExpiresAt: keys.At(b.now.Add(d))}
	}
	for _, d := range []time.Duration{6 * day, 11 * day} {
		_, err := b.Activate(t.Context(), until(d))
		wantSays(t, "a longer life", err, keys.ReasonPolicy, "max_lifetime")
	}
	never := until(0)
	never.ExpiresAt = keys.Instant{}
	_, err := b.Activate(t.Context(), never)
	wantSays(t, "no end", err, keys.ReasonPolicy, "max_lifetime")
	if _, err := b.Activate(t.Context(), until(5*day)); err != nil {
		t.Error(err)
	}
}

// Where the policy says so, a locked address learns nothing about any token.
func TestAStrictLockoutStopsValidKeys(t *testing.T) {
	for _, strict := range []string{"false", "true"} {
		b := ruledBench(t, "lockout_threshold", "3", "lockout_window", "1m", "lockout_duration", "1h", "lockout_strict", strict)
		token := b.made(keys.CreateRequest{}).Token
		b.m.Lock(keys.Lockout{Address: "192.0.2.7", Failures: 3, Since: keys.At(noon), Until: keys.At(noon.Add(time.Hour))})
		want := map[string]keys.Outcome{"true": keys.Locked, "false": keys.OK}[strict]
		b.outcome("a locked address, strict "+strict, token, keys.Request{Addr: netip.MustParseAddr("192.0.2.7")}, want)
		b.outcome("another address", token, keys.Request{Addr: netip.MustParseAddr("192.0.2.8")}, keys.OK)
		b.outcome("no address", token, keys.Request{}, keys.OK)
	}
}

// A policy that changes while a key is made is obeyed.
func TestAPolicyThatComesInBetween(t *testing.T) {
	b := ruledBench(t)
	late := &lateRule{bench: b}
	_, err := b.Create(t.Context(), keys.CreateRequest{}, late)
	wantSays(t, "a policy set while the token was staged", err, keys.ReasonPolicy, "required")
}

// lateRule sets a policy between the making of a key and its transaction.
type lateRule struct {
	quiet
	*bench
	done bool
}

func (l *lateRule) Stage([]keys.Issued) error {
	if !l.done {
		l.done = true
		l.rule("required", "owner")
	}
	return nil
}
