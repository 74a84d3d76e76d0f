package keystest

import (
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var pruneLimitPromises = []promise{
	{"prune/what the table tells nothing of is refused", 0, refusesCriteria},
	{"prune/not where no use is recorded", keys.FieldsOf(keys.FieldLastUsedAt), needsBooks},
	{"prune/under the guards of a deletion", 0, guardsPruning},
	{"prune/what could not be used for so long is not unused", keys.FieldsOf(keys.FieldLastUsedAt), sparesWaiting},
	{"prune/a dry run keeps nothing", keys.FieldsOf(keys.FieldExpiresAt), prunesDry},
}

func refusesCriteria(l *lab) {
	expired, revoked, unused := l.prunable()
	if expired && revoked && unused {
		l.skip("the table tells of everything")
	}
	l.pair(keys.ActionDelete)
	before := l.shadow()
	d := time.Hour
	for what, q := range map[string]struct {
		able    bool
		request keys.PruneRequest
	}{
		"expired": {expired, keys.PruneRequest{ExpiredFor: &d}}, "revoked": {revoked, keys.PruneRequest{RevokedFor: &d}},
		"unused": {unused, keys.PruneRequest{UnusedFor: &d}},
	} {
		if !q.able {
			_, err := l.service(l.store).Prune(ctx, q.request)
			l.want(err, keys.ReasonUnsupported, "pruning what is %s", what)
		}
	}
	l.unchanged(before, "criteria that mean nothing")
}

// needsBooks: where nobody records use, every key seems unused.
func needsBooks(l *lab) {
	list := []keys.Key{l.old(), l.old(), l.old()}
	l.insert(list...)
	before, d := l.shadow(), 50*time.Hour
	q := keys.PruneRequest{UnusedFor: &d}
	q.Force = true
	_, err := l.service(l.store).Prune(ctx, q)
	l.want(err, keys.ReasonUnsupported, "pruning unused keys where no use is recorded")
	named := q
	named.Refs = refs(list...)
	_, err = l.service(l.store).Prune(ctx, named)
	l.want(err, keys.ReasonUnsupported, "pruning unused keys that are named")
	where := keys.Query{UnusedBy: now.Add(-d)}
	for _, c := range l.verbs() {
		_, err = c.do(l.service(l.store), ctx, keys.ChangeRequest{Where: &where, All: true, Force: true})
		l.want(err, keys.ReasonUnsupported, "%s of unused keys", c.action)
	}
	l.unchanged(before, "pruning unused keys where no use is recorded")
	none := 200 * time.Hour
	pruned, err := l.service(l.store).Prune(ctx, keys.PruneRequest{UnusedFor: &none})
	if err != nil || len(pruned.Done) > 0 {
		l.errorf("pruning where every key is young gives %+v, %w", pruned, orNone(err))
	}
	list[0].LastUsedAt = now.Add(-time.Hour)
	l.replace(&list[0])
	pruned, err = l.service(l.store).Prune(ctx, q)
	l.must(err)
	l.sameSet(keysIn(pruned.Done), list[1:], "pruned as unused")
}

// guardsPruning: the last way in stays, however long nobody took it.
func guardsPruning(l *lab) {
	l.needsGuard()
	if !l.fields.Has(keys.FieldLastUsedAt) {
		l.skip("nothing that is active can be pruned")
	}
	used, last := l.plainKey(), l.old()
	l.switchOff(&used)
	used.LastUsedAt = now.Add(-time.Minute)
	l.insert(used, last)
	before, d := l.shadow(), 50*time.Hour
	q := keys.PruneRequest{UnusedFor: &d}
	_, err := l.service(l.store).Prune(ctx, q)
	l.wantAny(err, l.refusals(keys.ActionDelete, before.Keys, []keys.Key{last}), "pruning the last way in")
	l.unchanged(before, "pruning the last way in")
	q.Force = true
	_, err = l.service(l.store).Prune(ctx, q)
	l.must(err)
	if e := l.shadow().Audit[len(before.Audit):]; len(e) != 1 || !e[0].Forced {
		l.errorf("a forced pruning is recorded as %+v", e)
	}
}

func prunesDry(l *lab) {
	list := []keys.Key{l.plainKey(), l.plainKey()}
	list[0].ExpiresAt = now.Add(-2 * time.Hour)
	l.insert(list...)
	before, d := l.shadow(), time.Hour
	q := keys.PruneRequest{ExpiredFor: &d}
	q.DryRun = true
	pruned, err := l.service(l.store).Prune(ctx, q)
	l.must(err)
	l.sameIDs(keysIn(pruned.Done), list[:1], "a dry run")
	l.unchanged(before, "a dry run of prune")
	q.DryRun, q.Expect = false, 2
	_, err = l.service(l.store).Prune(ctx, q)
	l.want(err, keys.ReasonOtherCount, "pruning another number of keys")
	l.unchanged(before, "pruning another number of keys")
	q.Expect, q.Refs = 0, refs(list...) // of those that are named, the ones that are due
	pruned, err = l.service(l.store).Prune(ctx, q)
	l.must(err)
	l.sameIDs(keysIn(pruned.Done), list[:1], "pruned of those that are named")
}
