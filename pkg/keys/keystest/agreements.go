package keystest

import "github.com/keyreeve/keyreeve/pkg/keys"

// changesAgreed: exactly the keys that somebody agreed on, as they were then, whether
// they are named or described, or nothing at all.
func changesAgreed(l *lab) {
	for range l.rounds(30) {
		list := l.randomKeys(2 + l.rnd.IntN(4))
		l.insert(list...)
		some := list[:1+l.rnd.IntN(len(list)-1)]
		agreed, refs := keys.Agreed{}, []keys.Ref{}
		for i := range some {
			agreed[some[i].ID], refs = some[i].Status(now), append(refs, keys.IDRef(some[i].ID))
		}
		q, want := keys.ChangeRequest{Refs: refs, Agreed: agreed, Force: true}, some
		if l.chance(50) {
			q.Refs, q.Where, want = nil, &keys.Query{}, pageOf(some, keys.Query{Now: now}, false, len(some))
		}
		l.refusesOtherwise(q, some)
		done, err := l.service(l.store).Delete(ctx, q)
		l.must(err)
		l.sameIDs(keysIn(done), want, "deleting what was agreed on by %+v", q)
		l.empty()
	}
}

// refusesOtherwise: one key that is not as it was keeps all of them.
func (l *lab) refusesOtherwise(q keys.ChangeRequest, some []keys.Key) {
	before, id := l.shadow(), some[0].ID
	was := q.Agreed[id]
	q.Agreed[id] = "another"
	_, err := l.service(l.store).Delete(ctx, q)
	l.want(err, keys.ReasonOvertaken, "a key that is %s and was another", was)
	q.Agreed[id] = was
	if q.Where != nil {
		q.Where = &keys.Query{Statuses: []keys.Status{keys.Active}}
		if was == keys.Active {
			q.Where.Statuses[0] = keys.Revoked
		}
		_, err = l.service(l.store).Delete(ctx, q)
		l.want(err, keys.ReasonOvertaken, "keys that match no more")
	}
	l.unchanged(before, "what was agreed on of other keys")
}
