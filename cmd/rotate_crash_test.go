//go:build unix

package cmd_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rotations is a server's key, and the dotenv file that its client reads.
type rotations struct {
	t   *testing.T
	dir string
}

// start begins a run of keyreeve in the directory.
func (r *rotations) start(stdin string, args ...string) (c *exec.Cmd, said *bytes.Buffer) {
	r.t.Helper()
	c, said = exec.Command("keyreeve", args...), &bytes.Buffer{}
	c.Dir, c.Stdin, c.Stderr = r.dir, strings.NewReader(stdin), said
	c.Env = append(os.Environ(), "KEYREEVE_DB="+filepath.Join(r.dir, "keys.db"))
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	return c, said
}

// do runs keyreeve to its end, which must be a good one, and returns what it said.
func (r *rotations) do(args ...string) string {
	r.t.Helper()
	c, said := r.start("", args...)
	if err := c.Wait(); err != nil {
		r.t.Fatalf("%q: %v: %s", args, err, said)
	}
	return said.String()
}

func (r *rotations) accepted(token string) bool {
	c, _ := r.start(token, "verify")
	return c.Wait() == nil
}

// token returns what the client reads, of whole lines only.
func (r *rotations) token() string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, ".env"))
	if err != nil {
		r.t.Fatal(err)
	}
	token, found := strings.CutPrefix(string(text), "# of the client\nAPI_KEY=")
	if !found || !strings.HasSuffix(token, "\nOTHER=1\n") {
		r.t.Fatalf("the dotenv file is damaged: %d bytes", len(text))
	}
	return strings.TrimSuffix(token, "\nOTHER=1\n")
}

// left returns the files that were prepared and not put in place.
func (r *rotations) left() []string {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.dir, ".env.keyreeve-*"))
	hidden, errHidden := filepath.Glob(filepath.Join(r.dir, "..env.keyreeve-*"))
	if err != nil || errHidden != nil {
		r.t.Fatal(err, errHidden)
	}
	return append(files, hidden...)
}

// A client reads its token from a dotenv file while rotations are killed at any
// moment. What it reads is accepted all the time, and the same request goes on.
func TestKilledRotationsKeepTheClient(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	r := &rotations{t: t, dir: t.TempDir()}
	if err := os.Chmod(r.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r.do("bootstrap", "--out", "first")
	if err := os.WriteFile(filepath.Join(r.dir, ".env"), []byte("# of the client\nAPI_KEY=\nOTHER=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.do("create", "--label", "web", "--env-file", ".env", "--env-name", "API_KEY")
	began := time.Now()
	r.do("verify", "--key-file", "first")
	usual := 3 * time.Since(began) // a rotation syncs files besides
	kept := 0
	for round := range 25 {
		if r.round(round, rand.N(usual)) {
			kept++
		}
	}
	if kept == 0 {
		t.Log("no rotation was killed between its commit and the dotenv file")
	}
}

// round kills a rotation, and repeats its request. It tells whether there was
// something to recover.
func (r *rotations) round(n int, after time.Duration) bool {
	r.t.Helper()
	old := r.token()
	rotate := []string{"rotate", "web", "--env-file", ".env", "--env-name", "API_KEY", "--overlap", "1h", "--request-id", "r" + strconv.Itoa(n)}
	c, _ := r.start("", rotate...)
	time.Sleep(after)
	_ = c.Process.Kill()
	_ = c.Wait()
	if now := r.token(); !r.accepted(now) {
		r.t.Errorf("round %d, killed after %s: the client's token is refused; it is the old one: %t", n, after, now == old)
	}
	left := r.left()
	said := r.do(rotate...)
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
	return len(left) > 0
}

// oneLine checks that each rotation has made one key.
func (r *rotations) oneLine(n int) {
	r.t.Helper()
	var ids bytes.Buffer
	c := exec.Command("keyreeve", "list", "--label", "web", "-o", "csv", "--columns", "successor", "--no-headers")
	c.Env = append(os.Environ(), "KEYREEVE_DB="+filepath.Join(r.dir, "keys.db"))
	c.Stdout = &ids
	if err := c.Run(); err != nil {
		r.t.Fatal(err)
	}
	seen := map[string]int{}
	for _, id := range strings.Split(strings.TrimSuffix(ids.String(), "\n"), "\n") {
		seen[id]++
	}
	if len(seen) != n+2 || strings.Count(ids.String(), "\n") != n+2 {
		r.t.Errorf("round %d: the keys have the successors %v, want one each, and one key without", n, seen)
	}
}
