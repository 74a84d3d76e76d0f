package keystest

import (
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var queryPromises = []promise{
	{"queries/every filter selects what it means", 0, filters},
	{"queries/a REF selects what it means", 0, references},
	{"queries/a REF among very many of one label", keys.FieldsOf(keys.FieldLabel), referencesAmongMany},
}

// samePage compares one page with the model's.
func (l *lab) samePage(all []keys.Key, q keys.Query, format string, args ...any) {
	l.view(func(r keys.Reader) error {
		got, err := r.Page(ctx, q)
		want := pageOf(all, q, l.store.Info().PrefixID, len(all))
		l.sameIDs(got, want, format, args...)
		read := l.fields
		if q.Fields != 0 {
			read &= q.Fields | keys.FieldsOf(keys.FieldID, keys.FieldCreatedAt)
		}
		for i := range min(len(got), len(want)) {
			l.sameIn(read, got[i], want[i], format, args...)
		}
		return err
	})
}

func filters(l *lab) {
	list := l.randomKeys(250)
	l.insert(list...)
	for range l.rounds(400) {
		q := l.randomQuery(list)
		l.samePage(list, q, "%+v", q)
	}
	for _, glob := range globs {
		l.samePage(list, keys.Query{Now: now, LabelGlob: glob}, "label glob %q", glob)
	}
	for _, scope := range scopes {
		l.samePage(list, keys.Query{Now: now, Scope: scope}, "scope %q", scope)
	}
	for _, s := range keys.Statuses() {
		l.samePage(list, keys.Query{Now: now, Statuses: []keys.Status{s}}, "status %q", s)
	}
	for _, q := range []keys.Query{
		{Endless: true}, {Current: true}, {Replaced: true}, {Unbound: true}, {Holding: true},
		{CreatedBy: now.Add(-2 * time.Millisecond)}, {RevokedBy: now}, {UsedSince: now},
	} {
		q.Now = now
		l.samePage(list, q, "%+v", q)
	}
}

// randomQuery sets one to three filters, and sometimes a place and a limit.
func (l *lab) randomQuery(list []keys.Key) keys.Query {
	q := keys.Query{Now: l.moment(100)}
	for range 1 + l.rnd.IntN(3) {
		l.narrow(&q)
	}
	if l.chance(30) {
		q.After = &list[l.rnd.IntN(len(list))]
	}
	if l.chance(30) {
		q.Limit = 1 + l.rnd.IntN(10)
	}
	if l.chance(20) {
		q.Fields = keys.Fields(l.rnd.Uint64()) & l.fields
	}
	return q
}

// narrow sets one filter.
func (l *lab) narrow(q *keys.Query) {
	set := []func(){
		func() {
			for _, s := range keys.Statuses() {
				if l.chance(40) {
					q.Statuses = append(q.Statuses, s)
				}
			}
		},
		func() { q.Owner = l.pick(owners) },
		func() { q.Role = l.pick(roles) },
		func() { q.Resource = l.pick(resources) },
		func() { q.Scope = l.pick(scopes) },
		func() { q.LabelGlob = l.pick(globs) },
		func() { q.ExpiresBy = l.moment(100) },
		func() { q.UnusedBy = l.justBefore() },
		func() { q.CreatedBy = l.justBefore() },
		func() { q.RevokedBy = l.moment(100) },
		func() { q.UsedSince = l.moment(100) },
		func() { q.Endless = true },
		func() { q.Current = true },
		func() { q.Replaced = true },
		func() { q.Unbound = true },
		func() { q.Holding = true },
	}
	set[l.rnd.IntN(len(set))]()
}

// justBefore is a moment among those at which random keys are made.
func (l *lab) justBefore() keys.Instant {
	return l.moment(100).Add(-time.Duration(l.rnd.IntN(6)) * time.Millisecond)
}

func references(l *lab) {
	list := l.randomKeys(250)
	for i := range 50 { // ids that begin alike
		if !l.rules.IDs.Assigned {
			list[i].ID = "Same" + list[i].ID[4:]
		}
	}
	l.insert(list...)
	for range l.rounds(500) {
		q := keys.Query{Now: now, Ref: l.randomRef(list)}
		if l.chance(30) {
			q = l.randomQuery(list)
			q.Ref = l.randomRef(list)
		}
		l.samePage(list, q, "REF %+v of %+v", *q.Ref, q)
	}
}

func (l *lab) randomRef(list []keys.Key) *keys.RefQuery {
	q := &keys.RefQuery{}
	for range 1 + l.rnd.IntN(2) {
		k := list[l.rnd.IntN(len(list))]
		switch l.rnd.IntN(6) {
		case 0:
			q.ID = k.ID
		case 1:
			q.IDPrefix = k.ID[:1+l.rnd.IntN(min(8, len(k.ID)))]
		case 2:
			q.Label = k.Label
		case 3:
			q.LabelPrefix = k.Label[:l.rnd.IntN(len(k.Label)+1)]
		case 4:
			q.Masked = k.Masked
		case 5:
			q.ID, q.Label = l.word(8), l.word(3)
		}
	}
	return q
}

// referencesAmongMany: the one key that counts must not drown in retired ones.
func referencesAmongMany(l *lab) {
	l.needsRevoke()
	list := make([]keys.Key, 2001)
	for i := range list {
		list[i] = l.plainKey()
		list[i].Label = "nightly"
		if i < len(list)-1 {
			l.switchOff(&list[i])
		}
	}
	l.insert(list...)
	q := keys.Query{Now: now, Statuses: []keys.Status{keys.Active}, Ref: &keys.RefQuery{Label: "nightly"}}
	l.samePage(list, q, "the active one of %d", len(list))
	if l.rules.Label.Unique {
		_, err := l.service(l.open()).Create(ctx, l.labelled("nightly"), delivered{})
		l.want(err, keys.ReasonLabelTaken, "a second active key of the label")
	}
}
