package keystest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var prunePromises = []promise{
	{"prune/removes what the model says", 0, prunesAsModelled},
	{"prune/goes by the audit where the table does not say when", 0, prunesByTheAudit},
}

// prunable tells which criteria mean something to the table.
func (l *lab) prunable() (expired, revoked, unused bool) {
	kind := l.rules.Revoke
	return l.fields.Has(keys.FieldExpiresAt), kind != keys.RevokeNone && kind != keys.RevokeExpiry, l.fields.Has(keys.FieldLastUsedAt)
}

// criteria returns some that the table can tell of, of which there may be none.
func (l *lab) criteria() (q keys.PruneRequest) {
	expired, revoked, unused := l.prunable()
	for _, c := range []struct {
		may bool
		at  **time.Duration
	}{{expired, &q.ExpiredFor}, {revoked && l.fields.Has(keys.FieldRevokedAt), &q.RevokedFor}, {unused, &q.UnusedFor}} {
		if c.may && l.chance(60) {
			d := []time.Duration{0, 2 * time.Millisecond, 24 * time.Hour, 24*time.Hour + time.Millisecond}[l.rnd.IntN(4)]
			*c.at = &d
		}
	}
	return q
}

// outlived tells whether k meets a criterion, and whether nobody can tell.
func outlived(k *keys.Key, q *keys.PruneRequest) (due, unknown bool) {
	if d := q.ExpiredFor; d != nil {
		due = k.ExpiresAt.Reached(now.Add(-*d))
	}
	if d := q.UnusedFor; d != nil {
		due = due || unused(k, now.Add(-*d))
	}
	if d := q.RevokedFor; d != nil && k.Status(now) == keys.Revoked && k.RevokedUntil.IsNone() {
		due = due || k.RevokedAt.Reached(now.Add(-*d))
		unknown = k.RevokedAt.IsNone()
	}
	return due, unknown && !due
}

func prunesAsModelled(l *lab) {
	tried := 0
	for range l.rounds(60) {
		list := l.randomKeys(1 + l.rnd.IntN(8))
		l.insert(list...)
		q := l.criteria()
		if q.ExpiredFor != nil || q.RevokedFor != nil || q.UnusedFor != nil {
			tried++
			l.prunes(list, q)
		}
		l.empty()
	}
	if tried == 0 {
		l.skip("no criterion means anything to this table")
	}
}

func (l *lab) prunes(list []keys.Key, q keys.PruneRequest) {
	q.Force, q.DryRun = true, true
	where := keys.Query{Now: now}
	if l.fields.Has(keys.FieldLabel) && l.chance(50) {
		where.LabelGlob, q.Where = "*", &keys.Query{LabelGlob: "*"}
	}
	var due, kept []keys.Key
	quiet := false
	for _, k := range pageOf(list, where, false, len(list)) {
		is, unknown := outlived(&k, &q)
		if is {
			due = append(due, k)
		}
		if unknown {
			kept = append(kept, k)
		}
		quiet = quiet || q.UnusedFor != nil && unused(&k, now.Add(-*q.UnusedFor))
	}
	what := fmt.Sprintf("pruning by %v %v %v of\n%+v", q.ExpiredFor, q.RevokedFor, q.UnusedFor, list)
	pruned, err := l.service(l.store).Prune(ctx, q)
	switch {
	case q.Where != nil && len(pageOf(list, where, false, 1)) == 0:
		l.want(err, keys.ReasonNotFound, "%s", what)
	case quiet && !usedSince(list, now.Add(-*q.UnusedFor)):
		l.want(err, keys.ReasonUnsupported, "%s", what)
	case err != nil:
		l.errorf("%s: %w", what, err)
	default:
		l.sameIDs(keysIn(pruned.Done), due, "%s", what)
		held := make([]keys.Key, len(pruned.Kept))
		for i, k := range pruned.Kept {
			held[i] = k.Key
		}
		l.sameIDs(held, kept, "keeping while %s", what)
	}
}

// usedSince tells whether anybody has written down a use since that moment.
func usedSince(list []keys.Key, at keys.Instant) bool {
	return slices.ContainsFunc(list, func(k keys.Key) bool { return k.Used() && at.Reached(k.LastUsedAt) })
}

// prunesByTheAudit: of two keys that somebody revoked here the one is old enough, and
// of a third one, which is off as well, nobody knows since when.
func prunesByTheAudit(l *lab) {
	if _, revoked, _ := l.prunable(); !revoked || !l.revocable() || l.fields.Has(keys.FieldRevokedAt) {
		l.skip("the table says when a key was revoked, or that is another thing")
	}
	list := []keys.Key{l.plainKey(), l.plainKey(), l.plainKey(), l.plainKey(), l.plainKey()}
	l.switchOff(&list[2])
	l.insert(list...)
	for i, d := range []time.Duration{time.Hour, 5 * time.Hour} {
		_, err := l.at(d).Revoke(ctx, keys.ChangeRequest{Refs: refs(list[i])})
		l.must(err)
	}
	for _, do := range []func(context.Context, keys.ChangeRequest) ([]keys.Change, error){l.at(0).Revoke, l.at(time.Minute).Activate} {
		_, err := do(ctx, keys.ChangeRequest{Refs: refs(list[3])}) // and the server switches it off again
		l.must(err)
	}
	again := l.current(list[3])
	l.switchOff(&again)
	again.UpdatedAt = now.Add(2 * time.Hour)
	l.replace(&again)
	enough := 3 * time.Hour
	pruned, err := l.at(4*time.Hour).Prune(ctx, keys.PruneRequest{RevokedFor: &enough})
	l.must(err)
	l.sameIDs(keysIn(pruned.Done), list[:1], "pruned by the audit")
	if n := len(pruned.Kept); n != 2 && !l.fields.Has(keys.FieldUpdatedAt) {
		l.errorf("%d keys are kept since nobody knows when they were revoked: %+v", n, pruned.Kept)
	}
	if e := l.shadow().Audit; e[len(e)-1].Action != keys.ActionDelete || e[len(e)-1].KeyID != list[0].ID {
		l.errorf("the last event is %+v", e[len(e)-1])
	}
}
