package keystest

import (
	"strconv"
	"sync"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var crowdPromises = []promise{
	{"crowd/no change is lost", keys.FieldsOf(keys.FieldOwner), losesNothing},
	{"crowd/readers never see half a change", keys.FieldsOf(keys.FieldOwner), seesNoHalves},
	{"crowd/one handle serves many goroutines", 0, servesMany},
}

// crowd is how many goroutines a race has.
const crowd = 16

func (l *lab) owner(r keys.Reader, id string) int {
	k, err := r.Key(ctx, id)
	if err != nil {
		l.errorf("reading: %w", err)
	}
	n, err := strconv.Atoi(k.Owner)
	if err != nil {
		l.errorf("counting: %w", err)
	}
	return n
}

func (l *lab) setOwner(tx keys.Tx, k keys.Key, n int) error {
	k.Owner = strconv.Itoa(n)
	return tx.Replace(ctx, &k)
}

func losesNothing(l *lab) {
	const rounds = 10
	k := l.plainKey()
	k.Owner = "0"
	l.insert(k)
	handles := l.handles(crowd)
	together(crowd, func(i int) {
		for range rounds {
			err := handles[i].Update(ctx, func(tx keys.Tx) error { return l.setOwner(tx, k, l.owner(tx, k.ID)+1) })
			if err != nil {
				l.errorf("writer %d: %w", i, err)
			}
		}
	})
	l.view(func(r keys.Reader) error {
		if n := l.owner(r, k.ID); n != crowd*rounds {
			l.errorf("%d of %d changes are left", n, crowd*rounds)
		}
		return nil
	})
}

// seesNoHalves moves one from a key to another and back: the sum never changes.
func seesNoHalves(l *lab) {
	a, b := l.plainKey(), l.plainKey()
	a.Owner, b.Owner = "100", "100"
	l.insert(a, b)
	writer, handles := l.open(), l.handles(4)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for _, h := range handles {
		readers.Go(func() { l.watchSum(h, a.ID, b.ID, stop) })
	}
	for i := range 100 {
		l.must(writer.Update(ctx, func(tx keys.Tx) error {
			if err := l.setOwner(tx, a, 100+i); err != nil {
				return err
			}
			return l.setOwner(tx, b, 100-i)
		}))
	}
	close(stop)
	readers.Wait()
}

func (l *lab) watchSum(s keys.Store, a, b string, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		sum := 0
		err := s.View(ctx, func(r keys.Reader) error {
			sum = l.owner(r, a) + l.owner(r, b)
			return nil
		})
		if err != nil || sum != 200 {
			l.errorf("a reader sees a sum of %d, want 200 (%v)", sum, err)
			return
		}
	}
}

func servesMany(l *lab) {
	const each = 5
	list := l.randomKeys(crowd * each)
	together(crowd, func(i int) {
		for _, k := range list[i*each : (i+1)*each] {
			if err := l.store.Update(ctx, func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{k}) }); err != nil {
				l.errorf("inserting: %w", err)
			}
			err := l.store.View(ctx, func(r keys.Reader) error {
				_, err := r.Key(ctx, k.ID)
				return err
			})
			if err != nil {
				l.errorf("reading: %w", err)
			}
			l.store.Info()
		}
	})
	if n := len(l.stored()); n != len(list) {
		l.errorf("%d keys, want %d", n, len(list))
	}
}
