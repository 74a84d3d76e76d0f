package cmd

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// writer is a standard output made of a function.
type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func newDelivery(out io.Writer, regular bool) *delivery {
	g := newGlobals(&Env{
		Out: out, Err: io.Discard, OutFile: regular, Now: func() time.Time { return time.Unix(1767323045, 0) },
		Getenv: func(string) string { return "" }, Width: func() int { return 0 },
	})
	return &delivery{g: g, ctx: context.Background()}
}

// tokens returns keys whose tokens are this long in all, newlines included.
func tokens(bytes int) []keys.Issued {
	return []keys.Issued{{Key: keys.Key{ID: "a1b2c3d4"}, Token: strings.Repeat("x", bytes-1)}}
}

func TestPipeTakesFourKilobytes(t *testing.T) {
	for _, c := range []struct {
		bytes   int
		regular bool
		ok      bool
	}{{4096, false, true}, {4097, false, false}, {4097, true, true}, {1 << 20, true, true}} {
		var got strings.Builder
		d := newDelivery(&got, c.regular)
		err := d.Stage(tokens(c.bytes))
		if c.ok != (err == nil) || !c.ok && !isReason(err, keys.ReasonInvalid) {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		if got.Len() != 0 {
			t.Errorf("%+v: %d bytes were written before the lock was taken", c, got.Len())
		}
		if !c.ok {
			continue
		}
		if seen, err := d.Deliver(); err != nil || !seen || got.Len() != c.bytes {
			t.Errorf("%+v: %d bytes, %t, %v", c, got.Len(), seen, err)
		}
	}
}

func TestDeliverTellsWhyItFailed(t *testing.T) {
	for want, cause := range map[string]error{
		"no space left on device": syscall.ENOSPC, "broken pipe": syscall.EPIPE, "something else": errors.New("something else"),
	} {
		d := newDelivery(writer(func([]byte) (int, error) { return 0, cause }), false)
		if err := d.Stage(tokens(60)); err != nil {
			t.Fatal(err)
		}
		seen, err := d.Deliver()
		if seen || !isReason(err, keys.ReasonOutput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%t, %v, want %s", seen, err, want)
		}
	}
}

// The lock is held meanwhile: others must not wait for a reader who has stopped.
func TestDeliverGivesUpOnAStuckReader(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	d := newDelivery(writer(func(b []byte) (int, error) { <-release; return len(b), nil }), false)
	d.g.timeout.Duration = 0 // which is no wait for locks
	if err := d.Stage(tokens(60)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	seen, err := d.Deliver()
	if seen || !isReason(err, keys.ReasonOutput) {
		t.Errorf("%t, %v", seen, err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("gave up after %s", took)
	}
}

// Not to wait for locks is not to hurry the reader.
func TestDeliverWaitsForAReaderWithoutATimeout(t *testing.T) {
	d := newDelivery(writer(func(b []byte) (int, error) { time.Sleep(20 * time.Millisecond); return len(b), nil }), false)
	d.g.timeout.Duration = 0
	if err := d.Stage(tokens(60)); err != nil {
		t.Fatal(err)
	}
	if seen, err := d.Deliver(); !seen || err != nil {
		t.Errorf("%t, %v", seen, err)
	}
}

func TestDeliverEndsWithTheCommand(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	d := newDelivery(writer(func(b []byte) (int, error) { cancel(); <-release; return len(b), nil }), false)
	d.ctx = ctx
	if err := d.Stage(tokens(60)); err != nil {
		t.Fatal(err)
	}
	if seen, err := d.Deliver(); seen || !isReason(err, keys.ReasonInterrupted) {
		t.Errorf("%t, %v", seen, err)
	}
}

func TestDeliverToFileWaitsForTheCommit(t *testing.T) {
	for _, dotenv := range []bool{false, true} {
		var got strings.Builder
		d := newDelivery(&got, false)
		target := filepath.Join(t.TempDir(), "target")
		if d.out = target; dotenv {
			d.out, d.envFile, d.envName = "", target, "KEY"
		}
		if err := d.Stage(tokens(60)); err != nil {
			t.Fatal(err)
		}
		if seen, err := d.Deliver(); seen || err != nil {
			t.Errorf("%t, %v: nobody can have seen it", seen, err)
		}
		staged := d.staged.path
		onlyFiles(t, staged)
		if err := d.Publish(); err != nil {
			t.Fatal(err)
		}
		onlyFiles(t, target)
		if got.Len() != 0 {
			t.Errorf("standard output got %q", got.String())
		}
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other")
	writeFile(t, other, "")
	d := newDelivery(io.Discard, false)
	d.out = filepath.Join(dir, "target")
	if err := d.Stage(tokens(60)); err != nil {
		t.Fatal(err)
	}
	d.Discard()
	d.Discard() // once more does no harm
	onlyFiles(t, other)
}

// An error after the commit must not read as if nothing had happened.
func TestPublishNamesTheKeyThatExists(t *testing.T) {
	d := newDelivery(io.Discard, false)
	d.out = filepath.Join(t.TempDir(), "target")
	if err := d.Stage(tokens(60)); err != nil {
		t.Fatal(err)
	}
	writeFile(t, d.out, "theirs")
	err := d.Publish()
	var e *keys.Error
	if !errors.As(err, &e) || e.Key != "a1b2c3d4" || !strings.HasPrefix(e.Message, "created, but ") {
		t.Errorf("%v", err)
	}
	for _, hint := range d.g.hints(e) {
		if strings.Contains(hint, "--out") {
			t.Errorf("the hint would create a second key: %s", hint)
		}
	}
}
