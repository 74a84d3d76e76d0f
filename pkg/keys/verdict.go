package keys

import "net/netip"

// Outcome is the word for why a token is accepted or refused: a closed table
// and a contract.
type Outcome string

// The outcomes.
const (
	OK            Outcome = "ok"
	NoToken       Outcome = "no_token"    // nothing was presented
	NoKeys        Outcome = "no_keys"     // the database holds no key at all
	Malformed     Outcome = "malformed"   // cannot be a token here, whatever is stored
	Unknown       Outcome = "unknown"     // belongs to no key
	KeyRevoked    Outcome = "revoked"     // the key was switched off
	KeyExpired    Outcome = "expired"     // the key's time is over
	KeyPending    Outcome = "pending"     // the key's time has not come
	Locked        Outcome = "locked"      // the address failed too often
	WrongNetwork  Outcome = "network"     // not an address that the key may come from
	WrongResource Outcome = "resource"    // not the resource that the key is bound to
	MissingScope  Outcome = "scope"       // lacks a scope that is demanded
	WrongRole     Outcome = "role"        // has another role than is demanded
	WrongOwner    Outcome = "owner"       // belongs to another owner than is demanded
	RateExceeded  Outcome = "rate"        // used too often within its window
	NotAnswering  Outcome = "unavailable" // the database could not be read
)

// Outcomes returns every outcome, in the order in which they are decided.
func Outcomes() []Outcome {
	return []Outcome{
		OK, NoToken, NoKeys, Malformed, Unknown, KeyRevoked, KeyExpired, KeyPending, Locked,
		WrongNetwork, WrongResource, MissingScope, WrongRole, WrongOwner, RateExceeded, NotAnswering,
	}
}

// Request is what a token is presented for. Zero fields are not asked, except
// that a key bound to a resource or limited to networks demands an answer.
type Request struct {
	Addr     netip.Addr // of the client
	Resource string
	Scopes   []string // all of these
	Role     string   // exactly this
	Owner    string   // exactly this
}

// Verdict is the answer to a presented token.
type Verdict struct {
	Accepted  bool
	Outcome   Outcome
	Unchecked []string // what was not asked and could have changed the answer
	Key       *Key     // the key that the token belongs to, nil if none
	Advice    []string // what else may decide on this server
}

// Decide gives the verdict on a token whose secret matched k. The secret comes
// first, so that a wrong one never learns that a key is revoked.
func Decide(k *Key, r Request, now Instant) Outcome {
	switch k.Status(now) {
	case Revoked:
		return KeyRevoked
	case Expired:
		return KeyExpired
	case Pending:
		return KeyPending
	}
	switch {
	case len(k.Networks) > 0 && !NetworksContain(k.Networks, r.Addr):
		return WrongNetwork
	case k.Resource != "" && k.Resource != r.Resource:
		return WrongResource
	case !grantsAll(k.Scopes, r.Scopes):
		return MissingScope
	case r.Role != "" && r.Role != k.Role:
		return WrongRole
	case r.Owner != "" && r.Owner != k.Owner:
		return WrongOwner
	}
	return OK
}

func grantsAll(scopes, demanded []string) bool {
	for _, d := range demanded {
		if !Grants(scopes, d) {
			return false
		}
	}
	return true
}

// unchecked lists what an accepted request did not ask.
func unchecked(k *Key, r Request) []string {
	var list []string
	for _, part := range []struct {
		name string
		open bool
	}{
		{"ip", !r.Addr.IsValid()},
		{"scope", len(r.Scopes) == 0},
		{"role", r.Role == ""},
		{"owner", r.Owner == ""},
		{"rate", !k.RateLimit.IsZero()},
	} {
		if part.open {
			list = append(list, part.name)
		}
	}
	return list
}

// LockoutAddress returns the text under which an address is counted and locked:
// an IPv4 address, also where it is mapped into IPv6, or the /64 network of an
// IPv6 one, since a single host has all of that.
func LockoutAddress(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
