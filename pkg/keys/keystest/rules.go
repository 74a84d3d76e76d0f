package keystest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What the rules of a database make of a case.

func rulesOf(i keys.Info) *keys.Rules {
	if i.Rules != nil {
		return i.Rules
	}
	return keys.NativeRules()
}

// fromToken tells whether the visible part of a token is the id of its key.
func fromToken(r keys.IDRules) bool { return !r.Assigned && r.Random == keys.Part{} }

// id returns an id that no key of the case has, such as the database has them.
func (l *lab) id() string {
	for {
		id := l.anyID()
		if !l.used[id] {
			l.used[id] = true
			return id
		}
	}
}

// anyID gives integers of every length, whose order is not that of their text.
func (l *lab) anyID() string {
	const url = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	switch r := l.rules.IDs; {
	case r.Assigned:
		return strconv.FormatInt(1+l.rnd.Int64N(int64(1)<<(4+l.rnd.IntN(40))), 10)
	case r.Random.Chars > 0:
		return l.text(url, r.Random.Chars)
	}
	return l.word(8)
}

// token returns one such as the server makes them.
func (l *lab) token() string {
	token, err := l.rules.Form.New(l.seed(), 0)
	l.must(err)
	return token
}

func (l *lab) seed() *rand.ChaCha8 {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(l.rnd.Uint32())
	}
	return rand.NewChaCha8(seed)
}

// identify gives k what a token of the server's would tell of its key.
func (l *lab) identify(k *keys.Key) {
	if l.rules.Form == nil {
		k.ID, k.Prefix = l.id(), "kr"
		k.Masked = keys.Token{Prefix: k.Prefix, ID: k.ID}.Masked()
		return
	}
	parts, _ := l.rules.Form.Parse(l.token())
	k.Masked = parts.Masked
	if k.ID = parts.Selector; !fromToken(l.rules.IDs) {
		k.ID = l.id()
	}
}

// hash returns what the scheme could have stored for a token that nobody has.
func (l *lab) hash(s keys.Scheme) string {
	switch s {
	case keys.Bcrypt, keys.Bcrypt72:
		return "$2b$04$" + l.word(53)
	case keys.SHA512:
		return keys.Digest(l.word(40)) + keys.Digest(l.word(40))
	case keys.Clear:
		return l.word(40)
	}
	return keys.Digest(l.word(40))
}

// revocable tells whether a key can be switched off in this table.
func (l *lab) revocable() bool {
	switch l.rules.Revoke {
	case keys.RevokeFlag:
		return l.fields.Has(keys.FieldEnabled)
	case keys.RevokeTime:
		return l.fields.Has(keys.FieldRevokedAt)
	case keys.RevokeExpiry:
		return l.fields.Has(keys.FieldExpiresAt)
	}
	return false
}

// needsRevoke skips a case of tables that know no revocation.
func (l *lab) needsRevoke() {
	if !l.revocable() {
		l.skip("keys of this table can only be deleted")
	}
}

// switchOff makes a key one that was revoked.
func (l *lab) switchOff(k *keys.Key) {
	switch l.rules.Revoke {
	case keys.RevokeExpiry:
		k.ExpiresAt = now
	case keys.RevokeTime:
		k.Enabled, k.RevokedAt = false, now
	default:
		k.Enabled = false
	}
}

// off is the status of a key that was revoked, and offOutcome what its token gets.
func (l *lab) off() keys.Status {
	if l.rules.Revoke == keys.RevokeExpiry {
		return keys.Expired
	}
	return keys.Revoked
}

func (l *lab) offOutcome() keys.Outcome {
	if l.rules.Revoke == keys.RevokeExpiry {
		return keys.KeyExpired
	}
	return keys.KeyRevoked
}

// request asks for a key, with what the server demands of each.
func (l *lab) request() keys.CreateRequest {
	q := keys.CreateRequest{Key: keys.Key{Label: l.rules.Bootstrap.Label}}
	if !l.rules.Label.Required {
		q.Key.Label = ""
	} else if q.Key.Label == "" {
		q.Key.Label = "some"
	}
	if r := l.rules.Roles; r != nil && r.Required {
		q.Key.Role = cmp.Or(l.rules.AdminRole, r.Words[0])
	}
	if r := l.rules.Scopes; r != nil && r.Required {
		q.Key.Scopes = r.Words[:1]
	}
	if l.rules.Hash.Scheme.Slow() {
		q.BcryptCost = max(4, l.rules.Hash.LeastCost)
	}
	return q
}

// labelled asks for a key of this label.
func (l *lab) labelled(label string) keys.CreateRequest {
	q := l.request()
	q.Key.Label = label
	return q
}

// supply asks for a key of a supplied token, at the lowest cost there is.
func (l *lab) supply(token string, scheme keys.Scheme) keys.CreateRequest {
	q := l.request()
	q.Supplied, q.Scheme, q.BcryptCost = token, scheme, max(4, l.rules.Hash.LeastCost)
	return q
}

// supplied returns a token that somebody could have, and not two of them the same.
func (l *lab) supplied(text string) string {
	if l.rules.Form == nil {
		return text
	}
	return l.token()
}

// suppliable are the schemes that a supplied token can be kept by.
func (l *lab) suppliable() []keys.Scheme {
	if l.fields.Has(keys.FieldScheme) {
		return []keys.Scheme{keys.Bcrypt, keys.SHA256}
	}
	return []keys.Scheme{l.rules.Hash.Scheme}
}

// same moment, but for what a table cuts off.
func about(a, b keys.Instant) bool { return a.IsNone() == b.IsNone() && a.Sub(b).Abs() < time.Second }

// otherSecret returns a token that differs from this one in its secret alone, and
// within what any scheme hashes of it.
func (l *lab) otherSecret(token string) string {
	if t, err := keys.ParseToken(token); err == nil {
		t.Secret = l.word(len(t.Secret))
		t.Check = keys.Checksum(t.ID + t.Secret)
		return t.String()
	}
	at := len(token) - 1
	if form := l.rules.Form; form != nil {
		parts, _ := form.Parse(token)
		text := strings.ReplaceAll(form.Text, "{selector}", parts.Selector)
		at = strings.Index(text, "{secret}") + 5
	}
	other := byte('0')
	if token[at] == other {
		other = '1'
	}
	return token[:at] + string(other) + token[at+1:]
}

// claimAt returns the moment at which a database that was claimed then says it
// was: none where the server keeps no claim.
func (l *lab) claimAt(at keys.Instant) keys.Instant {
	if l.rules.Bootstrap.Kind != keys.BootstrapClaim {
		return keys.Instant{}
	}
	return at
}

// needsBootstrap skips a case of servers that keys do not open.
func (l *lab) needsBootstrap() {
	if l.rules.Bootstrap.Kind == keys.BootstrapNone {
		l.skip("there is nothing to bootstrap")
	}
}

// guardReason is what a key is protected by, "" where no keys at all are a normal state.
func (l *lab) guardReason() keys.Reason {
	switch l.rules.Guard {
	case keys.GuardActive:
		return keys.ReasonLastActive
	case keys.GuardAdmin:
		return keys.ReasonLastAdmin
	}
	return ""
}

func (l *lab) needsGuard() {
	if l.guardReason() == "" {
		l.skip("this server needs no key")
	}
}

// refusals are the reasons for which an action on keys of all may be refused, none
// where it must not be.
func (l *lab) refusals(a keys.Action, all, subjects []keys.Key) (list []keys.Reason) {
	if a == keys.ActionActivate {
		return nil
	}
	if l.locksOut(all, subjects) {
		list = append(list, l.guardReason())
	}
	if a == keys.ActionDelete && l.rules.KeepActive != "" && slices.ContainsFunc(subjects, isActive) {
		list = append(list, keys.ReasonStillActive)
	}
	return list
}

func isActive(k keys.Key) bool { return k.Status(now) == keys.Active }
