package keystest

import (
	"maps"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var statePromises = []promise{
	{"states/counts are those of Status", 0, counts},
	{"states/a survivor is as the guard means it", 0, survivors},
	{"states/a survivor outside very many", 0, survivorsAmongMany},
}

func counts(l *lab) {
	l.checkCount(nil, now)
	list := l.randomKeys(250)
	l.insert(list...)
	for range 30 {
		l.checkCount(list, l.moment(100))
	}
}

func (l *lab) checkCount(list []keys.Key, at keys.Instant) {
	want := map[keys.Status]int{keys.Revoked: 0, keys.Expired: 0, keys.Pending: 0, keys.Active: 0}
	for _, k := range list {
		want[k.Status(at)]++
	}
	l.view(func(r keys.Reader) error {
		got, err := r.Count(ctx, at)
		if !maps.Equal(got, want) {
			l.errorf("counts at %s are %v, want %v", at, got, want)
		}
		return err
	})
}

func survivors(l *lab) {
	l.checkSurvivor(nil, nil)
	l.checkSurvivor(nil, []string{"absent"})
	for range l.rounds(40) {
		list := l.randomKeys(3 + l.rnd.IntN(5))
		l.insert(list...)
		for range 8 {
			var except []string
			for _, k := range list {
				if l.chance(50) {
					except = append(except, k.ID)
				}
			}
			l.checkSurvivor(list, except)
		}
		l.empty()
	}
}

func (l *lab) checkSurvivor(list []keys.Key, except []string) {
	role, at := l.pick(roles), now
	if l.chance(30) {
		at = l.moment(100)
	}
	l.view(func(r keys.Reader) error {
		got, err := r.Survivor(ctx, at, role, except)
		if want := survives(list, at, role, except); got != want {
			l.errorf("a survivor at %s with role %q outside %q of\n%+v\nis %t, want %t", at, role, except, list, got, want)
		}
		return err
	})
}

// survivorsAmongMany excepts more keys than a statement can have parameters.
func survivorsAmongMany(l *lab) {
	n := 33_000
	if testing.Short() || l.database.Brief {
		n = 1000
	}
	list := make([]keys.Key, n)
	for i := range list {
		list[i] = l.plainKey()
	}
	l.insert(list...)
	all := ids(list)
	for except, want := range map[int]bool{len(all): false, len(all) - 1: true, 0: true} {
		l.view(func(r keys.Reader) error {
			got, err := r.Survivor(ctx, now, "", all[:except])
			if got != want {
				l.errorf("a survivor outside %d of %d keys is %t", except, len(all), got)
			}
			return err
		})
	}
}
