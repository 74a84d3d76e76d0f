package keys_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// A successor has a prefix under which it may open what it inherits: what is bound
// stays bound, and nothing that is bound opens everything.
func TestASuccessorHasThePrefixOfItsResource(t *testing.T) {
	for resource, want := range map[string]string{"dashboard/7": "bw_tv", "endpoint/1": "bw_api", "": "bw"} {
		b := ruledBench(t)
		k := b.made(keys.CreateRequest{Key: keys.Key{Owner: "ann", Resource: resource}}).Key
		b.rule("token_format", "hex", "token_prefixes", "bw,bw_api,bw_tv", "prefix_resources", "bw=,bw_api=endpoint/*,bw_tv=dashboard/*")
		got := b.rotated(rotate(k.ID, day)).New
		if !strings.HasPrefix(got.Token, want+"_") || got.Key.Prefix != want || got.Key.Resource != resource {
			t.Errorf("%q: %s, %+v", resource, got.Key.Masked, got.Key)
		}
		if again := b.rotated(rotate(got.Key.ID, day)).New; again.Key.Prefix != want {
			t.Errorf("%q again: %s", resource, again.Key.Masked)
		}
	}
	b := ruledBench(t)
	k := b.made(keys.CreateRequest{Key: keys.Key{Resource: "other/1"}}).Key
	b.rule("token_prefixes", "bw,bw_tv", "prefix_resources", "bw=,bw_tv=dashboard/*")
	wantSetting(t, "no prefix fits", b.rotating(rotate(k.ID, day)), "prefix_resources")
	b.rule("token_prefixes", "default", "prefix_resources", "kr=,bw_tv=other/*")
	if got := b.rotated(rotate(k.ID, day)).New.Key.Prefix; got != "bw_tv" {
		t.Errorf("%s", got)
	}
}

// A supplied token is that of a key which its prefix allows.
func TestASuppliedSuccessorHasThePrefixOfItsResource(t *testing.T) {
	b := ruledBench(t, "prefix_resources", "bw=,bw_tv=dashboard/*", "bcrypt_cost", "4")
	free, bound := b.made(keys.CreateRequest{}).Key, b.made(keys.CreateRequest{Key: keys.Key{Resource: "dashboard/7"}}).Key
	q := func(id, prefix string) keys.RotateRequest {
		q := rotate(id, day)
		q.Supplied = prefix + "_" + strings.Repeat("ab", 20)
		return q
	}
	wantSetting(t, "a key that opens all", b.rotating(q(free.ID, "bw_tv")), "prefix_resources")
	wantSetting(t, "a key that opens one thing", b.rotating(q(bound.ID, "bw")), "prefix_resources")
	b.rotated(q(bound.ID, "bw_tv"))
}

func wantSetting(t *testing.T, what string, err error, setting string) {
	t.Helper()
	if e := (*keys.Error)(nil); !errors.As(err, &e) || e.Setting != setting || e.Kind() != keys.KindConflict {
		t.Errorf("%s: %v, want a refusal by %s", what, err, setting)
	}
}

// A leaked key is rotated whatever the policy has come to be: its successor ends where
// the policy lets it, and that is told.
func TestAnInheritedEndIsBroughtIntoThePolicy(t *testing.T) {
	for name, end := range map[string]keys.Instant{"late": keys.At(noon.Add(60 * day)), "none": {}, "early": keys.At(noon.Add(2 * day))} {
		b := ruledBench(t)
		k := b.made(keys.CreateRequest{Key: keys.Key{ExpiresAt: end}}).Key
		b.rule("max_lifetime", "7d", "required", "expires_at")
		b.now = noon.Add(time.Hour)
		q := rotate(k.ID, 0)
		got := b.rotated(q).New
		want := keys.At(b.now.Add(7 * day))
		if name == "early" {
			want = end
		}
		if got.Key.ExpiresAt != want || b.stored(got.Key.ID).ExpiresAt != want {
			t.Errorf("%s: ends at %s, want %s", name, got.Key.ExpiresAt, want)
		}
		if told := strings.Contains(strings.Join(got.Advice, "\n"), "max_lifetime"); told != (name != "early") {
			t.Errorf("%s: told %q", name, got.Advice)
		}
	}
}

// What was asked for is never made something else, and what cannot be made fit is
// refused.
func TestAnEndThatCannotBeBroughtIntoThePolicy(t *testing.T) {
	b := ruledBench(t)
	k := b.made(keys.CreateRequest{}).Key
	later := b.made(keys.CreateRequest{Key: keys.Key{NotBefore: keys.At(noon.Add(30 * day))}}).Key
	b.rule("required", "expires_at")
	err := b.rotating(rotate(k.ID, 0))
	wantSetting(t, "no end and no longest life", err, "required")
	if e := (*keys.Error)(nil); !errors.As(err, &e) || e.Missing != keys.FieldsOf(keys.FieldExpiresAt) {
		t.Errorf("%+v", e)
	}
	b.rule("max_lifetime", "7d")
	q := rotate(k.ID, 0)
	q.Expires, q.ExpiresAt = true, keys.At(noon.Add(8*day))
	wantSetting(t, "an end that was asked for", b.rotating(q), "max_lifetime")
	wantSetting(t, "an end before the beginning", b.rotating(rotate(later.ID, 0)), "max_lifetime")
}

func TestARotationKeepsToOneFullKey(t *testing.T) {
	b := ruledBench(t, "one_full_key", "true")
	k := b.made(keys.CreateRequest{Key: keys.Key{Owner: "ann"}}).Key
	q := keys.RotateRequest{ChangeRequest: keys.ChangeRequest{Refs: []keys.Ref{keys.IDRef(k.ID)}}, Overlap: day}
	if _, err := b.Rotate(t.Context(), q, quiet{}); err != nil {
		t.Fatal(err)
	}
	b.refused("beside a successor", keys.CreateRequest{Key: keys.Key{Owner: "ann"}}, keys.ReasonPolicy, "one_full_key")
}
