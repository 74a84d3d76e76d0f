package keystest

import (
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// matches tells whether k has all that q asks for.
func matches(k *keys.Key, q keys.Query) bool {
	switch {
	case len(q.Statuses) > 0 && !slices.Contains(q.Statuses, k.Status(q.Now)):
	case q.Owner != "" && k.Owner != q.Owner:
	case q.Role != "" && k.Role != q.Role:
	case q.Resource != "" && k.Resource != q.Resource:
	case q.Scope != "" && !keys.Grants(k.Scopes, q.Scope):
	case q.LabelGlob != "" && (k.Label == "" || !keys.MatchGlob(q.LabelGlob, k.Label)):
	default:
		return inTime(k, q) && ofKind(k, q)
	}
	return false
}

// inTime tells whether k meets the conditions on when something happened or will.
func inTime(k *keys.Key, q keys.Query) bool {
	switch {
	case !q.ExpiresBy.IsNone() && !k.ExpiresAt.Reached(q.ExpiresBy):
	case !q.UnusedBy.IsNone() && !unused(k, q.UnusedBy):
	case !q.CreatedBy.IsNone() && !k.CreatedAt.Reached(q.CreatedBy):
	case !q.RevokedBy.IsNone() && !(k.Status(q.Now) == keys.Revoked && k.RevokedAt.Reached(q.RevokedBy)):
	case !q.UsedSince.IsNone() && !q.UsedSince.Reached(k.LastUsedAt):
	case !q.UsedSince.IsNone() && k.LastUsedAt.IsNone():
	default:
		return true
	}
	return false
}

// unused tells whether nothing is known after a moment that speaks for k: when it was
// made, used, or could be used for the first time or again.
func unused(k *keys.Key, by keys.Instant) bool {
	for _, since := range []keys.Instant{k.LastUsedAt, k.NotBefore, k.RevokedUntil} {
		if !since.IsNone() && !since.Reached(by) {
			return false
		}
	}
	return k.CreatedAt.Reached(by)
}

// ofKind tells whether k is of each kind that q asks for.
func ofKind(k *keys.Key, q keys.Query) bool {
	holding := (k.Enabled || !k.RevokedUntil.IsNone()) && !k.ExpiresAt.Reached(q.Now)
	switch {
	case q.Endless && !k.ExpiresAt.IsNone():
	case q.Current && k.Successor != "":
	case q.Replaced && k.Successor == "":
	case q.Unbound && k.Resource != "":
	case q.Holding && !holding:
	default:
		return true
	}
	return false
}

func refusesFilters(l *lab) {
	if l.rules.Server == "" {
		l.skip("keyreeve's own table has every column")
	}
	l.pair(keys.ActionDelete)
	before := l.shadow()
	for f, q := range map[keys.Field]keys.Query{
		keys.FieldOwner: {Owner: "ops"}, keys.FieldRole: {Role: "admin"}, keys.FieldExpiresAt: {Endless: true},
		keys.FieldResource: {Resource: "tv/1"}, keys.FieldLastUsedAt: {UnusedBy: now},
	} {
		if !l.fields.Has(f) {
			_, err := l.service(l.store).Delete(ctx, keys.ChangeRequest{Where: &q, All: true, Force: true})
			l.want(err, keys.ReasonUnsupported, "choosing by the %s that the table has no column for", f)
			err = l.service(l.store).List(ctx, q, func([]keys.Key) error { return nil })
			l.want(err, keys.ReasonUnsupported, "listing by the %s that the table has no column for", f)
		}
	}
	l.unchanged(before, "filters that mean nothing")
}
