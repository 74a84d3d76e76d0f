package keys_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

// diary writes down the order in which things happen.
type diary struct{ lines []string }

func (d *diary) note(line string) {
	if len(d.lines) == 0 || d.lines[len(d.lines)-1] != line {
		d.lines = append(d.lines, line)
	}
}

func (d *diary) want(t *testing.T, name string, lines ...string) {
	t.Helper()
	if diff := cmp.Diff(lines, d.lines); diff != "" {
		t.Errorf("%s:\n%s", name, diff)
	}
	d.lines = nil
}

// noted is a store, a source of randomness and a delivery that write down what is
// asked of them.
type noted struct {
	keys.Store
	*diary
	random                 io.Reader
	stage, deliver, commit error
	publish                error
	seen                   bool
}

func (n *noted) Update(ctx context.Context, fn func(keys.Tx) error) error {
	n.note("lock")
	defer n.note("unlock")
	return n.Store.Update(ctx, func(tx keys.Tx) error {
		if err := fn(notedTx{tx, n.diary}); err != nil {
			return err
		}
		return n.commit
	})
}

func (n *noted) Read(p []byte) (int, error) {
	n.note("random")
	return n.random.Read(p)
}

func (n *noted) Stage([]keys.Issued) error { n.note("stage"); return n.stage }
func (n *noted) Deliver() (bool, error)    { n.note("deliver"); return n.seen, n.deliver }
func (n *noted) Publish() error            { n.note("publish"); return n.publish }
func (n *noted) Discard()                  { n.note("discard") }

type notedTx struct {
	keys.Tx
	*diary
}

func (n notedTx) Insert(ctx context.Context, list []keys.Key) error {
	n.note("insert")
	return n.Tx.Insert(ctx, list)
}

func (n notedTx) Record(ctx context.Context, events []keys.Event) error {
	n.note("record")
	return n.Tx.Record(ctx, events)
}

func newNoted() (*noted, *keys.Service) {
	n := &noted{Store: keystest.NewMemory(), diary: &diary{}, random: seeded(1)}
	s := serviceOver(n)
	s.Rand = n
	return n, s
}

// The lock is held for what needs it only, and a token is seen last of all.
func TestOrderOfDelivery(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name    string
		prepare func(*noted, *keys.CreateRequest)
		want    error
		dead    bool
		order   []string
	}{
		{"success", func(*noted, *keys.CreateRequest) {}, nil, false,
			[]string{"random", "stage", "lock", "insert", "record", "deliver", "unlock", "publish"}},
		{"a dry run", func(_ *noted, q *keys.CreateRequest) { q.DryRun = true }, nil, false,
			[]string{"random", "lock", "insert", "record", "unlock"}},
		{"nothing can be staged", func(n *noted, _ *keys.CreateRequest) { n.stage = broken }, broken, false,
			[]string{"random", "stage"}},
		{"nobody takes it", func(n *noted, _ *keys.CreateRequest) { n.deliver = broken }, broken, false,
			[]string{"random", "stage", "lock", "insert", "record", "deliver", "unlock", "discard"}},
		{"it is cut while it is written", func(n *noted, _ *keys.CreateRequest) { n.deliver, n.seen = broken, true }, nil, true,
			[]string{"random", "stage", "lock", "insert", "record", "deliver", "unlock", "discard"}},
		{"the commit fails", func(n *noted, _ *keys.CreateRequest) { n.commit = broken }, broken, false,
			[]string{"random", "stage", "lock", "insert", "record", "deliver", "unlock", "discard"}},
		{"the commit fails after it was seen", func(n *noted, _ *keys.CreateRequest) { n.commit, n.seen = broken, true }, nil, true,
			[]string{"random", "stage", "lock", "insert", "record", "deliver", "unlock", "discard"}},
		{"it cannot be published", func(n *noted, _ *keys.CreateRequest) { n.publish = broken }, broken, false,
			[]string{"random", "stage", "lock", "insert", "record", "deliver", "unlock", "publish"}},
	} {
		n, s := newNoted()
		var q keys.CreateRequest
		tt.prepare(n, &q)
		_, err := s.Create(t.Context(), q, n)
		if dead := err != nil && strings.Contains(err.Error(), "is dead"); dead != tt.dead || !dead && !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
		n.want(t, tt.name, tt.order...)
	}
}

// A token that is dead says so without losing why.
func TestDeadTokenKeepsTheReason(t *testing.T) {
	n, s := newNoted()
	n.seen, n.commit = true, keys.Errorf(keys.ReasonBusy, "locked").OnPath("/a.db")
	_, err := s.Create(t.Context(), keys.CreateRequest{}, n)
	var e *keys.Error
	if !errors.As(err, &e) || e.Reason != keys.ReasonBusy || e.Path != "/a.db" || !strings.HasPrefix(e.Message, "locked; ") {
		t.Errorf("%+v", err)
	}
}

// repeating gives the same randomness some times over.
type repeating struct {
	again int
	first []byte
	then  io.Reader
}

func (r *repeating) Read(p []byte) (int, error) {
	if r.again--; r.again >= 0 {
		return copy(p, r.first), nil
	}
	return r.then.Read(p)
}

func TestIDsThatExistAreDrawnAgain(t *testing.T) {
	first := make([]byte, 64)
	if _, err := io.ReadFull(seeded(7), first); err != nil {
		t.Fatal(err)
	}
	for again, want := range map[int]keys.Reason{0: "", 1: "", 5: "", 6: keys.ReasonTokenTaken, 1000: keys.ReasonTokenTaken} {
		n, s := newNoted()
		draws := &repeating{1, first, seeded(9)}
		s.Rand = draws
		if _, err := s.Create(t.Context(), keys.CreateRequest{}, n); err != nil {
			t.Fatal(err)
		}
		draws.again = again
		_, err := s.Create(t.Context(), keys.CreateRequest{}, n)
		if want == "" && err != nil {
			t.Errorf("an id drawn %d times more: %v", again, err)
		} else if want != "" {
			wantReason(t, "an id drawn for ever", err, want)
		}
	}
}

func TestRandomnessThatFailsMakesNothing(t *testing.T) {
	n, s := newNoted()
	s.Rand = io.LimitReader(seeded(1), 10)
	_, err := s.Create(t.Context(), keys.CreateRequest{}, n)
	wantReason(t, "no randomness", err, keys.ReasonFailed)
	n.want(t, "nothing began")
}
