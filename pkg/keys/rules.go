package keys

import (
	"regexp"
	"time"
)

// Rules are what a database and the server behind it ask of keys, as data: the
// service obeys them and never asks whose table it is. [NativeRules] are those of
// keyreeve's own tables; those of others are read from layouts.
type Rules struct {
	Server    string     // how messages name the server, "" for keyreeve's own tables
	IDs       IDRules    // where ids come from
	Form      *TokenForm // of tokens, nil for keyreeve's own
	Hash      HashRules
	Secret    *SecretRules // nil where hashes need no secret
	Label     LabelRules
	Roles     *RoleRules  // nil: a role is any word, and need not be given
	Scopes    *ScopeRules // likewise
	Lifetime  LifetimeRules
	Revoke    RevokeKind
	Guard     GuardKind
	AdminRole string // of GuardAdmin
	Bootstrap BootstrapRules
	Lockout   LockoutRules
	// Advice is what an operator must know after an action on a key, since the
	// server does not notice it or treats it in its own way; {id}, {label} and
	// {path} stand for those of the key and of the database file.
	Advice map[Action][]string
	// ActiveFirst: the server looks first whether any key is active, and where none
	// is answers so whatever is presented, also nothing.
	ActiveFirst bool
	// Settings tells that the database stores a [Policy], which narrows these rules.
	Settings bool
	// KeepActive says why an active key is not deleted without force, "" where it is.
	KeepActive string
	// judge is the policy that narrows these rules, nil for none.
	judge *judge
}

// NativeRules returns the rules of keyreeve's own tables.
func NativeRules() *Rules {
	return &Rules{
		Settings:  true,
		Hash:      HashRules{Scheme: SHA256, Cost: DefaultBcryptCost, LeastCost: minBcryptCost, MostCost: maxBcryptCost},
		Revoke:    RevokeFlag,
		Guard:     GuardActive,
		Bootstrap: BootstrapRules{Kind: BootstrapClaim, Scopes: []string{AllScopes}, Label: "bootstrap"},
		Lockout:   LockoutRules{Kept: true, Networks: true},
		Label:     LabelRules{Unique: true, Most: labelText.max},
	}
}

// IDRules say where the ids of new keys come from. Both zero: from the token.
type IDRules struct {
	Assigned bool // by the database, as integers
	Reused   bool // that of a deleted key can be assigned again
	Random   Part // else drawn, if it has a length
}

// Part is a run of random characters in a token or id.
type Part struct {
	Bytes int    // of randomness, which Of encodes; 0 where Chars is set
	Chars int    // drawn one by one from the alphabet of Of, as nanoid does
	Of    string // "base64url" without padding (RFC 4648), "hex" in small letters, or "base62"
	Least int    // fewest bytes that may be asked for instead, 0 if none may
	Most  int    // most of them
}

// TokenForm is how the tokens of another server are put together, and what it
// takes for one.
type TokenForm struct {
	// Text of a new token, in which {selector} and {secret} stand for their parts;
	// "" where tokens must be supplied.
	Text     string
	Selector Part
	Secret   Part
	// Pattern is what the server takes for a token, nil for anything. Its group
	// "selector" is what it looks for among visible prefixes; its group "hashed"
	// is what it hashes, the whole token where there is none.
	Pattern *regexp.Regexp
	// MaskText shows a token, {selector} standing for that part; "" where the
	// table keeps no masked form.
	MaskText   string
	LeastChars int // of a supplied token, as the server counts them; 0 for 32, see [ValidateSupplied]
	MostBytes  int // of a supplied token; 0 for no bound but that of the hash
}

// HashRules say how tokens are hashed.
type HashRules struct {
	Scheme    Scheme
	Legacy    []Scheme // that the server accepts besides, and create only when told to
	Accepts   []string // what a stored bcrypt text must begin with, nil for any version that [Scheme.Check] knows
	Cost      int      // of bcrypt
	LeastCost int
	MostCost  int
}

// SecretRules are what a server demands of the secret under which it hashes.
type SecretRules struct {
	Name      string   // of the server's variable
	Forbidden []string // the server does not start with these, in any case of letters
	Weak      []string // likewise, but only under some conditions, such as in production
	LeastLen  int      // bytes below which the server warns
}

// LabelRules are those of labels, besides [ValidateLabel].
type LabelRules struct {
	Unique    bool           // among active keys without a successor
	Required  bool           // a key must have one
	Most      int            // characters; 0 for no other bound
	Pattern   *regexp.Regexp // nil for no other bound
	Says      string         // what the pattern allows, for messages
	Published string         // where the server shows labels to everybody, after "it shows them", "" if nowhere
}

// RoleRules are the roles that a server knows.
type RoleRules struct {
	Required bool
	Words    []string // the only ones that there are
	Ranked   bool     // each also does what those after it do
	Empty    string   // the role that an empty text acts as, "" for none
}

// ScopeRules are the scopes that a server knows.
type ScopeRules struct {
	Required bool
	Words    []string
	// By tells which other scope of a key grants a word too: AnyScope for any.
	By map[string]string
}

// AnyScope in [ScopeRules.By] is any scope at all.
const AnyScope = "any"

// LifetimeRules bound the time from creation to expiry; zero is no bound.
type LifetimeRules struct{ Least, Most time.Duration }

// RevokeKind is what revoking does to a row.
type RevokeKind string

// The kinds of revocation.
const (
	RevokeFlag   RevokeKind = "flag"   // FieldEnabled is cleared
	RevokeTime   RevokeKind = "time"   // FieldRevokedAt is set; a key without it is enabled
	RevokeExpiry RevokeKind = "expiry" // FieldExpiresAt becomes now: the table has no better way
	RevokeNone   RevokeKind = "none"   // keys can only be deleted
)

// GuardKind is which keys a server must not lose the last of.
type GuardKind string

// The kinds of guards.
const (
	GuardActive GuardKind = "last_active"
	GuardAdmin  GuardKind = "last_admin" // of the role AdminRole
	GuardNone   GuardKind = "none"       // no keys at all are a normal state
)

// BootstrapKind is what tells that a database was bootstrapped.
type BootstrapKind string

// The kinds of bootstrap.
const (
	BootstrapClaim  BootstrapKind = "claim"      // a claim that outlives the keys
	BootstrapRow    BootstrapKind = "any_row"    // any key, in whatever status
	BootstrapActive BootstrapKind = "any_active" // any active key: revoking the last one opens it again
	BootstrapNone   BootstrapKind = "none"       // keys do not open the server: there is nothing to bootstrap
)

// BootstrapRules say what the first key is.
type BootstrapRules struct {
	Kind   BootstrapKind
	Role   string   // of the first key, unless another is asked for
	Scopes []string // likewise
	Label  string   // likewise
}

// LockoutRules say how a server locks addresses out.
type LockoutRules struct {
	Kept     bool   // there is a table of them
	Networks bool   // IPv6 addresses count by their /64, see [LockoutAddress]
	Strict   bool   // a valid key does not pass a locked address either
	Else     string // another limit that the table knows nothing of, for people
}
