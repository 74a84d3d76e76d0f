package keys

import (
	"net/netip"
	"slices"
	"time"
)

// Key is one row of a key table: everything that is known of an API key except
// its token, which is never stored. A field that a layout has no column for
// keeps its zero value; [Info].Fields tells which those are.
type Key struct {
	ID          string // public, stable, safe in logs
	Label       string // what people call it
	Description string
	Owner       string
	Prefix      string // what the token begins with, without the separator
	Masked      string // prefix and id, or the display start of a supplied token
	Scheme      Scheme
	Hash        string // never shown, never logged
	Role        string
	Scopes      []string       // none grants nothing where a scope is demanded; "*" grants all
	Resource    string         // what the key is bound to, "" for any
	Networks    []netip.Prefix // none for any address
	RateLimit   Rate
	Enabled     bool    // false once revoked
	NotBefore   Instant // pending until then
	ExpiresAt   Instant // refused from then on
	CreatedAt   Instant
	CreatedBy   string
	UpdatedAt   Instant // of the last change, where the table keeps that

	RevokedAt     Instant
	RevokedBy     string
	RevokedReason string
	RevokedUntil  Instant // a revocation that lifts itself at this moment

	LastUsedAt   Instant
	LastUsedFrom string

	Successor   string // id of the key that replaces this one
	Predecessor string // id of the key that this one replaces
	RequestID   string // of the rotation that made it
	Metadata    map[string]string

	Damage []Damage // values of the row that are not what they should be
}

// Damage is a value of a row that cannot be what its column is for. The rest of
// the key is as stored; the field keeps its zero value.
type Damage struct {
	Field   Field
	Column  string
	Problem string // without the value, which may be anything
	// Odd: the server takes the value in a way of its own, which nobody would expect
	// of it. The field holds the value, and the key can be judged by it.
	Odd bool
}

// decisive are the fields without which nobody can say what a key may do.
const decisive = Fields(1<<FieldHash | 1<<FieldExpiresAt | 1<<FieldNotBefore | 1<<FieldScopes | 1<<FieldResource |
	1<<FieldNetworks | 1<<FieldRole | 1<<FieldRevokedAt | 1<<FieldRevokedUntil)

// Unreadable tells whether damage keeps a server from deciding about the key. A
// damaged FieldEnabled does not: no server takes it for switched on.
func (k *Key) Unreadable() bool {
	for _, d := range k.Damage {
		if decisive.Has(d.Field) && !d.Odd {
			return true
		}
	}
	return false
}

// unread tells whether a value of these fields could not be read.
func (k *Key) unread(fields Fields) bool {
	return slices.ContainsFunc(k.Damage, func(d Damage) bool { return !d.Odd && fields.Has(d.Field) })
}

// untold tells whether the field's value is not what the row holds: it could not be
// read, or is a moment that the server takes for another.
func (k *Key) untold(f Field) bool {
	_, moment := f.Ref(k).(*Instant)
	return slices.ContainsFunc(k.Damage, func(d Damage) bool { return d.Field == f && (moment || !d.Odd) })
}

// mend takes fields out of the damage: what they hold now is to be written, however
// it compares with what could not be read.
func (k *Key) mend(fields Fields) {
	if k.unread(fields) { // the list may be another key's, too
		k.Damage = slices.DeleteFunc(slices.Clone(k.Damage), func(d Damage) bool { return !d.Odd && fields.Has(d.Field) })
	}
}

// Status is what a key is at a moment. It is computed, never stored.
type Status string

// The statuses, in their order of precedence.
const (
	Revoked Status = "revoked" // switched off, can be activated again
	Expired Status = "expired" // now is at or after ExpiresAt
	Pending Status = "pending" // now is before NotBefore
	Active  Status = "active"
)

// Statuses returns every status in order of precedence.
func Statuses() []Status { return []Status{Revoked, Expired, Pending, Active} }

// Status returns what the key is at now.
func (k *Key) Status(now Instant) Status {
	switch {
	case !k.Enabled && !k.RevokedUntil.Reached(now):
		return Revoked
	case k.ExpiresAt.Reached(now):
		return Expired
	case !k.NotBefore.IsNone() && !k.NotBefore.Reached(now):
		return Pending
	}
	return Active
}

// HasSelector tells whether the key's token contains its id, so that a verifier
// finds the key without trying others.
func (k *Key) HasSelector() bool { return k.Masked == Token{Prefix: k.Prefix, ID: k.ID}.Masked() }

// GuardHorizon is how long another key must still last for a guard to count on it.
const GuardHorizon = time.Hour
