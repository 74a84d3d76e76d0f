package keystest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Memory is a database in memory, for tests of what works on a [keys.Store]. It
// keeps every promise but that of surviving the process. Any number of
// goroutines may use it as their store.
type Memory struct {
	mu    sync.Mutex
	state *state
}

var _ keys.Store = (*Memory)(nil)

// NewMemory returns a database without keys that nobody has claimed.
func NewMemory() *Memory { return &Memory{state: newState()} }

// Audit returns every event recorded so far, oldest first.
func (m *Memory) Audit() []keys.Event { return slices.Clone(m.current().audit) }

// Info implements [keys.Store].
func (m *Memory) Info() keys.Info {
	all := keys.FieldsOf(keys.ShownFields()...) | keys.FieldsOf(keys.FieldEnabled, keys.FieldRequestID, keys.FieldHash)
	return keys.Info{Layout: "memory", Fields: all, PrefixID: true}
}

func (m *Memory) current() *state {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// View implements [keys.Store]. A state that was committed never changes.
func (m *Memory) View(_ context.Context, fn func(keys.Reader) error) error {
	return fn(&session{state: m.current(), turn: atOnce})
}

// Update implements [keys.Store].
func (m *Memory) Update(ctx context.Context, fn func(keys.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := m.state.clone()
	if err := stillGoing(ctx); err != nil {
		return err
	}
	if err := fn(&session{state: next, turn: atOnce}); err != nil {
		return err
	}
	if err := stillGoing(ctx); err != nil {
		return err
	}
	next.commit()
	m.state = next
	return nil
}

func stillGoing(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return keys.Errorf(keys.ReasonInterrupted, "interrupted").Because(context.Cause(ctx))
}

// Close implements [keys.Store]. There is nothing to release.
func (m *Memory) Close() error { return nil }

// state is all that a database holds.
type state struct {
	rows    map[string]keys.Key
	claimed keys.Instant
	audit   []keys.Event
	changes int64
	changed bool // since the last commit
}

func newState() *state { return &state{rows: map[string]keys.Key{}} }

func (s *state) clone() *state {
	c := *s
	c.rows, c.audit = maps.Clone(s.rows), slices.Clone(s.audit)
	return &c
}

func (s *state) commit() {
	if s.changed {
		s.changes++
	}
	s.changed = false
}
