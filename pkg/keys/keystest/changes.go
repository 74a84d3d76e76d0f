package keystest

import (
	"context"
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var changePromises = []promise{
	{"change/switching off and on says what it did", 0, switches},
	{"change/all or none", 0, changesAllOrNone},
	{"change/a key named twice is changed once", 0, changesOnce},
	{"change/a dry run keeps nothing", 0, dryRuns},
	{"change/what cannot be recorded does not happen", 0, recordsOrNothing},
	{"change/the audit tells before and after and no secret", 0, auditsChanges},
	{"change/activation into a taken label", keys.FieldsOf(keys.FieldLabel), activatesIntoTaken},
	{"change/revoking a key that would be lifted", keys.FieldsOf(keys.FieldEnabled, keys.FieldRevokedUntil), revokesForGood},
	{"change/activation restores the expiry that a revocation ended", keys.FieldsOf(keys.FieldExpiresAt), restoresExpiry},
	{"change/what the table cannot do is refused", 0, refusesRevocation},
}

func switches(l *lab) {
	l.needsRevoke()
	s := l.service(l.store)
	list := l.pair(keys.ActionRevoke)
	for _, step := range []struct {
		do   func(context.Context, keys.ChangeRequest) ([]keys.Change, error)
		want keys.Result
		now  keys.Status
	}{
		{s.Activate, keys.Unchanged, keys.Active}, {s.Revoke, keys.Changed, l.off()},
		{s.Revoke, keys.Unchanged, l.off()}, {s.Activate, keys.Changed, keys.Active},
	} {
		before := l.shadow()
		done, err := step.do(ctx, keys.ChangeRequest{Refs: refs(list[0]), Reason: "leaked"})
		l.must(err)
		if len(done) != 1 || done[0].Result != step.want || done[0].Key.Status(now) != step.now {
			l.errorf("%+v, want %s and %s", done, step.want, step.now)
		}
		l.readBack(l.store, []keys.Key{l.fit(done[0].Key)})
		if step.want == keys.Unchanged {
			l.unchanged(before, "doing it again")
		}
		if revoked := step.now == l.off(); l.fields.Has(keys.FieldRevokedAt) && revoked == done[0].Key.RevokedAt.IsNone() {
			l.errorf("a key that is %s was revoked at %s", step.now, done[0].Key.RevokedAt)
		}
	}
	list[0].UpdatedAt = l.current(list[0]).UpdatedAt
	l.readBack(l.store, list)
}

// current returns the key as it is now.
func (l *lab) current(k keys.Key) (is keys.Key) {
	l.view(func(r keys.Reader) (err error) {
		is, err = r.Key(ctx, k.ID)
		return err
	})
	return is
}

func changesAllOrNone(l *lab) {
	for _, c := range l.verbs() {
		list := l.pair(c.action)
		before := l.shadow()
		q := keys.ChangeRequest{Refs: append(refs(list[:2]...), keys.IDRef("absent"))}
		_, err := c.do(l.service(l.store), ctx, q)
		l.want(err, keys.ReasonNotFound, "%s of two keys and one that is not there", c.action)
		l.unchanged(before, "%s", c.action)
		done, err := c.do(l.service(l.store), ctx, keys.ChangeRequest{Refs: q.Refs[:2]})
		l.must(err)
		if len(done) != 2 || done[0].Result != c.result || done[1].Result != c.result {
			l.errorf("%s gives %+v", c.action, done)
		}
		l.audited(l.shadow().Audit[len(before.Audit):], c.action, list[0].ID, list[1].ID)
		l.empty()
	}
}

func changesOnce(l *lab) {
	for _, c := range l.verbs() {
		list := l.pair(c.action)
		before := l.shadow()
		q := keys.ChangeRequest{Refs: []keys.Ref{keys.TextRef(list[0].ID), keys.IDRef(list[0].ID), keys.TextRef(list[0].ID)}}
		done, err := c.do(l.service(l.store), ctx, q)
		l.must(err)
		if len(done) != 1 {
			l.errorf("%s of one key named three times gives %+v", c.action, done)
		}
		l.audited(l.shadow().Audit[len(before.Audit):], c.action, list[0].ID)
		l.empty()
	}
}

func dryRuns(l *lab) {
	for _, c := range l.verbs() {
		list := l.pair(c.action)
		before := l.shadow()
		done, err := c.do(l.service(l.store), ctx, keys.ChangeRequest{Refs: refs(list[:2]...), DryRun: true})
		if err != nil || len(done) != 2 || done[0].Result != c.result {
			l.errorf("a dry run of %s gives %+v, %v", c.action, done, err)
		}
		l.unchanged(before, "a dry run of %s", c.action)
		l.empty()
	}
	l.bootstrapDryRun()
}

func (l *lab) bootstrapDryRun() {
	if l.rules.Bootstrap.Kind == keys.BootstrapNone {
		return
	}
	before, q := l.shadow(), l.first()
	q.DryRun = true
	issued, err := l.service(l.store).Bootstrap(ctx, q, delivered{})
	if err != nil || len(issued) != 1 {
		l.errorf("a dry run of bootstrap gives %d keys, %v", len(issued), err)
	}
	l.unchanged(before, "a dry run of bootstrap")
	l.bootstrap(l.store)
}

func recordsOrNothing(l *lab) {
	for takes := range 2 {
		for _, c := range l.verbs() {
			list := l.pair(c.action)
			before := l.shadow()
			_, err := c.do(l.service(failing{l.store, takes}), ctx, keys.ChangeRequest{Refs: refs(list[:2]...)})
			l.wantUnrecorded(err, string(c.action))
			l.unchanged(before, "%s without audit", c.action)
			l.empty()
		}
		before := l.shadow()
		q := l.request()
		q.Count = 2
		_, err := l.service(failing{l.store, takes}).Create(ctx, q, delivered{})
		l.wantUnrecorded(err, "create")
		l.unchanged(before, "create without audit")
	}
}

func auditsChanges(l *lab) {
	for _, c := range l.verbs() {
		list := l.pair(c.action)
		before := len(l.shadow().Audit)
		_, err := c.do(l.service(l.store), ctx, keys.ChangeRequest{Refs: refs(list[0]), Reason: "as agreed"})
		l.must(err)
		for _, e := range l.shadow().Audit[before:] {
			if e.Before == "" || (e.After == "") != (c.action == keys.ActionDelete) || e.Reason != "as agreed" || e.Forced {
				l.errorf("%s is recorded as %+v", c.action, e)
			}
			if strings.Contains(fmt.Sprintf("%+v", e), list[0].Hash) && list[0].Hash != "" {
				l.errorf("the audit of %s tells the hash", c.action)
			}
		}
		l.empty()
	}
}

func activatesIntoTaken(l *lab) {
	l.needsRevoke()
	l.needsUniqueLabels()
	list := l.pair(keys.ActionActivate)
	for i := range list {
		list[i].Label = "one"
		l.replace(&list[i])
	}
	s := l.service(l.store)
	before := l.shadow()
	_, err := s.Activate(ctx, keys.ChangeRequest{Refs: refs(list[0])})
	l.want(err, keys.ReasonLabelTaken, "activating beside an active key of the label")
	l.unchanged(before, "activating into a taken label")
	l.update(func(tx keys.Tx) error { return tx.Delete(ctx, list[2].ID) })
	before = l.shadow()
	_, err = s.Activate(ctx, keys.ChangeRequest{Refs: refs(list[:2]...)})
	l.want(err, keys.ReasonLabelTaken, "activating two keys of one label")
	l.unchanged(before, "activating two of a label")
}

func revokesForGood(l *lab) {
	list := l.pair(keys.ActionRevoke)
	for i, until := range []keys.Instant{now, now.Add(keys.GuardHorizon)} {
		list[i].Enabled, list[i].RevokedUntil = false, until
		l.replace(&list[i])
		done, err := l.service(l.store).Revoke(ctx, keys.ChangeRequest{Refs: refs(list[i])})
		l.must(err)
		if done[0].Result != keys.Changed || !done[0].Key.RevokedUntil.IsNone() {
			l.errorf("revoking a key that is off until %s gives %+v", until, done[0])
		}
		l.readBack(l.store, []keys.Key{done[0].Key})
	}
}
