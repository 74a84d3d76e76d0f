package keystest

import (
	"strconv"
	"sync"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var crowdPromises = []promise{
	{"crowd/no change is lost", 0, losesNothing},
	{"crowd/readers never see half a change", 0, seesNoHalves},
	{"crowd/one handle serves many goroutines", 0, servesMany},
}

// crowd is how many goroutines a race has.
const crowd = 16

// note is a text of a key that the table keeps.
func (l *lab) note(k *keys.Key) *string {
	for _, f := range []keys.Field{keys.FieldOwner, keys.FieldLabel, keys.FieldDescription} {
		if l.fields.Has(f) {
			return f.Ref(k).(*string)
		}
	}
	l.skip("the table keeps no text to count in")
	return nil
}

func (l *lab) noted(r keys.Reader, id string) int {
	k, err := r.Key(ctx, id)
	if err != nil {
		l.errorf("reading: %w", err)
	}
	n, err := strconv.Atoi(*l.note(&k))
	if err != nil {
		l.errorf("counting: %w", err)
	}
	return n
}

func (l *lab) setNote(tx keys.Tx, k keys.Key, n int) error {
	*l.note(&k) = strconv.Itoa(n)
	return tx.Replace(ctx, &k)
}

// notable returns a key that is noted as n.
func (l *lab) notable(n int) keys.Key {
	k := l.plainKey()
	*l.note(&k) = strconv.Itoa(n)
	return l.inserted(k)
}

func losesNothing(l *lab) {
	rounds := l.rounds(10)
	k := l.notable(0)
	handles := l.handles(crowd)
	together(crowd, func(i int) {
		for range rounds {
			err := handles[i].Update(ctx, func(tx keys.Tx) error { return l.setNote(tx, k, l.noted(tx, k.ID)+1) })
			if err != nil {
				l.errorf("writer %d: %w", i, err)
			}
		}
	})
	l.view(func(r keys.Reader) error {
		if n := l.noted(r, k.ID); n != crowd*rounds {
			l.errorf("%d of %d changes are left", n, crowd*rounds)
		}
		return nil
	})
}

// seesNoHalves moves one from a key to another and back: the sum never changes.
func seesNoHalves(l *lab) {
	a, b := l.notable(100), l.notable(100)
	writer, handles := l.open(), l.handles(4)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for _, h := range handles {
		readers.Go(func() { l.watchSum(h, a.ID, b.ID, stop) })
	}
	for i := range l.rounds(100) {
		l.must(writer.Update(ctx, func(tx keys.Tx) error {
			if err := l.setNote(tx, a, 100+i); err != nil {
				return err
			}
			return l.setNote(tx, b, 100-i)
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
			sum = l.noted(r, a) + l.noted(r, b)
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

// together runs n functions at once, each as soon as all are ready to.
func together(n int, fn func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			fn(i)
		})
	}
	done.Wait()
}
