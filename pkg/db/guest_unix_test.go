//go:build unix

package db

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

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
		{"the server itself, whose file is not to be written", "wal", 0, 0o700, 0o444, order{UID: serverUID},
			report{Reason: keys.ReasonReadOnly}, report{Reason: keys.ReasonReadOnly}},
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
					want.Rows = max(want.Rows, got.Rows) // more if the other came first
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s:\n%s", do, diff)
				}
				if diff := cmp.Diff([]string{"a.db"}, namesIn(t, dir)); diff != "" {
					t.Errorf("%s left behind:\n%s", do, diff)
				}
			}
			if err := os.Chmod(path, tt.mode|0o200); err != nil {
				t.Fatal(err)
			}
			if tt.dirMode.Perm() != 0o777 {
				if r := guest(t, order{UID: serverUID, GID: tt.gid, Do: "write", Path: path}); r.Reason != "" {
					t.Errorf("the server cannot write any more: %+v", r)
				}
			}
		})
	}
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
