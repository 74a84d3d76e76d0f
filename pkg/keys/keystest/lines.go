package keystest

import (
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// line inserts so many keys of which each succeeds the one before.
func (l *lab) line(n int) []keys.Key {
	list := make([]keys.Key, n)
	for i := range list {
		list[i] = l.plainKey()
	}
	for i := range list {
		if i > 0 {
			list[i].Predecessor, list[i-1].Successor = list[i-1].ID, list[i].ID
		}
	}
	l.insert(append(list, l.plainKey())...)
	return list
}

// closesLines: whichever keys of a line go, those that are left succeed each other.
func closesLines(l *lab) {
	for range l.rounds(20) {
		list := l.line(2 + l.rnd.IntN(4))
		gone := l.some(list)
		_, err := l.service(l.store).Delete(ctx, keys.ChangeRequest{Refs: refs(gone...)})
		l.must(err)
		left := slices.DeleteFunc(slices.Clone(list), func(k keys.Key) bool { return slices.Contains(ids(gone), k.ID) })
		for i, k := range left {
			before, after := "", ""
			if i > 0 {
				before = left[i-1].ID
			}
			if i < len(left)-1 {
				after = left[i+1].ID
			}
			if is := l.current(k); is.Predecessor != before || is.Successor != after {
				l.errorf("of the line %q without %q, %s has %q before it and %q after it", ids(list), ids(gone), k.ID, is.Predecessor, is.Successor)
			}
		}
		l.empty()
	}
}

// leavesLabels: the key before one that is gone gets its label back where nobody has it.
func leavesLabels(l *lab) {
	l.needsUniqueLabels()
	for _, taken := range []bool{false, true} {
		list := []keys.Key{l.plainKey(), l.plainKey(), l.plainKey()}
		list[0].Label, list[1].Label = "one", "one"
		list[0].Successor, list[1].Predecessor = list[1].ID, list[0].ID
		if taken {
			list[2].Label = "one"
			list[1].Enabled = false
		}
		l.insert(list...)
		before := len(l.shadow().Audit)
		_, err := l.service(l.store).Delete(ctx, keys.ChangeRequest{Refs: refs(list[1])})
		l.must(err)
		if is := l.current(list[0]); (is.Successor == "") == taken {
			l.errorf("with the label taken %t, the key before one that is gone has the successor %q", taken, is.Successor)
		}
		events := l.shadow().Audit[before:]
		if want := map[bool]int{false: 2, true: 1}[taken]; len(events) != want || !taken && events[1].Action != keys.ActionUpdate {
			l.errorf("the deletion is recorded as %+v", events)
		}
		l.empty()
	}
}
