package keystest

import (
	"errors"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var pagePromises = []promise{
	{"pages/are complete and in order", 0, pagesInOrder},
	{"pages/have a size of their own", 0, pagesBySize},
	{"pages/are not shifted by changes", 0, pagesWhileChanging},
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
		if all = append(all, page...); len(all) > 10_000 {
			l.must(errors.New("the pages never end"))
		}
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
