package keys

import (
	"net/netip"
	"time"
)

// Policy is the rules of one native database, stored in it as settings, or those of
// another server that take their place. A zero field asks nothing, unless it says so.
type Policy struct {
	TokenFormat   TokenFormat // of generated tokens; "" is NativeTokens
	TokenPrefixes []string    // what tokens may begin with, the first of them where none is asked for; none for any
	TokenBytes    int         // of randomness in a generated token, unless more are asked for; 0 is DefaultSecretBytes
	Hash          Scheme      // of generated tokens; "" is SHA256
	BcryptCost    int         // unless more is asked for; 0 is DefaultBcryptCost
	SuppliedLeast int         // characters of a supplied token; 0 is 32
	SuppliedMost  int         // likewise; 0 is 72
	SlowKeys      int         // how many usable keys may have a slow hash and no selector; 0 or less for any number

	MaxLifetime time.Duration // from the making of a key to its expiry; 0 for no bound
	Required    Fields        // what a key must have

	Scopes          []string // the only ones, "*" among them if it may be given; none for any
	Roles           []string // the only ones; none for any
	AdminRole       string   // the guard counts only keys of this role, "" for all
	LabelPattern    string   // a regular expression (RE2) that all of a label must match, "" for any
	UniqueLabels    bool     // among keys that are active, or will be, without a successor
	OneFullKey      bool     // an owner has at most one active key that is not bound to a resource; one with a successor does not count
	PrefixResources []PrefixResource
	Networks        []netip.Prefix // of keys for which none are asked for
	Rate            Rate           // likewise

	Lockout     LockoutPolicy
	AddressRate Rate // requests of one address that servers answer; zero for any number
}

// TokenFormat is what generated tokens look like.
type TokenFormat string

// The formats of tokens.
const (
	NativeTokens    TokenFormat = "native"    // prefix_, id, secret and checksum in base62
	HexTokens       TokenFormat = "hex"       // prefix_ and the secret in hex
	Base64URLTokens TokenFormat = "base64url" // prefix_, if there is one, and the secret in base64url (RFC 4648, section 5) without padding
	SelectorTokens  TokenFormat = "selector"  // prefix_, a public part of 16 hex characters, a dot, and the secret in base64url
)

// PrefixResource says which resource keys need whose tokens have a prefix.
type PrefixResource struct {
	Prefix  string
	Pattern string // * is any run of characters, ? any one; "" for a key that may not be bound
}

// LockoutPolicy is when servers lock an address out; see [LockoutAddress].
type LockoutPolicy struct {
	Threshold int           // failures within Window that lock an address out; 0 for no lockout
	Window    time.Duration // from the first of them
	Duration  time.Duration // of a lockout
	Strict    bool          // a valid key does not pass a locked address either
}

// DefaultPolicy returns the rules of a database that sets none.
func DefaultPolicy() Policy { return Policy{UniqueLabels: true, SlowKeys: 16} }

// Set gives one setting its value. An unknown name or a value that does not
// parse gives ReasonPolicy: rules that are not understood are not ignored.
func (p *Policy) Set(name, value string) error {
	set := findSetting(name)
	if set == nil {
		return Errorf(ReasonPolicy, "the database has a policy %q that this version does not know", PrintableText(name)).OnSetting(name)
	}
	if err := set.read(p, value); err != nil {
		return Errorf(ReasonPolicy, "the policy %s has no valid value in this database", name).OnSetting(name).Because(err)
	}
	return nil
}

// SetAll is Set for all settings that a database stores. It sets those that it
// understands whatever the others are, and returns the error of the first of those, but
// that of the role which a guard needs to know before any.
func (p *Policy) SetAll(list []Setting) (err error) {
	for _, set := range list {
		if e := p.Set(set.Name, set.Value); e != nil && (err == nil || set.Name == adminRole) {
			err = e
		}
	}
	return err
}

// Get returns the value of a setting as [Policy.Set] reads it, "" where nothing is
// asked, and for a name that does not exist.
func (p *Policy) Get(name string) string {
	if set := findSetting(name); set != nil {
		return set.write(p)
	}
	return ""
}

// fill gives a new key what the policy gives those for which nothing is asked.
func (p *Policy) fill(k *Key) {
	if len(k.Networks) == 0 {
		k.Networks = p.Networks
	}
	if k.RateLimit.IsZero() {
		k.RateLimit = p.Rate
	}
}

// optional accepts an empty text, and otherwise what valid accepts.
func optional(s string, valid func(string) error) error {
	if s == "" {
		return nil
	}
	return valid(s)
}
