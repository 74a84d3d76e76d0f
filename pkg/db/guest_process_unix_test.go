//go:build unix

package db

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Users that exist nowhere, and a group of both.
const (
	serverUID   = 610001
	strangerUID = 620002
	groupGID    = 630003
)

// guestEnv holds the order for TestGuestProcess, as JSON.
const guestEnv = "KEYREEVE_TEST_GUEST"

// order tells a process of this test binary to become a user and to do one thing.
type order struct {
	UID, GID int
	Weak     bool // root without the capability to give files away
	Do       string
	Path     string
}

// report is what came of it.
type report struct {
	Reason keys.Reason
	Owner  string
	Rows   int
}

// TestGuestProcess is no test: it is what the other processes of these tests run.
func TestGuestProcess(t *testing.T) {
	var o order
	if json.Unmarshal([]byte(os.Getenv(guestEnv)), &o) != nil {
		return
	}
	become(t, o)
	rows, err := guestActs[o.Do](t, o.Path)
	said := report{Reason: reasonOf(err), Rows: rows}
	var e *keys.Error
	if errors.As(err, &e) {
		said.Owner = e.Owner
	}
	json.NewEncoder(os.Stdout).Encode(said)
	os.Exit(0)
}

func become(t *testing.T, o order) {
	if o.Weak {
		dropChown(t)
		return
	}
	if os.Geteuid() != 0 {
		return // the tests that need another user have been skipped
	}
	if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(o.GID), syscall.Setuid(o.UID)); err != nil {
		t.Fatal(err)
	}
}

var guestActs = map[string]func(t *testing.T, path string) (int, error){
	"read":  func(_ *testing.T, path string) (int, error) { return visit(path, ReadOnly, currentIdentity()) },
	"write": func(_ *testing.T, path string) (int, error) { return visit(path, ReadWrite, currentIdentity()) },
	"make": func(t *testing.T, path string) (int, error) {
		serverDB(t, path, "wal")
		return 0, nil
	},
	// serve is a server with an open database and a started change, until its input ends.
	"serve": func(t *testing.T, path string) (int, error) {
		mustExec(t, serverPool(t, path, "wal"), "BEGIN IMMEDIATE", "INSERT INTO t (b) VALUES ('server')")
		fmt.Println("serving")
		_, err := io.Copy(io.Discard, os.Stdin)
		return 0, err
	},
}

func guestCommand(t *testing.T, o order) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestGuestProcess$")
	cmd.Env = append(os.Environ(), guestEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	return cmd
}

// guest runs the order in a process of its own.
func guest(t *testing.T, o order) report {
	t.Helper()
	out, err := guestCommand(t, o).Output()
	if err != nil {
		t.Fatalf("%+v: %v\n%s", o, err, out)
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%+v: %s", o, out)
	}
	return r
}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can act as several users")
	}
}

// serverDir returns a directory of the server's that other users can reach.
func serverDir(t *testing.T, gid int, mode os.FileMode) string {
	t.Helper()
	needsRoot(t)
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for seen := filepath.Dir(dir); seen != filepath.Dir(seen); seen = filepath.Dir(seen) {
		if info, err := os.Stat(seen); err != nil || info.Mode()&0o001 == 0 {
			t.Skip("other users cannot reach", seen)
		}
	}
	inner := filepath.Join(dir, "srv")
	if err := errors.Join(os.Chmod(dir, 0o755), os.Mkdir(inner, 0o700), os.Chown(inner, serverUID, gid), os.Chmod(inner, mode)); err != nil {
		t.Fatal(err)
	}
	return inner
}

// serverOwned makes the server's database in dir, with this mode.
func serverOwned(t *testing.T, dir, journal string, gid int, mode os.FileMode) string {
	t.Helper()
	path := serverDB(t, filepath.Join(dir, "a.db"), journal)
	if err := errors.Join(os.Chown(path, serverUID, gid), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
	return path
}

// serve starts a server process that holds the write lock, and returns how to end it.
func serve(t *testing.T, o order) (stop func()) {
	t.Helper()
	o.Do = "serve"
	cmd := guestCommand(t, o)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "serving\n" {
		t.Fatalf("the server says %q, %v", line, err)
	}
	return func() { in.Close(); cmd.Wait() }
}
