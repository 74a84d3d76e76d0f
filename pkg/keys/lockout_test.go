package keys_test

import (
	"encoding/json"
	"net/netip"
	"slices"
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

// What a server counts need not be an address: it is named byte for byte.
func TestUnlockFindsTheStoredText(t *testing.T) {
	for _, tt := range []struct {
		q    keys.UnlockRequest
		want []string
	}{
		{keys.UnlockRequest{Address: "fe80::1%eth0"}, []string{"fe80::1%eth0"}},
		{keys.UnlockRequest{Address: "testclient"}, []string{"testclient"}},
		{keys.UnlockRequest{Address: "192.0.2.7", Addr: somebody}, []string{"192.0.2.7", "::ffff:192.0.2.7"}},
		{keys.UnlockRequest{Address: "192.0.2.7"}, []string{"192.0.2.7"}},
		{keys.UnlockRequest{Address: "Testclient"}, nil},
		{keys.UnlockRequest{Address: "test\x1bclient"}, nil},
	} {
		b := benchOf(t, scanning(), scanningFields)
		b.m.Lock(lockouts("192.0.2.7", "::ffff:192.0.2.7", "fe80::1%eth0", "testclient", "")...)
		cleared, err := b.Unlock(t.Context(), tt.q)
		if tt.want == nil {
			wantSays(t, tt.q.Address, err, keys.ReasonNotFound, "no failures of "+keys.PrintableText(tt.q.Address))
			continue
		}
		var names []string
		for _, l := range cleared {
			names = append(names, l.Address)
		}
		if err != nil || !slices.Equal(names, tt.want) || len(left(b)) != 5-len(names) {
			t.Errorf("%q: cleared %q, %v, left %q", tt.q.Address, names, err, left(b))
		}
	}
}

// The audit does not make numbers of what is none.
func TestUnlockOfDamagedRow(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	b.m.Lock(keys.Lockout{Address: "a", FailuresDamage: "x", Since: keys.At(noon)}, keys.Lockout{Address: "b", Failures: 5, SinceDamage: "x"})
	if _, err := b.Unlock(t.Context(), keys.UnlockRequest{All: true}); err != nil {
		t.Fatal(err)
	}
	e := b.m.Audit()
	if want := `{"address":"a","since":"` + keys.At(noon).String() + `"}`; e[0].Before != want {
		t.Errorf("%s, want %s", e[0].Before, want)
	}
	if want := `{"address":"b","failures":5}`; e[1].Before != want {
		t.Errorf("%s, want %s", e[1].Before, want)
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
		"nobody": {}, "one and all": {Addr: somebody, All: true}, "a text and all": {Address: "a", All: true}, "a reason of several lines": {All: true, Reason: "a\nb"},
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
