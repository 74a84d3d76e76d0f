package keystest

import (
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// insert adds the keys, which become what the table keeps of them, or ends the
// case.
func (l *lab) insert(list ...keys.Key) {
	asked := slices.Clone(list)
	l.update(func(tx keys.Tx) error { return tx.Insert(ctx, list) })
	for i := range list {
		l.closeTo(list[i], asked[i])
	}
}

// inserted is insert for one key.
func (l *lab) inserted(k keys.Key) keys.Key {
	list := []keys.Key{k}
	l.insert(list...)
	return list[0]
}

// replace changes a key, which becomes what the table keeps of it, or ends the case.
func (l *lab) replace(k *keys.Key) {
	asked := *k
	l.update(func(tx keys.Tx) error { return tx.Replace(ctx, k) })
	l.closeTo(*k, asked)
}

// closeTo notes what a table does not keep of a key although it has the columns:
// of moments it may keep whole seconds only.
func (l *lab) closeTo(kept, asked keys.Key) {
	for _, f := range l.fields.List() {
		got, ok := f.Ref(&kept).(*keys.Instant)
		want, _ := f.Ref(&asked).(*keys.Instant)
		switch {
		case !ok:
		case f == keys.FieldLastUsedAt && got.IsNone() && *want == asked.CreatedAt: // which means never to some servers
			*want = *got
		case got.IsNone() == want.IsNone() && got.Sub(*want).Abs() < time.Second:
			*want = *got
		}
	}
	l.same(kept, asked, "what is kept of key %s", asked.ID)
}
