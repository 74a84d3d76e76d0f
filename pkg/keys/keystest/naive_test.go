package keystest

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// memoryDatabase is a database whose handles are one Memory.
func memoryDatabase(*testing.T) Database {
	m := NewMemory()
	return Database{
		Open:    func() (keys.Store, error) { return m, nil },
		Audit:   func() ([]keys.Event, error) { return m.Audit(), nil },
		Changes: func() (int64, error) { return m.current().changes, nil },
	}
}

func TestMemory(t *testing.T) { Run(t, memoryDatabase) }

// naive is a store as one would write it first: every step is safe, and nothing
// holds them together. Where there are others, they get their turn between any two.
type naive struct {
	*Memory
	step    sync.Mutex
	handles atomic.Int32
}

func (n *naive) turn() func() {
	n.step.Lock()
	return func() {
		n.step.Unlock()
		if n.handles.Load() > 1 {
			time.Sleep(time.Millisecond)
		}
	}
}

func (n *naive) View(_ context.Context, fn func(keys.Reader) error) error {
	return fn(&session{state: n.state, turn: n.turn, info: n.Info()})
}

func (n *naive) Update(_ context.Context, fn func(keys.Tx) error) error {
	if err := fn(&session{state: n.state, turn: n.turn, info: n.Info()}); err != nil {
		return err
	}
	defer n.turn()()
	n.state.commit()
	return nil
}

func naiveDatabase(*testing.T) Database {
	n := &naive{Memory: NewMemory()}
	return Database{
		Open: func() (keys.Store, error) {
			n.handles.Add(1)
			return n, nil
		},
		Audit: func() ([]keys.Event, error) {
			defer n.turn()()
			return slices.Clone(n.state.audit), nil
		},
		Changes: func() (int64, error) {
			defer n.turn()()
			return n.state.changes, nil
		},
	}
}

// beyondNaive are the promises that take more than safe steps.
var beyondNaive = []string{
	"rows/an id exists once", "rows/a hash exists once", "rows/many keys at once",
	"transactions/an error undoes everything", "transactions/a panic undoes everything",
	"transactions/View is one state", "transactions/an ended context changes nothing",
	"crowd/no change is lost", "crowd/readers never see half a change",
	"bootstrap/one of a crowd wins", "bootstrap/what fails leaves it open",
	"create/all or none", "create/one of a crowd gets a label", "create/one of a crowd gets a supplied token",
	"change/a dry run keeps nothing", "change/what cannot be recorded does not happen",
	"change/activation into a taken label", "update/into a taken label",
	"guard/refuses what the model refuses", "guard/a crowd that revokes leaves one", "guard/a crowd that deletes leaves one",
	"guard/an update that lets fewer in is as the model has it", "guard/a crowd that updates leaves one",
	"guard/no sequence of changes leaves nobody who gets in",
	"prune/a dry run keeps nothing",
	"rotate/all or none", "rotate/one of a crowd wins", "rotate/nobody is locked out by a successor that ends",
	"policy/all of it or none", "policy/one of a crowd gets the full key",
	"restore/does what was agreed on or nothing",
}

// lucky is a promise that a naive store breaks or not: the time that slow hashes
// take can keep the crowd apart.
const lucky = "create/slow keys stay few in a crowd"

// tries is how often a race may end well before a naive store counts as one that
// keeps its promise: who gets which turn is for the scheduler to say.
const tries = 25

func TestNaiveStoreFails(t *testing.T) {
	var failed []string
	for _, p := range promises() {
		if p.name != lucky && breaks(t, p, slices.Contains(beyondNaive, p.name)) {
			failed = append(failed, p.name)
		}
	}
	if diff := cmp.Diff(beyondNaive, failed); diff != "" {
		t.Errorf("a naive store fails other promises:\n%s", diff)
	}
}

// breaks tells whether a naive store breaks the promise, which it gets more than
// one chance for where it should.
func breaks(t *testing.T, p promise, should bool) bool {
	for try := 0; try == 0 || should && try < tries; try++ {
		if _, err := p.kept(naiveDatabase(t)); err != nil {
			return true
		}
	}
	return false
}

// poor is a store whose table has little more than ids and hashes.
type poor struct{ *Memory }

func (p poor) Info() keys.Info {
	i := p.Memory.Info()
	i.Fields = keys.FieldsOf(keys.FieldID, keys.FieldHash, keys.FieldCreatedAt, keys.FieldStatus)
	return i
}

func TestPromisesAskForFieldsOnlyWhereTheyNeedThem(t *testing.T) {
	skipped := 0
	for _, p := range promises() {
		d := memoryDatabase(t)
		open := d.Open
		d.Open = func() (keys.Store, error) {
			s, err := open()
			return poor{s.(*Memory)}, err
		}
		why, err := p.kept(d)
		if why != "" {
			skipped++
		}
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
	if skipped == 0 || skipped > len(promises())/2 {
		t.Errorf("%d of %d promises are skipped", skipped, len(promises()))
	}
}
