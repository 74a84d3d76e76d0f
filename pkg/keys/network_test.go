package keys_test

import (
	"net/netip"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestParseNetwork(t *testing.T) {
	for s, want := range map[string]string{
		"10.0.0.0/8":           "10.0.0.0/8",
		"0.0.0.0/0":            "0.0.0.0/0",
		"192.0.2.7":            "192.0.2.7/32",
		"192.0.2.7/32":         "192.0.2.7/32",
		"::/0":                 "::/0",
		"2001:db8::/32":        "2001:db8::/32",
		"2001:DB8::7":          "2001:db8::7/128",
		"::ffff:192.0.2.7":     "192.0.2.7/32",
		"::ffff:10.0.0.0/104":  "10.0.0.0/8",
		"::ffff:0:0/96":        "0.0.0.0/0",
		"::ffff:c000:0207/128": "192.0.2.7/32",
	} {
		got, err := keys.ParseNetwork(s)
		if err != nil || got.String() != want {
			t.Errorf("ParseNetwork(%q) is %v, %v, want %s", s, got, err, want)
		}
	}
}

func TestParseNetworkRefuses(t *testing.T) {
	for s, word := range map[string]string{
		"10.0.0.1/8":          "10.0.0.0/8",
		"2001:db8::7/32":      "2001:db8::/32",
		"::ffff:10.0.0.1/104": "10.0.0.0/8",
		"::ffff:10.0.0.0/64":  "host bits",
		"fe80::1%eth0":        "zone",
		"fe80::%eth0/64":      "zone",
		"10.0.0.0/33":         "192.0.2.0/24",
		"10.0.0.0/-1":         "not understood",
		"10.0.0.0/08":         "not understood",
		"10.0.0.0/255.0.0.0":  "not understood",
		"10.0.0.0/":           "not understood",
		"/8":                  "not understood",
		"10.0.0":              "not understood",
		"010.0.0.1":           "not understood",
		"256.0.0.1":           "not understood",
		"10.0.0.1:443":        "not understood",
		"[::1]":               "not understood",
		" 10.0.0.1":           "not understood",
		"10.0.0.1,10.0.0.2":   "not understood",
		"localhost":           "not understood",
		"":                    "not understood",
		"any\x1b[2J":          `\x1b`,
	} {
		_, err := keys.ParseNetwork(s)
		checkRefusal(t, err, "network ", word)
	}
}

func TestParseAddr(t *testing.T) {
	for s, want := range map[string]string{"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "::1": "::1"} {
		got, err := keys.ParseAddr(s)
		if err != nil || got != netip.MustParseAddr(want) {
			t.Errorf("ParseAddr(%q) is %v, %v, want %s", s, got, err, want)
		}
	}
	for s, word := range map[string]string{
		"": "not understood", "fe80::1%eth0": "zone", "::ffff:192.0.2.7%1": "zone", "10.0.0.0/8": "not understood", "10.0.0.1:80": "192.0.2.7",
	} {
		_, err := keys.ParseAddr(s)
		checkRefusal(t, err, "address ", word)
	}
}

func TestNetworksContain(t *testing.T) {
	list := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("fe80::/10"),
	}
	for s, want := range map[string]bool{
		"10.255.0.1": true, "11.0.0.1": false, "::ffff:10.1.2.3": true, "::ffff:11.1.2.3": false, "::10.1.2.3": false,
		"2001:db8:ffff::1": true, "2001:db9::1": false, "fe80::1%eth0": true,
	} {
		if got := keys.NetworksContain(list, netip.MustParseAddr(s)); got != want {
			t.Errorf("%s in %v: %v", s, list, got)
		}
	}
	all := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	if keys.NetworksContain(all, netip.Addr{}) {
		t.Error("no address lies in a network")
	}
	if keys.NetworksContain(nil, netip.MustParseAddr("10.0.0.1")) {
		t.Error("an address lies in no networks")
	}
	if keys.NetworksContain(all[1:], netip.MustParseAddr("10.0.0.1")) {
		t.Error("an IPv4 address lies in an IPv6 network")
	}
}

func FuzzParseNetwork(f *testing.F) {
	for _, s := range []string{"10.0.0.0/8", "10.0.0.1/8", "::/0", "::ffff:0:0/96", "::ffff:10.0.0.1", "fe80::1%a", "1.2.3.4", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := keys.ParseNetwork(s)
		if err != nil {
			checkRefusal(t, err, "network ")
			return
		}
		if again, err := keys.ParseNetwork(p.String()); err != nil || again != p {
			t.Errorf("%q is %v, read again %v, %v", s, p, again, err)
		}
		mapped := netip.AddrFrom16(p.Addr().As16())
		if !keys.NetworksContain([]netip.Prefix{p}, p.Addr()) || !keys.NetworksContain([]netip.Prefix{p}, mapped) {
			t.Errorf("%v does not hold its own first address", p)
		}
	})
}

func FuzzParseAddr(f *testing.F) {
	for _, s := range []string{"10.0.0.1", "::1", "::ffff:10.0.0.1", "fe80::1%a", "1.2.3", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := keys.ParseAddr(s)
		if err != nil {
			checkRefusal(t, err, "address ")
			return
		}
		if again, err := keys.ParseAddr(a.String()); err != nil || again != a || a.Is4In6() || a.Zone() != "" {
			t.Errorf("%q is %v, read again %v, %v", s, a, again, err)
		}
	})
}
