//go:build unix

package db

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

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

func TestRefusedKinds(t *testing.T) {
	dir := ownDir(t)
	fifo, socket := filepath.Join(dir, "fifo"), filepath.Join(dir, "socket")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, path := range []string{fifo, socket, os.DevNull} {
		_, err := lookAt(path)
		wantReason(t, err, keys.ReasonNotDatabase)
	}
}

func TestUnreadable(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"file":      func(path string) error { return os.Chmod(path, 0) },
		"directory": func(path string) error { return os.Chmod(filepath.Dir(path), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			if os.Geteuid() != 0 {
				path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "delete")
				t.Cleanup(func() { os.Chmod(filepath.Dir(path), 0o755) })
				if err := change(path); err != nil {
					t.Fatal(err)
				}
				_, err := lookAt(path)
				wantReason(t, err, keys.ReasonUnreadable)
				return
			}
			path := serverOwned(t, serverDir(t, 0, 0o755), "delete", 0, 0o600)
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			want := report{Reason: keys.ReasonUnreadable, Owner: "#" + strconv.Itoa(serverUID)}
			if diff := cmp.Diff(want, guest(t, order{UID: strangerUID, GID: groupGID, Do: "read", Path: path})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestGuests acts as other users, and checks after each that the server can still write.
func TestGuests(t *testing.T) {
	owner := "#" + strconv.Itoa(serverUID)
	stranger := order{UID: strangerUID, GID: groupGID}
	for _, tt := range []struct {
		name    string
		journal string
		gid     int
		dirMode os.FileMode
		mode    os.FileMode
		as      order
		read    report
		write   report
	}{
		{"stranger in a group directory", "wal", groupGID, 0o770, 0o644, stranger,
			report{Reason: keys.ReasonWrongUser, Owner: owner}, report{Reason: keys.ReasonWrongUser, Owner: owner}},
		{"stranger in a shared directory", "wal", groupGID, os.ModeSetgid | 0o770, 0o660, stranger,
			report{Rows: 3}, report{Rows: 4}},
		{"stranger in the server's directory", "wal", groupGID, 0o755, 0o644, stranger,
			report{Reason: keys.ReasonWrongUser, Owner: owner}, report{Reason: keys.ReasonWrongUser, Owner: owner}},
		{"stranger, rollback journal", "delete", groupGID, 0o755, 0o644, stranger,
			report{Rows: 3}, report{Reason: keys.ReasonReadOnly, Owner: owner}},
		{"stranger who may write, rollback journal", "delete", groupGID, 0o770, 0o660, stranger,
			report{Rows: 3}, report{Rows: 4}},
		{"stranger, everyone's directory", "delete", 0, os.ModeSticky | 0o777, 0o666, stranger,
			report{Reason: keys.ReasonUnsafeDir}, report{Reason: keys.ReasonUnsafeDir}},
		{"root", "wal", 0, 0o700, 0o600, order{}, report{Rows: 3}, report{Rows: 4}},
		{"the server itself", "wal", 0, 0o700, 0o600, order{UID: serverUID}, report{Rows: 3}, report{Rows: 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := serverDir(t, tt.gid, tt.dirMode)
			path := serverOwned(t, dir, tt.journal, tt.gid, tt.mode)
			for do, want := range map[string]report{"read": tt.read, "write": tt.write} {
				o := tt.as
				o.Do, o.Path = do, path
				got := guest(t, o)
				if want.Rows > 0 {
					want.Rows = got.Rows // depends on who wrote before
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s:\n%s", do, diff)
				}
				if diff := cmp.Diff([]string{"a.db"}, namesIn(t, dir)); diff != "" {
					t.Errorf("%s left behind:\n%s", do, diff)
				}
			}
			if tt.dirMode.Perm() != 0o777 {
				if r := guest(t, order{UID: serverUID, GID: tt.gid, Do: "write", Path: path}); r.Reason != "" {
					t.Errorf("the server cannot write any more: %+v", r)
				}
			}
		})
	}
}
