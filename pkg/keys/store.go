package keys

import (
	"context"
	"net/netip"
)

// Store is a database of keys. Implementations serve any number of goroutines.
type Store interface {
	// Info tells what kind of database this is. It reads nothing.
	Info() Info
	// View runs fn on one consistent state of the database. fn may be run
	// again if the state could not be held. Nothing that waits for a person
	// or a pipe belongs in fn.
	View(ctx context.Context, fn func(Reader) error) error
	// Update runs fn exactly once, with the write lock held. What fn did is
	// committed if it returns nil, else none of it. A lock that is not to be
	// had within the store's timeout gives ReasonBusy and fn is not run.
	Update(ctx context.Context, fn func(Tx) error) error
	// Last returns, by id, the latest event of this action on each of these keys,
	// where one is recorded; also of a rotation or creation that may never have been
	// committed, which is Unsure then. It is not for use inside of View or Update: the audit
	// may be a long file, and nothing of the database is held while that is read.
	Last(ctx context.Context, action Action, ids ...string) (map[string]Event, error)
	// Close releases the database and leaves no file behind that was not there.
	Close() error
}

// Info tells what a Store's database can hold.
type Info struct {
	Layout   string   // family name: "native", or another server's
	Era      string   // "" where the family has only one
	Path     string   // of the database file, "" if the store was given a handle
	Fields   Fields   // the fields that its table can hold
	PrefixID bool     // ids are random text, so a prefix can name a key
	Schema   int      // version of the native schema, 0 for other layouts
	Rules    *Rules   // nil for those of keyreeve's own tables
	Recalls  bool     // an audit is kept that Last can be asked for later
	Warnings []string // what whoever works on this file should know
}

// Reader reads one consistent state.
type Reader interface {
	LedgerReader
	// Key returns the key with exactly this id, or ReasonNotFound.
	Key(ctx context.Context, id string) (Key, error)
	// Page returns the next keys that match q, newest first, then by id; at
	// most q.Limit of them. An empty page means there are no more.
	Page(ctx context.Context, q Query) ([]Key, error)
	// Count returns how many keys have each status at now.
	Count(ctx context.Context, now Instant) (map[Status]int, error)
	// Candidates returns the keys that a presented token may belong to: by
	// digest, else by selector, else each of SlowKeys, active ones first. With a
	// selector and p.Scan these are both: the token may have one by accident. Unless
	// p.Inactive is set, keys that are not active at p.Now are left out of the
	// last group. Whether a candidate matches is for [Scheme.Matches] to say.
	Candidates(ctx context.Context, p Presented) ([]Key, error)
	// SlowKeys returns the keys that can be found neither by digest nor by
	// selector: a wrong token costs a server one slow hash for each of them.
	SlowKeys(ctx context.Context) ([]Key, error)
	// Survivor tells whether a key outside except is active at now, lasts for
	// [GuardHorizon] more, is not bound to a resource, has the role, if one is
	// given, and lets somebody in: it is readable, and its hash is one that the
	// server could match.
	Survivor(ctx context.Context, now Instant, role string, except []string) (bool, error)
}

// Tx changes keys. Whoever changes one records it, in the same transaction. After
// a change that failed a Tx can only be given up.
type Tx interface {
	Reader
	Ledger
	// Insert adds new keys. An id or a hash that exists gives ReasonTokenTaken.
	// The keys become what the table keeps of them: a key without an id gets the
	// one that the database assigned, and moments get the table's precision.
	Insert(ctx context.Context, keys []Key) error
	// Replace writes the fields of k that differ over the key with its id, or
	// gives ReasonNotFound, and reads it again: if the database did not keep the
	// change, the error is ReasonUndone. A value that could not be read is written
	// over where k no longer has it among its Damage. A hash that another key has
	// gives ReasonTokenTaken. As with Insert, k becomes what the table keeps.
	Replace(ctx context.Context, k *Key) error
	// Delete removes the key with this id, or gives ReasonNotFound, also for an
	// empty one.
	Delete(ctx context.Context, id string) error
	// Seal does all that can still refuse the change, so that but for the commit
	// it is made. Nothing is changed after it.
	Seal(ctx context.Context) error
}

// LedgerReader reads what a database remembers besides its keys.
type LedgerReader interface {
	// Claimed returns when the database was claimed, none if it never was.
	Claimed(ctx context.Context) (Instant, error)
	// Policy returns the rules of this database; one without any has the
	// default policy. What is understood of them comes also with ReasonPolicy,
	// see [Policy.SetAll].
	Policy(ctx context.Context) (Policy, error)
	// LockedUntil returns until when the address is locked out, none if it
	// is not.
	LockedUntil(ctx context.Context, addr netip.Addr, now Instant) (Instant, error)
	// Lockouts returns every address with failures, by address; none where
	// [LockoutRules].Kept is not set.
	Lockouts(ctx context.Context, now Instant) ([]Lockout, error)
}

// Lockout is what a database remembers of the failures of one address.
type Lockout struct {
	Address  string  // as it is stored
	Failures int64   // within the window
	Since    Instant // of the first of them
	Until    Instant // the end of the lockout; none if the address is not locked out now
	// What is wrong with the stored count and with the stored moment, "" for nothing.
	// What cannot be read is zero, and nobody can say whether the address is locked out.
	FailuresDamage, SinceDamage string
}

// Unreadable tells whether damage keeps a server from deciding about the address.
func (l *Lockout) Unreadable() bool { return l.FailuresDamage != "" || l.SinceDamage != "" }

// Setting is one rule of a [Policy] as it is stored.
type Setting struct{ Name, Value string }

// Ledger writes what a database remembers besides its keys. There is one for
// native databases and one for those of other servers.
type Ledger interface {
	LedgerReader
	// Claim marks the database as claimed, for ever.
	Claim(ctx context.Context, at Instant) error
	// Record appends events to the audit, in their order. They may be written later,
	// with others, but before Seal returns or the change is committed, and an error may
	// come only then. If it fails, so must the change. The list may be used again.
	Record(ctx context.Context, events []Event) error
	// Unlock forgets the failures of an address, given as Lockouts returns it.
	// One that has none gives ReasonNotFound.
	Unlock(ctx context.Context, address string) error
	// SetPolicy stores settings; one without a value is forgotten. Where
	// [Rules].Settings is not set it gives ReasonUnsupported.
	SetPolicy(ctx context.Context, settings []Setting) error
}

// Presented is a token as its key is looked for.
type Presented struct {
	Digests  []Digested // what it hashes to, by each scheme that needs no salt
	Selector string     // the part of it that names the key, "" if it has none
	Scan     bool       // try the slow keys where no digest finds it
	Now      Instant
	Inactive bool // also keys that are not active at Now
}

// Digested is a hash of a token.
type Digested struct {
	Scheme Scheme
	Hash   string
}

// Query selects keys. Its zero value selects all of them; every field that is
// set narrows the selection.
type Query struct {
	Now       Instant  // the moment that statuses refer to
	Statuses  []Status // any of these
	Owner     string
	Role      string
	Resource  string
	Scope     string  // has exactly this scope, or "*"
	LabelGlob string  // * any run of characters, ? any one; never a key without a label
	ExpiresBy Instant // has an expiry, and at or before this moment
	UnusedBy  Instant // neither used, made, begun nor back from a revocation after this moment
	CreatedBy Instant // created at or before this moment
	RevokedBy Instant // revoked at Now, and so since this moment or longer
	UsedSince Instant // used at or after this moment
	Endless   bool    // never expires
	Current   bool    // has no successor
	Replaced  bool    // has a successor
	Unbound   bool    // is not bound to a resource
	Holding   bool    // its label is taken: active, pending, or revoked only until some moment

	Fields Fields    // what to read, besides the id and creation; 0 for all
	Ref    *RefQuery // the keys that a REF could mean
	After  *Key      // the last key of the page before: only CreatedAt and ID matter
	Limit  int       // at most this many; 0 is the store's own page size
	Any    bool      // with Ref: any of the keys, in no order, found in the least time
}

// RefQuery selects the keys that any of its fields names.
type RefQuery struct {
	ID          string // exact id
	IDPrefix    string // begins with, on random text ids
	Label       string // exact label of a key without a successor
	LabelPrefix string // likewise, begins with
	Masked      string // exact masked form
}

// Migrator is a Store whose own schema has versions.
type Migrator interface {
	// Migrate brings the schema to the version that this program writes, in one
	// transaction, and calls done in it, also if there was nothing to do.
	Migrate(ctx context.Context, done func(tx Tx, from, to int) error) error
}
