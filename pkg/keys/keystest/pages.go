package keystest

import (
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var pagePromises = []promise{
	{"pages/are complete and in order", 0, pagesInOrder},
	{"pages/have a size of their own", 0, pagesBySize},
	{"pages/are not shifted by changes", 0, pagesWhileChanging},
	{"pages/every filter selects what it means", 0, filters},
	{"pages/a REF selects what it means", 0, references},
	{"pages/a REF among very many of one label", keys.FieldsOf(keys.FieldLabel, keys.FieldEnabled), referencesAmongMany},
}

// walk collects the pages of a query.
func (l *lab) walk(q keys.Query, between func()) (all []keys.Key) {
	for {
		var page []keys.Key
		l.view(func(r keys.Reader) (err error) {
			page, err = r.Page(ctx, q)
			return err
		})
		if len(page) == 0 {
			return all
		}
		if q.Limit > 0 && len(page) > q.Limit {
			l.errorf("a page of %d holds %d", q.Limit, len(page))
		}
		all = append(all, page...)
		q.After = &page[len(page)-1]
		between()
	}
}

func nothing() {}

func pagesInOrder(l *lab) {
	list := l.randomKeys(300)
	l.insert(list...)
	slices.SortFunc(list, newest)
	for _, limit := range []int{1, 2, 3, 7, 50, 299, 300, 301, 0} {
		l.sameIDs(l.walk(keys.Query{Now: now, Limit: limit}, nothing), list, "pages of %d", limit)
	}
	// Only the creation and the id of the last key of a page matter.
	for _, k := range list[:50] {
		q := keys.Query{Now: now, Limit: 5, After: &keys.Key{ID: k.ID, CreatedAt: k.CreatedAt}}
		l.samePage(list, q, "after %s", k.ID)
	}
}

// samePage compares one page with the model's.
func (l *lab) samePage(all []keys.Key, q keys.Query, format string, args ...any) {
	l.view(func(r keys.Reader) error {
		got, err := r.Page(ctx, q)
		want := pageOf(all, q, l.store.Info().PrefixID, len(all))
		l.sameIDs(got, want, format, args...)
		if slices.Equal(ids(got), ids(want)) {
			for i := range got {
				l.same(got[i], want[i], format, args...)
			}
		}
		return err
	})
}

func pagesBySize(l *lab) {
	list := make([]keys.Key, 2500)
	for i := range list {
		list[i] = l.plainKey()
	}
	l.insert(list...)
	if got := len(l.walk(keys.Query{Now: now}, nothing)); got != len(list) {
		l.errorf("%d keys, want %d", got, len(list))
	}
	l.view(func(r keys.Reader) error {
		page, err := r.Page(ctx, keys.Query{Now: now})
		if len(page) == len(list) {
			l.errorf("a page without a limit holds all %d keys: memory would grow with rows", len(list))
		}
		return err
	})
}

// pagesWhileChanging: whatever comes and goes meanwhile, the last key of a page
// too, a key that is there all the time is given exactly once.
func pagesWhileChanging(l *lab) {
	staying, passing := l.randomKeys(60), l.randomKeys(60)
	l.insert(slices.Concat(staying, passing)...)
	got := l.walk(keys.Query{Now: now, Limit: 7}, func() {
		gone := passing[0]
		passing = passing[1:]
		l.update(func(tx keys.Tx) error { return tx.Delete(ctx, gone.ID) })
		l.insert(l.randomKey())
	})
	seen := map[string]int{}
	for _, k := range got {
		seen[k.ID]++
	}
	for _, k := range staying {
		if seen[k.ID] != 1 {
			l.errorf("key %s was given %d times", k.ID, seen[k.ID])
		}
	}
}

func filters(l *lab) {
	list := l.randomKeys(250)
	l.insert(list...)
	for range 400 {
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
	return q
}

func (l *lab) narrow(q *keys.Query) {
	switch l.rnd.IntN(8) {
	case 0:
		for _, s := range keys.Statuses() {
			if l.chance(40) {
				q.Statuses = append(q.Statuses, s)
			}
		}
	case 1:
		q.Owner = l.pick(owners)
	case 2:
		q.Role = l.pick(roles)
	case 3:
		q.Resource = l.pick(resources)
	case 4:
		q.Scope = l.pick(scopes)
	case 5:
		q.LabelGlob = l.pick(globs)
	case 6:
		q.ExpiresBy = l.moment(100)
	case 7:
		q.UnusedBy = l.moment(100).Add(-time.Duration(l.rnd.IntN(6)) * time.Millisecond)
	}
}

func references(l *lab) {
	list := l.randomKeys(250)
	for i := range 50 { // ids that begin alike
		list[i].ID = "Same" + list[i].ID[4:]
	}
	l.insert(list...)
	for range 500 {
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
			q.IDPrefix = k.ID[:1+l.rnd.IntN(8)]
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
	list := make([]keys.Key, 2001)
	for i := range list {
		list[i] = l.plainKey()
		list[i].Label, list[i].Enabled = "nightly", i == len(list)-1
	}
	l.insert(list...)
	q := keys.Query{Now: now, Statuses: []keys.Status{keys.Active}, Ref: &keys.RefQuery{Label: "nightly"}}
	l.samePage(list, q, "the active one of %d", len(list))
	_, err := l.service(l.open()).Create(ctx, keys.CreateRequest{Key: keys.Key{Label: "nightly"}}, delivered{})
	l.want(err, keys.ReasonLabelTaken, "a second active key of the label")
}
