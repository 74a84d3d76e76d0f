package keystest

import (
	"fmt"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var selectionPromises = []promise{
	{"choice/a filter changes what it matches", 0, changesMatching},
	{"choice/many pages of keys", 0, changesManyPages},
	{"choice/what was agreed on, or nothing", 0, changesAgreed},
	{"choice/a column that is not there is no filter", 0, refusesFilters},
	{"change/a revocation for a while lifts itself", keys.FieldsOf(keys.FieldRevokedUntil), revokesForAWhile},
	{"change/a key that comes back keeps its label", keys.FieldsOf(keys.FieldLabel, keys.FieldRevokedUntil), keepsLabel},
	{"change/nothing would lift the revocation", 0, refusesUntil},
	{"delete/a line closes behind a key", keys.FieldsOf(keys.FieldSuccessor, keys.FieldPredecessor), closesLines},
	{"delete/a label that is taken is not given back", keys.FieldsOf(keys.FieldSuccessor, keys.FieldPredecessor, keys.FieldLabel), leavesLabels},
}

// choosable sets up to two filters that the table can tell of.
func (l *lab) choosable() (q keys.Query) {
	for _, f := range []struct {
		field keys.Field
		set   func()
	}{
		{keys.FieldOwner, func() { q.Owner = l.pick(owners) }}, {keys.FieldRole, func() { q.Role = l.pick(roles) }},
		{keys.FieldLabel, func() { q.LabelGlob = l.pick(globs) }}, {keys.FieldScopes, func() { q.Scope = l.pick(scopes) }},
		{keys.FieldExpiresAt, func() { q.ExpiresBy = l.moment(100) }}, {keys.FieldExpiresAt, func() { q.Endless = true }},
		{keys.FieldCreatedAt, func() { q.CreatedBy = l.justBefore() }}, {keys.FieldLastUsedAt, func() { q.UnusedBy = l.justBefore() }},
		{keys.FieldCreatedAt, func() { q.CreatedBy = now.Add(time.Hour) }}, // which is every key
		{keys.FieldStatus, func() { q.Statuses = []keys.Status{keys.Active} }},
	} {
		if l.fields.Has(f.field) && l.chance(20) {
			f.set()
		}
	}
	return q
}

// changesMatching: all that match or none, never every key by chance, and never
// nothing without saying whether that may be.
func changesMatching(l *lab) {
	for range l.rounds(60) {
		list := l.randomKeys(1 + l.rnd.IntN(6))
		l.insert(list...)
		q := keys.ChangeRequest{Where: new(keys.Query), All: l.chance(30), Expect: l.rnd.IntN(3), Force: true, DryRun: true}
		*q.Where = l.choosable()
		l.deletesMatching(list, q)
		l.empty()
	}
}

func (l *lab) deletesMatching(list []keys.Key, q keys.ChangeRequest) {
	where, enduring := *q.Where, q.Where.Enduring()
	where.Now, enduring.Now = now, now
	want := pageOf(list, where, false, len(list))
	bare := fmt.Sprint(enduring) == fmt.Sprint(keys.Query{Now: now})
	what := fmt.Sprintf("deleting by %+v of\n%+v", q, list)
	done, err := l.service(l.store).Delete(ctx, q)
	switch {
	case len(want) > 0 && !where.UnusedBy.IsNone() && !usedSince(list, where.UnusedBy):
		l.want(err, keys.ReasonUnsupported, "%s", what)
	case len(want) == 0 && !bare && len(pageOf(list, enduring, false, 1)) == 0:
		l.want(err, keys.ReasonNotFound, "%s", what)
	case q.Expect > 0 && q.Expect != len(want):
		l.want(err, keys.ReasonOtherCount, "%s", what)
	case len(want) == len(list) && !q.All && (len(list) > 1 || fmt.Sprint(where) == fmt.Sprint(keys.Query{Now: now})):
		l.want(err, keys.ReasonEverything, "%s", what)
	case err != nil || done == nil:
		l.errorf("%s: %v, %w", what, done, orNone(err))
	default:
		l.sameIDs(keysIn(done), want, "%s", what)
	}
}

func keysIn(done []keys.Change) []keys.Key {
	list := make([]keys.Key, len(done))
	for i, c := range done {
		list[i] = c.Key
	}
	return list
}

// changesManyPages: more keys than one page holds, while the change moves none of them.
func changesManyPages(l *lab) {
	list := make([]keys.Key, 2100)
	for i := range list {
		list[i] = l.plainKey()
	}
	l.insert(list...)
	done, err := l.service(l.store).Delete(ctx, keys.ChangeRequest{Where: &keys.Query{}, All: true, Force: true, Expect: len(list)})
	l.must(err)
	if left := l.stored(); len(done) != len(list) || len(left) > 0 {
		l.errorf("%d of %d keys are deleted, %d are left", len(done), len(list), len(left))
	}
}

// at returns the use cases as they are so much later.
func (l *lab) at(later time.Duration) *keys.Service {
	s := l.service(l.store)
	s.Now = func() time.Time { return now.Time().Add(later) }
	return s
}

func revokesForAWhile(l *lab) {
	k := l.pair(keys.ActionRevoke)[0]
	until := now.Add(2 * time.Hour)
	step := func(what string, at time.Duration, until keys.Instant, want keys.Result) keys.Key {
		done, err := l.at(at).Revoke(ctx, keys.ChangeRequest{Refs: refs(k), Until: until})
		l.must(err)
		if done[0].Result != want || (done[0].Advice != nil) != (want == keys.Unchanged && !until.IsNone()) {
			l.errorf("%s: %+v, want %s", what, done[0], want)
		}
		return done[0].Key
	}
	is := step("revoking for a while", 0, until, keys.Changed)
	if is.Status(now) != keys.Revoked || is.Status(until.Add(-time.Millisecond)) != keys.Revoked || is.Status(until) != keys.Active {
		l.errorf("a key revoked until %s is %s, and then %s", until, is.Status(now), is.Status(until))
	}
	step("for a shorter while", 0, now.Add(time.Hour), keys.Unchanged)
	step("for a longer while", 0, until.Add(time.Hour), keys.Changed)
	step("again, once that is over", 4*time.Hour, now.Add(5*time.Hour), keys.Changed)
	step("for good", 4*time.Hour, keys.Instant{}, keys.Changed)
	if is = step("for a while after all", 4*time.Hour, now.Add(6*time.Hour), keys.Unchanged); !is.RevokedUntil.IsNone() {
		l.errorf("a key that is revoked for good comes back at %s", is.RevokedUntil)
	}
	l.endsByActivation(k, until)
}

func (l *lab) endsByActivation(k keys.Key, until keys.Instant) {
	for _, f := range []func() ([]keys.Change, error){
		func() ([]keys.Change, error) { return l.at(0).Activate(ctx, keys.ChangeRequest{Refs: refs(k)}) },
		func() ([]keys.Change, error) {
			return l.at(0).Revoke(ctx, keys.ChangeRequest{Refs: refs(k), Until: until})
		},
		func() ([]keys.Change, error) { return l.at(0).Activate(ctx, keys.ChangeRequest{Refs: refs(k)}) },
	} {
		done, err := f()
		l.must(err)
		if done[0].Result != keys.Changed {
			l.errorf("%+v", done[0])
		}
	}
	if is := l.current(k); !is.Enabled || !is.RevokedUntil.IsNone() || !is.RevokedAt.IsNone() {
		l.errorf("an activated key is %+v", is)
	}
	before := l.shadow()
	_, err := l.at(0).Revoke(ctx, keys.ChangeRequest{Refs: refs(k), Until: now})
	l.want(err, keys.ReasonInvalid, "a revocation until now")
	l.unchanged(before, "a revocation until now")
}

func keepsLabel(l *lab) {
	l.needsUniqueLabels()
	list := []keys.Key{l.plainKey(), l.plainKey()}
	list[0].Label = "one"
	l.insert(list...)
	s := l.service(l.store)
	_, err := s.Revoke(ctx, keys.ChangeRequest{Refs: refs(list[0]), Until: now.Add(time.Hour)})
	l.must(err)
	before := l.shadow()
	_, err = s.Create(ctx, l.labelled("one"), delivered{})
	l.want(err, keys.ReasonLabelTaken, "the label of a key that comes back")
	l.unchanged(before, "the label of a key that comes back")
	_, err = s.Revoke(ctx, keys.ChangeRequest{Refs: refs(list[0])})
	l.must(err)
	l.create(s, l.labelled("one"))
}

func refusesUntil(l *lab) {
	if l.fields.Has(keys.FieldRevokedUntil) || !l.revocable() {
		l.skip("the table tells until when keys are revoked, or not that they are")
	}
	k := l.pair(keys.ActionRevoke)[0]
	before := l.shadow()
	_, err := l.service(l.store).Revoke(ctx, keys.ChangeRequest{Refs: refs(k), Until: now.Add(time.Hour)})
	l.want(err, keys.ReasonUnsupported, "a revocation that nothing would lift")
	l.unchanged(before, "a revocation that nothing would lift")
}
