package keys

import "net/netip"

// Outcome is the word for why a token is accepted or refused: a closed table
// and a contract.
type Outcome string

// The outcomes.
const (
	OK            Outcome = "ok"
	NoToken       Outcome = "no_token"    // nothing was presented
	NoKeys        Outcome = "no_keys"     // the database holds no key at all, or none that is active
	Malformed     Outcome = "malformed"   // cannot be a token here, whatever is stored
	Unknown       Outcome = "unknown"     // belongs to no key
	KeyRevoked    Outcome = "revoked"     // the key was switched off
	KeyExpired    Outcome = "expired"     // the key's time is over
	KeyPending    Outcome = "pending"     // the key's time has not come
	Locked        Outcome = "locked"      // the address failed too often
	WrongNetwork  Outcome = "network"     // not an address that the key may come from
	WrongResource Outcome = "resource"    // not the resource that the key is bound to
	MissingScope  Outcome = "scope"       // lacks a scope that is demanded
	WrongRole     Outcome = "role"        // has another role than is demanded, or one that does nothing
	WrongOwner    Outcome = "owner"       // belongs to another owner than is demanded
	RateExceeded  Outcome = "rate"        // used too often within its window
	NotAnswering  Outcome = "unavailable" // the database or the key could not be read
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

// Decide gives the verdict of a server with these rules on a token whose secret
// matched k. The secret comes first, so that a wrong one never learns that a key is
// revoked. A key that cannot be read is neither accepted nor explained.
func (r *Rules) Decide(k *Key, q Request, now Instant) Outcome {
	if k.Unreadable() {
		return NotAnswering
	}
	switch k.Status(now) {
	case Revoked:
		return KeyRevoked
	case Expired:
		return KeyExpired
	case Pending:
		return KeyPending
	}
	switch {
	case len(k.Networks) > 0 && !NetworksContain(k.Networks, q.Addr):
		return WrongNetwork
	case k.Resource != "" && k.Resource != q.Resource:
		return WrongResource
	case !r.grantsScopes(k.Scopes, q.Scopes):
		return MissingScope
	case !r.grantsRole(k.Role, q.Role):
		return WrongRole
	case q.Owner != "" && q.Owner != k.Owner:
		return WrongOwner
	}
	return OK
}

// unchecked lists what an accepted request did not ask and the server knows of.
func unchecked(k *Key, q Request, held Fields, lockout LockoutRules) []string {
	var list []string
	for _, part := range []struct {
		name string
		open bool
	}{
		{"ip", !q.Addr.IsValid() && (held.Has(FieldNetworks) || lockout.Kept)},
		{"scope", len(q.Scopes) == 0 && held.Has(FieldScopes)},
		{"role", q.Role == "" && held.Has(FieldRole)},
		{"owner", q.Owner == "" && held.Has(FieldOwner)},
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
