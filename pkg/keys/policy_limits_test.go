package keys_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// All the labels of many keys are judged, not only the last one.
func TestEveryLabelOfManyKeysIsJudged(t *testing.T) {
	b := ruledBench(t, "label_pattern", "ci-[0-9]{2}")
	q := keys.CreateRequest{Count: 10, Key: keys.Key{Label: "ci"}}
	b.refused("ci-1", q, keys.ReasonPolicy, `"ci-1"`)
	b.rule("label_pattern", "ci-[0-9]")
	b.refused("ci-10", q, keys.ReasonPolicy, `"ci-10"`)
	b.rule("label_pattern", "ci-[0-9]{1,2}")
	b.made(q)
}

// A key with a slow hash counts as long as it comes back by itself, and no way of
// bringing it back goes past the limit.
func TestSlowKeysThatComeBack(t *testing.T) {
	slow := func(n string) keys.CreateRequest {
		return keys.CreateRequest{Supplied: strings.Repeat(n, 40), BcryptCost: 4, Key: keys.Key{ExpiresAt: keys.At(noon.Add(day))}}
	}
	for what, tt := range map[string]struct {
		away func(b *bench, id string) error
		back func(b *bench, id string) error
	}{
		"activate": {
			func(b *bench, id string) error {
				_, err := b.Revoke(b.Context(), keys.ChangeRequest{Refs: idRefs(id), Force: true})
				return err
			},
			func(b *bench, id string) error {
				_, err := b.Activate(b.Context(), keys.ChangeRequest{Refs: idRefs(id)})
				return err
			},
		},
		"update": {
			func(b *bench, id string) error {
				b.patch(id, func(k *keys.Key) { k.ExpiresAt = keys.At(noon) })
				return nil
			},
			func(b *bench, id string) error {
				return b.setting(id, keys.FieldsOf(keys.FieldExpiresAt), keys.Key{ExpiresAt: keys.At(b.now.Add(time.Hour))})
			},
		},
	} {
		b := ruledBench(t, "slow_keys", "1", "bcrypt_cost", "4")
		first := b.made(slow("a")).Key
		if err := tt.away(b, first.ID); err != nil {
			t.Fatal(err)
		}
		second := b.made(slow("b")).Key
		wantSetting(t, what, tt.back(b, first.ID), "slow_keys")
		if err := b.setting(second.ID, keys.FieldsOf(keys.FieldDescription), keys.Key{Description: "x"}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		b.rule("slow_keys", "2")
		if err := tt.back(b, first.ID); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		b.rule("slow_keys", "1")
		if err := b.setting(first.ID, keys.FieldsOf(keys.FieldDescription), keys.Key{Description: "one too many, and let be"}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	b := ruledBench(t, "slow_keys", "1", "bcrypt_cost", "4")
	first := b.made(slow("a")).Key
	if _, err := b.Revoke(t.Context(), keys.ChangeRequest{Refs: idRefs(first.ID), Until: keys.At(noon.Add(time.Hour)), Force: true}); err != nil {
		t.Fatal(err)
	}
	b.refused("beside one that comes back", slow("b"), keys.ReasonPolicy, "slow_keys")
}

// What was stored before is a conflict; only a request that contradicts itself is wrong
// whatever the database holds.
func TestAContradictionWithWhatIsStored(t *testing.T) {
	for _, tt := range []struct {
		stored, set, in []string
		reason          keys.Reason
		setting         string
	}{
		{[]string{"supplied_least", "50"}, []string{"supplied_most", "40"}, nil, keys.ReasonPolicy, "supplied_least"},
		{nil, []string{"supplied_least", "50", "supplied_most", "40"}, nil, keys.ReasonInvalid, "supplied_least"},
		{[]string{"roles", "user"}, []string{"admin_role", "root"}, nil, keys.ReasonPolicy, "roles"},
		{[]string{"admin_role", "root"}, []string{"roles", "user"}, nil, keys.ReasonPolicy, "admin_role"},
		{[]string{"lockout_threshold", "3", "lockout_window", "1m", "lockout_duration", "1h"}, []string{"lockout_window", "default"}, nil, keys.ReasonPolicy, "lockout_threshold"},
		{nil, []string{"lockout_threshold", "3"}, nil, keys.ReasonInvalid, "lockout_window"},
		{[]string{"token_prefixes", "bw"}, []string{"prefix_resources", "kr="}, nil, keys.ReasonPolicy, "token_prefixes"},
	} {
		b := ruledBench(t, tt.stored...)
		_, err := b.SetPolicy(t.Context(), settings(tt.set...))
		wantSays(t, tt.set[0], err, tt.reason, "contradicts", tt.setting)
		if got := settingOf(err); got != tt.setting && tt.reason == keys.ReasonPolicy {
			t.Errorf("%s: names %q, want %q", tt.set, got, tt.setting)
		}
	}
}

func settings(list ...string) (q keys.PolicyRequest) {
	for i := 0; i < len(list); i += 2 {
		q.Settings = append(q.Settings, keys.Setting{Name: list[i], Value: list[i+1]})
	}
	return q
}

func settingOf(err error) string {
	e := (*keys.Error)(nil)
	if !errors.As(err, &e) {
		return ""
	}
	return e.Setting
}
