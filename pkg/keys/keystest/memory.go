package keystest

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Memory is a database in memory, for tests of what works on a [keys.Store]. It
// keeps every promise but that of surviving the process. Any number of
// goroutines may use it as their store.
type Memory struct {
	mu    sync.Mutex
	state *state
	info  keys.Info
}

var _ keys.Store = (*Memory)(nil)

// NewMemory returns a database without keys that nobody has claimed.
func NewMemory() *Memory {
	all := keys.FieldsOf(keys.ShownFields()...) | keys.FieldsOf(keys.FieldEnabled, keys.FieldRequestID, keys.FieldHash)
	return NewMemoryOf(keys.Info{Layout: "memory", Fields: all.Without(keys.FieldsOf(keys.FieldUpdatedAt)), PrefixID: true})
}

// NewMemoryOf is NewMemory for a table of other fields under other rules. Ids that
// are assigned are integers, of which the last is used again once it is free.
func NewMemoryOf(info keys.Info) *Memory {
	info.Recalls = true
	return &Memory{state: newState(), info: info}
}

// Lock sets what the database remembers of the failures of addresses.
func (m *Memory) Lock(list ...keys.Lockout) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state.lockouts = list
}

// Audit returns every event recorded so far, oldest first.
func (m *Memory) Audit() []keys.Event { return slices.Clone(m.current().audit) }

// Info implements [keys.Store].
func (m *Memory) Info() keys.Info { return m.info }

// session returns one over the state, by the rules of the database.
func (m *Memory) session(s *state) keys.Tx {
	native := &session{state: s, turn: atOnce, info: m.info}
	if m.info.Rules == nil {
		return native
	}
	return &ruled{native}
}

func (m *Memory) current() *state {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// View implements [keys.Store]. A state that was committed never changes.
func (m *Memory) View(_ context.Context, fn func(keys.Reader) error) error {
	return fn(m.session(m.current()))
}

// Update implements [keys.Store].
func (m *Memory) Update(ctx context.Context, fn func(keys.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := m.state.clone()
	if err := stillGoing(ctx); err != nil {
		return err
	}
	if err := fn(m.session(next)); err != nil {
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

// Last implements [keys.Store].
func (m *Memory) Last(_ context.Context, action keys.Action, ids ...string) (map[string]keys.Event, error) {
	found := map[string]keys.Event{}
	for _, e := range m.Audit() {
		if e.Action == action && slices.Contains(ids, e.KeyID) {
			found[e.KeyID] = e
		}
	}
	return found, nil
}

// Close implements [keys.Store]. There is nothing to release.
func (m *Memory) Close() error { return nil }

// state is all that a database holds.
type state struct {
	rows     map[string]keys.Key
	claimed  keys.Instant
	audit    []keys.Event
	lockouts []keys.Lockout
	settings map[string]string
	changes  int64
	changed  bool // since the last commit
}

func newState() *state { return &state{rows: map[string]keys.Key{}, settings: map[string]string{}} }

func (s *state) clone() *state {
	c := *s
	c.rows, c.audit, c.lockouts = maps.Clone(s.rows), slices.Clone(s.audit), slices.Clone(s.lockouts)
	c.settings = maps.Clone(s.settings)
	return &c
}

func (s *state) commit() {
	if s.changed {
		s.changes++
	}
	s.changed = false
}

// ruled is a session on a table of another server.
type ruled struct{ *session }

var _ keys.Tx = (*ruled)(nil)

// Insert assigns the next number to a key without an id.
func (s *ruled) Insert(ctx context.Context, list []keys.Key) error {
	for i := range list {
		if list[i].ID == "" && s.info.Rules.IDs.Assigned {
			list[i].ID = s.next()
		}
		if err := s.session.Insert(ctx, list[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (s *ruled) next() string {
	last := 0
	for id := range s.rows {
		if n, err := strconv.Atoi(id); err == nil {
			last = max(last, n)
		}
	}
	return strconv.Itoa(last + 1)
}

// Claim remembers nothing where the server keeps no claim.
func (s *ruled) Claim(ctx context.Context, at keys.Instant) error {
	if s.info.Rules.Bootstrap.Kind != keys.BootstrapClaim {
		return nil
	}
	return s.session.Claim(ctx, at)
}

func (s *ruled) Policy(context.Context) (keys.Policy, error) {
	p := keys.Policy{UniqueLabels: s.info.Rules.Label.Unique}
	if s.info.Rules.Guard == keys.GuardAdmin {
		p.AdminRole = s.info.Rules.AdminRole
	}
	return p, nil
}

func (s *ruled) SetPolicy(context.Context, []keys.Setting) error {
	return keys.Errorf(keys.ReasonUnsupported, "the rules of this database are its server's")
}
