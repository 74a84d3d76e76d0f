package keystest

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
// holds them together. Between any two others get their turn.
type naive struct {
	*Memory
	step    sync.Mutex
	working atomic.Int32
}

func (n *naive) turn() func() {
	n.step.Lock()
	return func() {
		n.step.Unlock()
		if n.working.Load() > 1 {
			time.Sleep(200 * time.Microsecond)
		}
	}
}

func (n *naive) View(_ context.Context, fn func(keys.Reader) error) error {
	n.working.Add(1)
	defer n.working.Add(-1)
	return fn(&session{state: n.state, turn: n.turn})
}

func (n *naive) Update(_ context.Context, fn func(keys.Tx) error) error {
	n.working.Add(1)
	defer n.working.Add(-1)
	if err := fn(&session{state: n.state, turn: n.turn}); err != nil {
		return err
	}
	defer n.turn()()
	n.state.commit()
	return nil
}

func naiveDatabase(*testing.T) Database {
	n := &naive{Memory: NewMemory()}
	return Database{
		Open: func() (keys.Store, error) { return n, nil },
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
var beyondNaive = []string{}

func TestNaiveStoreFails(t *testing.T) {
	var failed []string
	for _, p := range promises() {
		if _, err := p.kept(naiveDatabase(t)); err != nil {
			failed = append(failed, p.name)
		}
	}
	if !slices.Equal(failed, beyondNaive) {
		t.Errorf("a naive store fails\n%q, want\n%q", failed, beyondNaive)
	}
}
