package cmd_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/cmd"
)

// killCommitted is the variable that has a worker killed once its change is made.
const killCommitted = "TEST_KILL_COMMITTED"

// runKeyreeve is main with a clock that scripts can set: TEST_NOW is RFC 3339.
func runKeyreeve() int {
	env := cmd.NewEnv()
	if now := os.Getenv("TEST_NOW"); now != "" {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			panic(err)
		}
		env.Now = func() time.Time { return at }
	}
	if os.Getenv(killCommitted) != "" {
		env.Committed = killed
	}
	return cmd.Run(context.Background(), env, os.Args[1:])
}

// killed ends the process as kill -9 does.
func killed() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {}
}

// rotations is a server's key, and the dotenv file that its client reads.
type rotations struct {
	t          *testing.T
	dir, audit string
	flags      []string // of commands that make keys
	env        []string
}

// newRotations makes a database of this layout with the client's key. The tables of
// other servers are in testdata.
func newRotations(t *testing.T, layout string, flags ...string) *rotations {
	t.Helper()
	r := &rotations{t: t, dir: t.TempDir(), flags: flags}
	if err := os.Chmod(r.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r.env = append(os.Environ(), "KEYREEVE_DB="+filepath.Join(r.dir, "keys.db"))
	if layout != "native" {
		r.audit = filepath.Join(r.dir, "audit.jsonl")
		r.env = append(r.env, "KEYREEVE_AUDIT_LOG="+r.audit)
		r.makeTables(layout)
	}
	r.do(append([]string{"bootstrap", "--out", "first"}, flags...)...)
	if err := os.WriteFile(filepath.Join(r.dir, ".env"), []byte("# of the client\nAPI_KEY=\nOTHER=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.do(append([]string{"create", "--label", "web", "--env-file", ".env", "--env-name", "API_KEY"}, flags...)...)
	return r
}

func (r *rotations) makeTables(layout string) {
	r.t.Helper()
	ddl, err := os.ReadFile(filepath.Join("testdata", layout+".sql"))
	if err != nil {
		r.t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.dir, "keys.db"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(string(ddl)); err != nil {
		r.t.Fatal(err)
	}
}

// start begins a run of keyreeve in the directory.
func (r *rotations) start(stdin string, args ...string) (c *exec.Cmd, said *bytes.Buffer) {
	r.t.Helper()
	c, said = exec.Command("keyreeve", args...), &bytes.Buffer{}
	c.Dir, c.Stdin, c.Stderr, c.Env = r.dir, strings.NewReader(stdin), said, r.env
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

// says runs keyreeve and returns its standard output.
func (r *rotations) says(args ...string) string {
	r.t.Helper()
	c := exec.Command("keyreeve", args...)
	c.Dir, c.Env = r.dir, r.env
	out, err := c.Output()
	if err != nil {
		r.t.Fatalf("%q: %v", args, err)
	}
	return string(out)
}

func (r *rotations) accepted(token string) bool {
	c, _ := r.start(token, "verify")
	return c.Wait() == nil
}

// token returns what the client reads, of whole lines only.
func (r *rotations) token() string { return r.tokenIn(filepath.Join(r.dir, ".env")) }

func (r *rotations) tokenIn(path string) string {
	r.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	token, found := strings.CutPrefix(string(text), "# of the client\nAPI_KEY=")
	if !found || !strings.HasSuffix(token, "\nOTHER=1\n") {
		r.t.Fatalf("%s is damaged: %d bytes", path, len(text))
	}
	return strings.Trim(strings.TrimSuffix(token, "\nOTHER=1\n"), "'")
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
