package keystest

import (
	"net/netip"
	"reflect"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var ledgerPromises = []promise{
	{"ledger/a claim is for ever", 0, claimsForEver},
	{"ledger/events are kept as they are", 0, keepsEvents},
	{"ledger/the deletion of a key is remembered", 0, remembersDeletion},
	{"ledger/a new database has the policy of its server", 0, defaultPolicy},
	{"ledger/a new database locks nobody out", 0, locksNobody},
}

func (l *lab) claimed() (at keys.Instant) {
	l.view(func(r keys.Reader) (err error) {
		at, err = r.Claimed(ctx)
		return err
	})
	return at
}

func claimsForEver(l *lab) {
	if l.rules.Bootstrap.Kind != keys.BootstrapClaim {
		l.skip("nothing keeps a claim here")
	}
	l.insert(l.randomKeys(3)...)
	if at := l.claimed(); !at.IsNone() {
		l.errorf("claimed at %s by nobody", at)
	}
	for range 2 { // a second claim changes nothing
		l.update(func(tx keys.Tx) error { return tx.Claim(ctx, now) })
		if at := l.claimed(); !about(at, now) {
			l.errorf("claimed at %s, want %s", at, now)
		}
		l.update(func(tx keys.Tx) error { return tx.Claim(ctx, now.Add(keys.GuardHorizon)) })
		l.empty()
	}
	if at := l.claimed(); !about(at, now) {
		l.errorf("claimed at %s after the keys were deleted, want %s", at, now)
	}
}

func keepsEvents(l *lab) {
	want := []keys.Event{
		{At: now, Action: keys.ActionBootstrap, KeyID: "first", Actor: actor, Reason: "why; not", After: `{"id":"first"}`},
		{At: now.Add(1), Action: keys.ActionMigrate, Actor: keys.Actor{User: "ann", Host: "h", Process: "p"}, Before: "{}", After: "{}"},
		{At: now.Add(-1), Action: keys.ActionDelete, KeyID: "first", Actor: actor, Forced: true, Before: "{\"label\":\"\u2028'é\"}"},
	}
	l.update(func(tx keys.Tx) error { return tx.Record(ctx, want[:2]) })
	l.update(func(tx keys.Tx) error { return tx.Record(ctx, want[2:]) })
	l.update(func(tx keys.Tx) error { return tx.Record(ctx, nil) })
	got, err := l.database.Audit()
	l.must(err)
	if !reflect.DeepEqual(got, want) {
		l.errorf("the audit is\n%+v\nwant\n%+v", got, want)
	}
}

func remembersDeletion(l *lab) {
	first := keys.Event{At: now, Action: keys.ActionDelete, KeyID: "gone", Actor: actor, Reason: "leaked", Forced: true, Before: "{}"}
	second := first
	second.At, second.Reason = now.Add(keys.GuardHorizon), ""
	other := keys.Event{At: now, Action: keys.ActionRevoke, KeyID: "there", Actor: actor, Before: "{}", After: "{}"}
	for _, e := range []keys.Event{first, second} {
		l.update(func(tx keys.Tx) error { return tx.Record(ctx, []keys.Event{e, other}) })
		got, err := l.store.Last(ctx, keys.ActionDelete, "gone", "there", "never was")
		l.must(err)
		if !reflect.DeepEqual(got, map[string]keys.Event{"gone": e}) {
			l.errorf("the deletions are %+v, want %+v", got, e)
		}
	}
}

func defaultPolicy(l *lab) {
	l.view(func(r keys.Reader) error {
		got, err := r.Policy(ctx)
		want := keys.DefaultPolicy()
		if l.rules.Server != "" {
			want = keys.Policy{UniqueLabels: l.rules.Label.Unique, SlowKeys: got.SlowKeys}
		}
		if l.rules.Guard == keys.GuardAdmin {
			want.AdminRole = l.rules.AdminRole
		}
		if !reflect.DeepEqual(got, want) {
			l.errorf("the policy is %+v, want %+v", got, want)
		}
		return err
	})
}

func locksNobody(l *lab) {
	for _, a := range []string{"192.0.2.7", "::ffff:192.0.2.7", "2001:db8::7", "fe80::1%eth0"} {
		l.view(func(r keys.Reader) error {
			until, err := r.LockedUntil(ctx, netip.MustParseAddr(a), now)
			if !until.IsNone() {
				l.errorf("%s is locked out until %s", a, until)
			}
			return err
		})
	}
}

// audited notes events that are not one of this action for each key in turn.
func (l *lab) audited(events []keys.Event, action keys.Action, ids ...string) {
	if len(events) != len(ids) {
		l.errorf("%d events, want %d of %s: %+v", len(events), len(ids), action, events)
		return
	}
	for i, e := range events {
		if e.Action != action || e.KeyID != ids[i] || e.Actor != actor || e.At != now {
			l.errorf("event %d is %+v, want %s of %s by %+v", i, e, action, ids[i], actor)
		}
	}
}
