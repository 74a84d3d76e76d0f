package keys

import (
	"context"
	"hash/maphash"
)

// MostUnfit is how many keys that do not comply are told of one by one.
const MostUnfit = 1000

// Unfit returns the usable keys that do not comply with a policy, newest first: what
// is wrong with each of the first [MostUnfit], and how many there are. It holds no
// lock, and needs the memory of a page besides a few bytes for every owner and label.
func (s *Service) Unfit(ctx context.Context, p Policy) (list []Unfit, total int, err error) {
	now := s.now()
	t := &sharing{judge: p.judge(), seed: maphash.MakeSeed(), owners: map[uint64]bool{}, labels: map[uint64]bool{}}
	err = s.List(ctx, Query{Statuses: []Status{Active, Pending}}, func(page []Key) error {
		for i := range page {
			problems := t.unfit(&page[i], now)
			if len(problems) == 0 {
				continue
			}
			if total++; total <= MostUnfit {
				list = append(list, problems...)
			}
		}
		return nil
	})
	return list, total, err
}

// sharing judges keys one after the other, also by what they may not have in common.
// There can be as many owners and labels as keys: of each a hash is remembered.
type sharing struct {
	*judge
	seed           maphash.Seed
	owners, labels map[uint64]bool
	slow           int
}

func (t *sharing) unfit(k *Key, now Instant) []Unfit {
	list := t.existing(k, now)
	for _, d := range []struct {
		setting, problem string
		broken           bool
	}{
		{oneFullKey, "is not bound to a resource, as another key of its owner", t.anotherFull(k, now)},
		{"unique_labels", "has the label of another usable key", t.anotherLabel(k)},
		{"slow_keys", "is one too many of those with a slow hash whose token does not name them", t.anotherSlow(k)},
	} {
		if d.broken {
			list = append(list, Unfit{*k, d.setting, d.problem, 0})
		}
	}
	return list
}

func (t *sharing) anotherFull(k *Key, now Instant) bool {
	if !t.OneFullKey || k.Owner == "" || !k.countsAsFull(now) {
		return false
	}
	return t.seen(t.owners, k.Owner)
}

func (t *sharing) anotherLabel(k *Key) bool {
	return t.UniqueLabels && k.Label != "" && k.Successor == "" && t.seen(t.labels, k.Label)
}

func (t *sharing) anotherSlow(k *Key) bool {
	if t.SlowKeys <= 0 || !k.Scheme.Slow() || k.HasSelector() {
		return false
	}
	t.slow++
	return t.slow > t.SlowKeys
}

// seen tells whether s is in the set, and adds it.
func (t *sharing) seen(set map[uint64]bool, s string) bool {
	sum := maphash.String(t.seed, s)
	before := set[sum]
	set[sum] = true
	return before
}
