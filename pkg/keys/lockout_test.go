package keys_test

import (
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func lockouts(addresses ...string) (list []keys.Lockout) {
	for _, a := range addresses {
		list = append(list, keys.Lockout{Address: a, Failures: 5, Since: keys.At(noon)})
	}
	return list
}

func left(b *bench) (addresses []string) {
	list, err := b.Lockouts(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, l := range list {
		addresses = append(addresses, l.Address)
	}
	return addresses
}

// An address is one, however it is written.
func TestUnlockFindsTheAddress(t *testing.T) {
	for _, tt := range []struct {
		networks bool
		stored   string
		addr     string
		want     bool
	}{
		{false, "192.0.2.7", "192.0.2.7", true},
		{false, "::ffff:192.0.2.7", "192.0.2.7", true},
		{false, "192.0.2.7", "::ffff:192.0.2.7", true},
		{false, "2001:db8::7", "2001:0DB8:0::7", true},
		{false, "2001:db8::8", "2001:db8::7", false},
		{false, "192.0.2.70", "192.0.2.7", false},
		{false, "unknown", "192.0.2.7", false},
		{true, "2001:db8::/64", "2001:db8::7", true},
		{true, "2001:db8::8", "2001:db8::7", true},
		{true, "2001:db8::8/64", "2001:db8::7", true},
		{true, "2001:db8:0:1::/64", "2001:db8::7", false},
		{true, "::ffff:192.0.2.7", "192.0.2.7", true},
	} {
		rules := scanning()
		rules.Lockout.Networks = tt.networks
		b := benchOf(t, rules, scanningFields)
		b.m.Lock(lockouts(tt.stored, "198.51.100.1")...)
		cleared, err := b.Unlock(t.Context(), keys.UnlockRequest{Addr: netip.MustParseAddr(tt.addr)})
		if !tt.want {
			wantSays(t, tt.addr+" for "+tt.stored, err, keys.ReasonNotFound, "its limit per minute is in memory")
			b.untouched(tt.stored, 0)
			continue
		}
		if err != nil || len(cleared) != 1 || cleared[0].Address != tt.stored || len(left(b)) != 1 {
			t.Errorf("%s for %s: %+v, %v, left %q", tt.addr, tt.stored, cleared, err, left(b))
		}
	}
}

func TestUnlockIsRecorded(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	b.m.Lock(lockouts("192.0.2.7", "::ffff:192.0.2.7", "198.51.100.1")...)
	q := keys.UnlockRequest{Addr: somebody, Reason: "a typing error", DryRun: true}
	for _, events := range []int{0, 2} {
		if cleared, err := b.Unlock(t.Context(), q); err != nil || len(cleared) != 2 {
			t.Errorf("%+v, %v", cleared, err)
		}
		b.untouched("unlocking", events)
		q.DryRun = false
	}
	e := b.m.Audit()[1]
	var before struct {
		Address  string
		Failures int
	}
	if err := json.Unmarshal([]byte(e.Before), &before); err != nil || before.Address != "::ffff:192.0.2.7" || before.Failures != 5 {
		t.Errorf("%s, %v", e.Before, err)
	}
	if e.Action != keys.ActionUnlock || e.Reason != q.Reason || e.Actor != b.Actor || e.At != keys.At(noon) || e.KeyID != "" || e.After != "" {
		t.Errorf("%+v", e)
	}
	q = keys.UnlockRequest{All: true}
	for _, want := range []int{1, 0} {
		if cleared, err := b.Unlock(t.Context(), q); err != nil || len(cleared) != want {
			t.Errorf("%+v, %v, want %d", cleared, err, want)
		}
	}
	b.untouched("unlocking nobody", 3)
}

func TestUnlockOfNothing(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	for name, q := range map[string]keys.UnlockRequest{
		"nobody": {}, "one and all": {Addr: somebody, All: true}, "a reason of several lines": {All: true, Reason: "a\nb"},
	} {
		_, err := b.Unlock(t.Context(), q)
		wantReason(t, name, err, keys.ReasonInvalid)
	}
	b = benchOf(t, ranking(), rankingFields)
	_, err := b.Lockouts(t.Context())
	wantSays(t, "a server without lockouts", err, keys.ReasonUnsupported, "Ranker")
	_, err = b.Unlock(t.Context(), keys.UnlockRequest{All: true})
	wantReason(t, "a server without lockouts", err, keys.ReasonUnsupported)
}
