package keystest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var selectPromises = []promise{
	{"select/the ways to name a key", keys.FieldsOf(keys.FieldHash, keys.FieldLabel), selects},
	{"select/a name of several keys is refused", keys.FieldsOf(keys.FieldLabel), refusesAmbiguity},
	{"select/a deleted key is explained", 0, explainsDeletion},
	{"list/gives every key once, page by page", 0, listsAll},
	{"list/stops where its reader does", 0, listStops},
	{"list/holds nothing while it shows", 0, listHoldsNothing},
}

func selects(l *lab) {
	label := "CI deploy"
	if p := l.rules.Label.Pattern; p != nil && !p.MatchString(label) {
		label = "ci-deploy"
	}
	issued := l.create(l.service(l.store), l.labelled(label))
	l.insert(l.randomKeys(20)...)
	k := issued.Key
	ways := []keys.Ref{keys.TextRef(k.ID), keys.IDRef(k.ID), keys.TextRef(label), keys.TokenRef(issued.Token)}
	if l.fields.Has(keys.FieldMasked) {
		ways = append(ways, keys.TextRef(k.Masked))
	}
	for _, ref := range ways {
		l.selectsOne(ref, k, "a REF")
	}
	if l.revocable() {
		_, err := l.service(l.store).Revoke(ctx, keys.ChangeRequest{Refs: ways[3:4], Force: true})
		l.must(err)
		l.selectsOne(ways[3], k, "the token of a revoked key")
	}
	l.selectsPrefix(k)
}

func (l *lab) selectsOne(ref keys.Ref, k keys.Key, what string) {
	got, err := l.service(l.store).Select(ctx, ref)
	l.must(err)
	l.sameIDs(got, []keys.Key{k}, "%s", what)
}

func (l *lab) selectsPrefix(k keys.Key) {
	got, err := l.service(l.store).Select(ctx, keys.TextRef(k.ID[:min(4, len(k.ID)-1)]))
	if len(k.ID) == 1 {
		return // and no beginning
	}
	if !l.store.Info().PrefixID {
		l.want(err, keys.ReasonNotFound, "the beginning of an id that is not random text")
		return
	}
	l.must(err)
	l.sameIDs(got, []keys.Key{k}, "four characters of an id")
	_, err = l.service(l.store).Select(ctx, keys.TextRef(k.ID[:3]))
	l.want(err, keys.ReasonNotFound, "three characters of an id")
	_, err = l.service(l.store).Select(ctx, keys.TextRef(""))
	l.want(err, keys.ReasonInvalid, "an empty REF")
}

func refusesAmbiguity(l *lab) {
	list := []keys.Key{l.plainKey(), l.plainKey(), l.plainKey()}
	list[1].Label = list[0].ID
	l.insert(list...)
	before := l.shadow()
	for _, c := range l.verbs() {
		_, err := c.do(l.service(l.store), ctx, keys.ChangeRequest{Refs: []keys.Ref{keys.TextRef(list[0].ID)}})
		l.want(err, keys.ReasonAmbiguous, "%s of one key's id that is another's label", c.action)
		e := (*keys.Error)(nil)
		if errors.As(err, &e) {
			l.sameSet(e.Matches, list[:2], "the candidates")
		}
	}
	l.unchanged(before, "an ambiguous REF")
}

func explainsDeletion(l *lab) {
	list := l.pair(keys.ActionDelete)
	q := keys.ChangeRequest{Refs: refs(list[0]), Reason: "left the company"}
	_, err := l.service(l.store).Delete(ctx, q)
	l.must(err)
	_, err = l.service(l.store).Select(ctx, keys.TextRef(list[0].ID))
	l.want(err, keys.ReasonDeleted, "a deleted key")
	want := fmt.Sprintf("key %s was deleted at %s by ann (left the company)", list[0].ID, now)
	if err != nil && err.Error() != want {
		l.errorf("a deleted key is explained with %q, want %q", err, want)
	}
}

func listsAll(l *lab) {
	list := l.randomKeys(2300)
	l.insert(list...)
	for _, q := range []keys.Query{{}, {Limit: 999}, {Statuses: []keys.Status{keys.Active}}, {Owner: "ops"}, {Owner: "nobody"}} {
		if q.Owner != "" && !l.fields.Has(keys.FieldOwner) {
			continue
		}
		var got []keys.Key
		l.must(l.service(l.store).List(ctx, q, func(page []keys.Key) error {
			if got = append(got, page...); len(got) > 10_000 {
				return errors.New("the pages never end")
			}
			return nil
		}))
		q.Now, q.Limit = now, 0
		l.sameIDs(got, pageOf(list, q, true, len(list)), "a list of %+v", q)
	}
}

func listStops(l *lab) {
	l.insert(l.randomKeys(50)...)
	full, pages := errors.New("the pipe is closed"), 0
	err := l.service(l.store).List(ctx, keys.Query{Limit: 5}, func([]keys.Key) error {
		pages++
		return full
	})
	if !errors.Is(err, full) || pages != 1 {
		l.errorf("a list whose reader stops gives %v after %d pages", err, pages)
	}
	l.insert(l.randomKey()) // nothing is held
}

// listHoldsNothing: whoever reads a list may stand still, and everybody works on.
func listHoldsNothing(l *lab) {
	l.insert(l.randomKeys(50)...)
	other := l.open()
	var during []keys.Key
	l.must(l.service(l.store).List(ctx, keys.Query{Limit: 5}, func([]keys.Key) error {
		k := l.plainKey()
		during = append(during, k)
		return other.Update(ctx, func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{k}) })
	}))
	if got := l.stored(); len(got) != 50+len(during) || !slices.Contains(ids(got), during[0].ID) {
		l.errorf("%d keys, want %d", len(got), 50+len(during))
	}
}
