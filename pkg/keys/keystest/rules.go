package keystest

import (
	"slices"
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

// about tells whether two moments are one, but for what a table cuts off.
func about(a, b keys.Instant) bool { return a.IsNone() == b.IsNone() && a.Sub(b).Abs() < time.Second }

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
	if a == keys.ActionActivate || a == keys.ActionUpdate {
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

func (l *lab) needsUniqueLabels() {
	if !l.rules.Label.Unique {
		l.skip("labels are not unique here")
	}
}
