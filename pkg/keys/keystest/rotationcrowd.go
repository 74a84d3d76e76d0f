package keystest

import (
	"context"
	"sync"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// gathered is the store of one of a crowd, where nobody changes anything before all of
// them have looked.
type gathered struct {
	keys.Store
	once *sync.Once
	all  *sync.WaitGroup
}

func (g gathered) here() { g.once.Do(g.all.Done) }

func (g gathered) Update(ctx context.Context, fn func(keys.Tx) error) error {
	g.here()
	g.all.Wait()
	return g.Store.Update(ctx, fn)
}

// rotateCrowd: one wins, and the others learn which key replaced it, however they named
// it. For who comes later a label is that of the successor.
func rotateCrowd(l *lab) {
	const label = "one-of-many"
	ways := map[string]keys.ChangeRequest{"its id": {}}
	if l.fields.Has(keys.FieldLabel) {
		ways["its label"] = keys.ChangeRequest{Refs: []keys.Ref{keys.TextRef(label)}}
		ways["a filter"] = keys.ChangeRequest{Where: &keys.Query{LabelGlob: "one-*"}}
	}
	for way, named := range ways {
		k := l.plainKey()
		k.Label = label
		old := l.inserted(l.fit(k))
		q := l.rotation(old)
		if way != "its id" {
			q.ChangeRequest = named
		}
		l.oneRotates(q, way)
		l.empty()
	}
}

func (l *lab) oneRotates(q keys.RotateRequest, way string) {
	services := l.services(crowd)
	all, done, errs := &sync.WaitGroup{}, make([][]keys.Rotated, crowd), make([]error, crowd)
	all.Add(crowd)
	together(crowd, func(i int) {
		store := gathered{services[i].Store, &sync.Once{}, all}
		defer store.here() // also of one that is refused before
		services[i].Store = store
		done[i], errs[i] = services[i].Rotate(ctx, q, delivered{})
	})
	var won []keys.Rotated
	for _, some := range done {
		won = append(won, some...)
	}
	if len(won) != 1 || len(l.stored()) != 2 {
		l.errorf("%d of a crowd rotated one key by %s, and there are %d", len(won), way, len(l.stored()))
		return
	}
	for i, err := range errs {
		if len(done[i]) == 0 {
			l.want(err, keys.ReasonAlreadyRotated, "rotating by %s in a crowd", way)
			l.names(err, won[0].New.Key.ID)
		}
	}
}
