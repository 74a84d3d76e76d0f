//go:build unix

package cmd_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A client reads its token from a dotenv file while rotations are killed at any
// moment. What it reads is accepted all the time, and the same request goes on.
func TestKilledRotationsKeepTheClient(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	for name, flags := range map[string][]string{"native": nil, "proxbox": {"--bcrypt-cost", "4"}} {
		t.Run(name, func(t *testing.T) {
			r := newRotations(t, name, flags...)
			began := time.Now()
			r.do("verify", "--key-file", "first")
			usual := 3 * time.Since(began) // a rotation syncs files besides
			for n := range 20 {
				if n%4 == 3 {
					r.killedAtWorst(n)
				} else {
					r.killedAfter(n, rand.N(usual))
				}
			}
		})
	}
}

// killedAfter kills a rotation at some moment, and repeats its request.
func (r *rotations) killedAfter(n int, after time.Duration) {
	r.t.Helper()
	old := r.token()
	c, _ := r.start("", r.rotate(n)...)
	time.Sleep(after)
	_ = c.Process.Kill()
	_ = c.Wait()
	if now := r.token(); !r.accepted(now) {
		r.t.Errorf("round %d, killed after %s: the client's token is refused; it is the old one: %t", n, after, now == old)
	}
	r.repeated(n, old)
}

// killedAtWorst kills a rotation when the successor exists and the dotenv file does
// not know it yet. Every other time the audit does not even know that it exists.
func (r *rotations) killedAtWorst(n int) {
	r.t.Helper()
	old := r.token()
	r.env = append(r.env, killCommitted+"=1")
	c, said := r.start("", r.rotate(n)...)
	err := c.Wait()
	r.env = r.env[:len(r.env)-1]
	if c.ProcessState.ExitCode() >= 0 {
		r.t.Fatalf("round %d: not killed: %v: %s", n, err, said)
	}
	if now := r.token(); now != old || !r.accepted(now) {
		r.t.Errorf("round %d: the client's token is refused, or it is the old one: %t", n, now == old)
	}
	if left := r.left(); len(left) != 1 || !r.accepted(r.tokenIn(left[0])) {
		r.t.Errorf("round %d: %q is left, want a file with the successor's token", n, left)
	}
	if r.audit != "" && n%8 == 7 {
		r.forget()
	}
	r.repeated(n, old)
}

// repeated repeats the request of a round, which recovers from whatever became of it.
func (r *rotations) repeated(n int, old string) {
	r.t.Helper()
	left := r.left()
	said := r.do(r.rotate(n)...)
	for _, path := range left {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			r.t.Errorf("round %d: what was left is gone, or others can read it: %v, %v", n, info, err)
		}
		if !strings.Contains(said, filepath.Base(path)+" was left by an interrupted run") {
			r.t.Errorf("round %d: %s is not named: %s", n, path, said)
		}
		_ = os.Remove(path)
	}
	if now := r.token(); now == old || !r.accepted(now) || !r.accepted(old) {
		r.t.Errorf("round %d: the repeated request has not replaced the token, or it is refused", n)
	}
	r.oneLine(n)
}

// oneLine checks that each rotation has made one key, which replaced the one before.
func (r *rotations) oneLine(n int) {
	r.t.Helper()
	if made := strings.Count(r.says("list", "--label", "web", "-o", "id"), "\n"); made != n+2 {
		r.t.Errorf("round %d: %d keys", n, made)
	}
	old, next := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(r.says("rotate", "--status", "-o", "csv", "--columns", "old,new", "--no-headers")) {
		a, b, _ := strings.Cut(strings.TrimSpace(line), ",")
		old[a], next[b] = true, true
	}
	if len(old) != n+1 || len(next) != n+1 {
		r.t.Errorf("round %d: %d keys were replaced by %d", n, len(old), len(next))
	}
}

// forget takes the outcome of the last change out of the audit, as if the machine had
// stopped before that was written.
func (r *rotations) forget() {
	r.t.Helper()
	text, err := os.ReadFile(r.audit)
	if err != nil {
		r.t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	last := len(lines) - 2 // nothing follows the last one
	if !bytes.Contains(lines[last], []byte(`"phase":"committed"`)) {
		r.t.Fatal("the last line of the audit is no outcome")
	}
	if err := os.WriteFile(r.audit, bytes.Join(lines[:last], nil), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rotations) rotate(n int) []string {
	return append([]string{
		"rotate", "web", "--env-file", ".env", "--env-name", "API_KEY", "--overlap", "1h", "--request-id", "r" + strconv.Itoa(n),
	}, r.flags...)
}
