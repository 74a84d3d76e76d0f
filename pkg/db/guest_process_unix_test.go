//go:build unix

package db

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

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

func TestStrangerReadsBesideRunningServer(t *testing.T) {
	dir := serverDir(t, 0, 0o755)
	path := serverOwned(t, dir, "wal", 0, 0o644)
	stop := serve(t, order{UID: serverUID, Path: path})
	if got := guest(t, order{UID: strangerUID, GID: groupGID, Do: "read", Path: path}); got.Rows != 3 {
		t.Errorf("reads %+v", got)
	}
	stop()
	if r := guest(t, order{UID: serverUID, Do: "write", Path: path}); r.Reason != "" {
		t.Errorf("the server cannot write any more: %+v", r)
	}
}

func TestWeakRoot(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux takes single rights from root")
	}
	dir := serverDir(t, 0, 0o755)
	path := serverOwned(t, dir, "wal", 0, 0o644)
	want := report{Reason: keys.ReasonWrongUser, Owner: "#" + strconv.Itoa(serverUID)}
	if diff := cmp.Diff(want, guest(t, order{Weak: true, Do: "read", Path: path})); diff != "" {
		t.Error(diff)
	}
}

func TestCrashedChangeIsExplainedToReader(t *testing.T) {
	dir := serverDir(t, 0, 0o755)
	path := filepath.Join(dir, "a.db")
	crash(t, path)
	for _, name := range []string{path, path + "-journal"} {
		if err := errors.Join(os.Chown(name, serverUID, 0), os.Chmod(name, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want := report{Reason: keys.ReasonHotJournal, Owner: "#" + strconv.Itoa(serverUID)}
	if diff := cmp.Diff(want, guest(t, order{UID: strangerUID, GID: groupGID, Do: "read", Path: path})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a.db", "a.db-journal"}, namesIn(t, dir)); diff != "" {
		t.Errorf("other files than before:\n%s", diff)
	}
	if got := guest(t, order{UID: serverUID, Do: "read", Path: path}); got.Rows != 3000 {
		t.Errorf("the server's user reads %+v", got)
	}
}

func TestWhatRootCreatesBelongsToTheDirectorysOwner(t *testing.T) {
	dir := serverDir(t, groupGID, 0o755)
	path := filepath.Join(dir, "new.db")
	made := filepath.Join(dir, "share", "keyreeve")
	if _, err := createFile(path); err != nil {
		t.Fatal(err)
	}
	if err := MakeDefaultDir(made); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, made, filepath.Dir(made)} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if uid, gid := ownerOf(info); uid != serverUID || gid != groupGID {
			t.Errorf("%s belongs to %d:%d", name, uid, gid)
		}
	}
	guest(t, order{UID: serverUID, GID: groupGID, Do: "make", Path: path})
}

func TestAcquireWaitsForAnotherProcess(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "wal")
	stop := serve(t, order{UID: os.Geteuid(), GID: os.Getegid(), Path: path})
	pool := mustConnect(t, path, ReadWrite)
	begin := func() error { _, err := pool.Exec("BEGIN IMMEDIATE"); return err }
	wantReason(t, acquire(t.Context(), 50*time.Millisecond, nil, begin), keys.ReasonBusy)
	time.AfterFunc(200*time.Millisecond, stop)
	if err := acquire(t.Context(), time.Minute, nil, begin); err != nil {
		t.Error(err)
	}
}

func TestFIFOInPlaceOfFileDoesNotBlock(t *testing.T) {
	fifo := filepath.Join(ownDir(t), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan error, 1)
	go func() {
		_, err := readHead(fifo, headSize)
		read <- err
	}()
	select {
	case <-read:
	case <-time.After(5 * time.Second):
		t.Error("reading the head of a FIFO blocks")
	}
}
