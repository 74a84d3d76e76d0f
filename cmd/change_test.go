package cmd

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// thinker is a person who does something else before saying yes.
type thinker struct {
	meanwhile func()
	asked     int
}

func (p *thinker) Read(b []byte) (int, error) {
	p.asked++
	p.meanwhile()
	return copy(b, "yes\n"), nil
}

// desk runs commands on one database as somebody at a terminal would.
type desk struct {
	t    *testing.T
	db   string
	said string // what the last command to end wrote to standard error
}

func newDesk(t *testing.T) *desk {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	d := &desk{t: t, db: filepath.Join(dir, "keys.db")}
	d.run(0, nil, "bootstrap")
	return d
}

// run returns what the command wrote to standard output.
func (d *desk) run(code int, in io.Reader, args ...string) string {
	d.t.Helper()
	var out, talk bytes.Buffer
	env := NewEnv()
	env.In, env.Out, env.Err, env.InTTY, env.ErrTTY, env.OutTTY = in, &out, &talk, in != nil, in != nil, false
	env.Now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	env.Actor = func() keys.Actor { return keys.Actor{User: "tester"} }
	env.Signals = func(ctx context.Context) context.Context { return ctx }
	got := Run(d.t.Context(), env, append(args, "--db", d.db))
	if d.said = talk.String(); got != code {
		d.t.Fatalf("keyreeve %s: exit code %d, want %d: %s", strings.Join(args, " "), got, code, d.said)
	}
	return out.String()
}

// The keys that a person said yes to are changed: not those that match by then, and
// the database is free while the person thinks.
func TestOnlyConfirmedKeysChange(t *testing.T) {
	for _, args := range [][]string{
		{"revoke", "--owner", "alice"}, {"delete", "--owner", "alice"}, {"prune", "--revoked-for", "0", "--owner", "alice"},
		{"update", "--where", "owner=alice", "--role", "bot"},
	} {
		t.Run(args[0], func(t *testing.T) {
			d := newDesk(t)
			create := func(label string) {
				d.run(0, nil, "create", "--owner", "alice", "--label", label)
				if args[0] == "prune" {
					d.run(0, nil, "revoke", label)
				}
			}
			create("old")
			person := &thinker{meanwhile: func() { create("new") }}
			got := d.run(0, person, append(args, "-o", "name")...)
			if got != "old\n" || person.asked != 1 {
				t.Errorf("changed %q, asked %d times, want the key that was shown, once", got, person.asked)
			}
		})
	}
}
