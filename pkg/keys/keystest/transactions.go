package keystest

import (
	"context"
	"errors"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var transactionPromises = []promise{
	{"transactions/Update runs its function once", 0, runsOnce},
	{"transactions/an error undoes everything", 0, undoesOnError},
	{"transactions/a panic undoes everything", 0, undoesOnPanic},
	{"transactions/a change sees itself", 0, seesItself},
	{"transactions/a commit is seen by every handle", 0, seenByAll},
	{"transactions/View is one state", 0, oneState},
	{"transactions/every change is counted", 0, countsChanges},
	{"transactions/an ended context changes nothing", 0, endedContext},
	{"transactions/an interrupted change is whole or nothing", 0, interruptedChange},
}

var errRefused = errors.New("the function's own error")

func runsOnce(l *lab) {
	for _, want := range []error{nil, errRefused, keys.Errorf(keys.ReasonBusy, "not the store's")} {
		runs := 0
		err := l.store.Update(ctx, func(tx keys.Tx) error {
			runs++
			if err := tx.Insert(ctx, []keys.Key{l.plainKey()}); err != nil {
				return err
			}
			return want
		})
		if runs != 1 || !errors.Is(err, want) {
			l.errorf("Update ran its function %d times and gave %v, want once and %v", runs, err, want)
		}
	}
}

// everything does with tx all that can be done, over a key that exists and another.
func (l *lab) everything(tx keys.Tx, existing, doomed keys.Key) error {
	changed := l.randomKey()
	changed.ID = existing.ID
	return errors.Join(
		tx.Insert(ctx, l.randomKeys(3)), tx.Replace(ctx, &changed), tx.Delete(ctx, doomed.ID), tx.Claim(ctx, now),
		tx.Record(ctx, []keys.Event{{At: now, Action: keys.ActionDelete, KeyID: doomed.ID, Actor: actor}}),
	)
}

func undoesOnError(l *lab) {
	list := l.randomKeys(5)
	l.insert(list...)
	before := l.shadow()
	err := l.store.Update(ctx, func(tx keys.Tx) error {
		return errors.Join(l.everything(tx, list[0], list[1]), errRefused)
	})
	if err == nil || err.Error() != errRefused.Error() {
		l.errorf("Update gives %v, want %v", err, errRefused)
	}
	l.unchanged(before, "an error")
	l.update(func(tx keys.Tx) error { return l.everything(tx, list[0], list[1]) })
	if after := l.shadow(); len(after.Keys) != 7 || !about(after.Claimed, l.claimAt(now)) || len(after.Audit) != 1 {
		l.errorf("the same without an error gives %+v", after)
	}
}

func undoesOnPanic(l *lab) {
	list := l.randomKeys(5)
	l.insert(list...)
	before := l.shadow()
	func() {
		defer func() { _ = recover() }()
		_ = l.store.Update(ctx, func(tx keys.Tx) error {
			l.must(l.everything(tx, list[0], list[1]))
			panic("in the function")
		})
	}()
	l.unchanged(before, "a panic")
	l.must(l.open().Update(ctx, func(tx keys.Tx) error { return tx.Insert(ctx, l.randomKeys(1)) }))
	l.insert(l.randomKey())
}

func seesItself(l *lab) {
	list := l.randomKeys(20)
	l.update(func(tx keys.Tx) error {
		if err := errors.Join(tx.Insert(ctx, list), tx.Delete(ctx, list[0].ID)); err != nil {
			return err
		}
		list = list[1:]
		page, err := tx.Page(ctx, keys.Query{Now: now})
		l.sameIDs(page, pageOf(list, keys.Query{Now: now}, true, 100), "the page of a change that is going on")
		some, err2 := tx.Survivor(ctx, now, "", nil)
		if some != survives(list, now, "", nil) {
			l.errorf("a survivor in a change that is going on is %t", some)
		}
		_, err3 := tx.Key(ctx, list[0].ID)
		return errors.Join(err, err2, err3)
	})
}

func seenByAll(l *lab) {
	handles := l.handles(4)
	for i := range 20 {
		list := []keys.Key{l.randomKey()}
		l.must(handles[i%4].Update(ctx, func(tx keys.Tx) error { return tx.Insert(ctx, list) }))
		for _, h := range handles {
			l.readBack(h, list)
		}
	}
}

// oneState has somebody else change the database between two reads.
func oneState(l *lab) {
	l.insert(l.randomKeys(5)...)
	other, changed := l.open(), make(chan error, 1)
	l.view(func(r keys.Reader) error {
		first, err := r.Page(ctx, keys.Query{Now: now})
		go func() {
			changed <- other.Update(ctx, func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{l.plainKey()}) })
		}()
		time.Sleep(100 * time.Millisecond)
		second, err2 := r.Page(ctx, keys.Query{Now: now})
		l.sameIDs(second, first, "a second read of one View")
		return errors.Join(err, err2)
	})
	l.must(<-changed)
	if n := len(l.stored()); n != 6 {
		l.errorf("%d keys after the other's change, want 6", n)
	}
}

func countsChanges(l *lab) {
	if l.database.Changes == nil {
		l.skip("nothing counts the changes here")
	}
	k := l.plainKey()
	for name, fn := range map[string]func(tx keys.Tx) error{
		"insert": func(tx keys.Tx) error { return tx.Insert(ctx, []keys.Key{l.plainKey()}) },
		"replace": func(tx keys.Tx) error {
			return errors.Join(tx.Insert(ctx, []keys.Key{k}), tx.Replace(ctx, &k), tx.Delete(ctx, k.ID))
		},
		"claim":  func(tx keys.Tx) error { return tx.Claim(ctx, now) },
		"record": func(tx keys.Tx) error { return tx.Record(ctx, []keys.Event{{At: now, Action: keys.ActionCreate}}) },
	} {
		before := l.shadow().Changes
		l.update(fn)
		if after := l.shadow().Changes; after != before+1 {
			l.errorf("%s in one transaction moves the counter from %d to %d", name, before, after)
		}
	}
	before := l.shadow()
	l.update(func(tx keys.Tx) error { return nil })
	l.unchanged(before, "an Update that changes nothing")
}

func endedContext(l *lab) {
	l.insert(l.randomKey())
	before := l.shadow()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	err := l.store.Update(ended, func(tx keys.Tx) error {
		l.errorf("the function of Update ran")
		return nil
	})
	l.want(err, keys.ReasonInterrupted, "Update after the end")
	l.unchanged(before, "an ended context")
}

// interruptedChange ends the context at any moment of a change. What Update says
// must then be true, and the next change must be possible.
func interruptedChange(l *lab) {
	for i := range l.rounds(300) {
		k := l.plainKey()
		ending, cancel := context.WithCancel(ctx)
		timer := time.AfterFunc(time.Duration(l.rnd.IntN(1500))*time.Microsecond, cancel)
		err := l.store.Update(ending, func(tx keys.Tx) error { return tx.Insert(ending, []keys.Key{k}) })
		timer.Stop()
		cancel()
		found := false
		l.view(func(r keys.Reader) error {
			_, err := r.Key(ctx, k.ID)
			found = err == nil
			return nil
		})
		if found != (err == nil) {
			l.errorf("change %d: Update gives %v, and the key is there: %t", i, err, found)
			return
		}
	}
	l.insert(l.randomKey())
}
