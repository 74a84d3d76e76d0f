package keys

import (
	"net/netip"
	"slices"
	"strings"
)

const (
	addressForms = "write it like 192.0.2.7 or 2001:db8::7"
	networkForms = "write it like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32"
	hasZone      = "has a zone, which only means something on one host"
)

// ParseNetwork reads a network in CIDR form (RFC 4632, RFC 4291), or one address
// as the network that holds only it. IPv4-mapped IPv6 (::ffff:192.0.2.0/120)
// becomes IPv4. A zone, and bits set beyond the prefix length, give
// ReasonInvalid: 10.0.0.1/8 may be meant as one address or as ten-slash-eight.
func ParseNetwork(s string) (netip.Prefix, error) {
	p, problem := readNetwork(s)
	if problem != "" {
		return netip.Prefix{}, Errorf(ReasonInvalid, "network %s %s: %s", quote(s), problem, networkForms)
	}
	return p, nil
}

func readNetwork(s string) (netip.Prefix, string) {
	if !strings.Contains(s, "/") {
		a, problem := readAddr(s)
		return netip.PrefixFrom(a, a.BitLen()), problem
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil && strings.Contains(s, "%"):
		return p, hasZone
	case err != nil:
		return p, notUnderstood
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	if p != p.Masked() {
		return p, "has host bits set, the network would be " + p.Masked().String()
	}
	return p, ""
}

// ParseAddr reads one IP address. IPv4-mapped IPv6 becomes IPv4; a zone gives
// ReasonInvalid.
func ParseAddr(s string) (netip.Addr, error) {
	a, problem := readAddr(s)
	if problem != "" {
		return netip.Addr{}, Errorf(ReasonInvalid, "address %s %s: %s", quote(s), problem, addressForms)
	}
	return a, nil
}

func readAddr(s string) (netip.Addr, string) {
	a, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return a, notUnderstood
	case a.Zone() != "":
		return a, hasZone
	}
	return a.Unmap(), ""
}

// NetworksContain tells whether a lies in one of the networks. IPv4-mapped IPv6
// counts as IPv4, and a zone counts for nothing. An empty list holds no address:
// that a key without networks is open to all is for the caller to know.
func NetworksContain(list []netip.Prefix, a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}
