//go:build unix

package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// A directory that others may write to is told of with a command that leaves the owner
// of the database what a server needs.
func TestDirectoryThatOthersMayWrite(t *testing.T) {
	needsRoot(t)
	for _, c := range []struct {
		name     string
		mode     os.FileMode
		uid, gid int // of the directory
		level    keys.Level
		shell    string // with DIR for it
	}{
		{"everybody's", 0o777, serverUID, groupGID, keys.Problem, "chmod o-w DIR"},
		{"everybody's, of another", 0o777, strangerUID, 0, keys.Problem, "sudo chgrp 630003 DIR && sudo chmod g+w,o-w DIR"},
		{"sticky", os.ModeSticky | 0o777, 0, 0, keys.Problem, "mkdir -m 700 DIR/keyreeve"},
		{"its group's", 0o775, serverUID, groupGID, keys.Notice, "chmod g-w DIR"},
		{"a foreign group's", 0o775, serverUID, 640004, keys.Warning, "chmod g-w DIR"},
		{"by whose group its owner works", 0o775, strangerUID, groupGID, keys.Notice, "getent group 630003"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := serverDir(t, groupGID, 0o700)
			path := serverOwned(t, dir, "delete", groupGID, 0o600)
			if err := errors.Join(os.Chown(dir, c.uid, c.gid), os.Chmod(dir, c.mode)); err != nil {
				t.Fatal(err)
			}
			found := examinedAs(t, Options{Path: path}, Examiner{}).failing("files")
			if len(found) != 1 || found[0].Level != c.level || found[0].Path != dir {
				t.Fatalf("found: %+v", found)
			}
			if got := strings.ReplaceAll(found[0].Shell, dir, "DIR"); got != c.shell {
				t.Errorf("to mend it: %s, want %s", got, c.shell)
			}
			if !strings.Contains(c.shell, "chmod") { // which only shows, or begins, what has to be done
				return
			}
			mend(t, found[0])
			if got := guest(t, order{UID: serverUID, GID: groupGID, Do: "write", Path: path}); got.Reason == keys.ReasonReadOnly || got.Reason == keys.ReasonUnsafeDir {
				t.Errorf("the owner of the database is locked out: %+v", got)
			}
			for _, f := range examinedAs(t, Options{Path: path}, Examiner{}).failing("files") {
				if f.Level.Failing() {
					t.Errorf("afterwards: %+v", f)
				}
			}
		})
	}
}

// No command locks out who is at work.
func TestServerAtWorkIsNotLockedOut(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("nothing tells who has a file open")
	}
	dir := serverDir(t, 0, 0o777)
	path := serverOwned(t, dir, "wal", groupGID, 0o666)
	if err := os.Chown(dir, serverUID, groupGID); err != nil {
		t.Fatal(err)
	}
	look := func() (shells []string) {
		for _, f := range examinedAs(t, Options{Path: path}, Examiner{}).failing("files") {
			if f.Path == path || f.Path == dir {
				shells = append(shells, f.Shell)
			}
		}
		return shells
	}
	if got := fmt.Sprint(look()); got != fmt.Sprintf("[chmod o-rwx %s chmod o-w %s]", path, dir) {
		t.Errorf("nobody at work: %s", got)
	}
	stop := serve(t, order{UID: strangerUID, GID: strangerUID, Path: path})
	defer stop()
	for _, shell := range look() {
		if !strings.HasPrefix(shell, "ps -fp ") {
			t.Errorf("it would be locked out by %s", shell)
		}
	}
}

// What is beside the database must be for the same users as it is.
func TestFilesBesideOfOthers(t *testing.T) {
	for _, c := range []struct {
		name     string
		uid, gid int
		mode     os.FileMode
		level    keys.Level
	}{
		{"a stranger's", strangerUID, strangerUID, 0o660, keys.Problem},
		{"a foreign group's", serverUID, strangerUID, 0o660, keys.Warning},
		{"not for the group", serverUID, groupGID, 0o640, keys.Problem},
		{"for others", serverUID, groupGID, 0o664, keys.Warning},
		{"a friend's", strangerUID, groupGID, 0o660, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := serverDir(t, groupGID, os.ModeSetgid|0o770)
			path := serverOwned(t, dir, "delete", groupGID, 0o660)
			beside := filepath.Join(dir, "a.db-wal")
			writeTo(t, beside, "")
			if err := errors.Join(os.Chown(beside, c.uid, c.gid), os.Chmod(beside, c.mode)); err != nil {
				t.Fatal(err)
			}
			found := examinedAs(t, Options{Path: path}, Examiner{}).failing("files")
			if c.level == "" {
				if len(found) > 0 {
					t.Errorf("found: %+v", found)
				}
				return
			}
			if len(found) != 1 || found[0].Level != c.level {
				t.Fatalf("found: %+v", found)
			}
			mend(t, found[0])
			if again := examinedAs(t, Options{Path: path}, Examiner{}).failing("files"); len(again) > 0 {
				t.Errorf("after %s: %+v", found[0].Shell, again)
			}
		})
	}
}
