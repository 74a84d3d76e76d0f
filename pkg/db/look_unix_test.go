//go:build unix

package db

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

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
			for uid, owner := range map[int]string{strangerUID: "#" + strconv.Itoa(serverUID), serverUID: ""} {
				want := report{Reason: keys.ReasonUnreadable, Owner: owner}
				if diff := cmp.Diff(want, guest(t, order{UID: uid, GID: groupGID, Do: "read", Path: path})); diff != "" {
					t.Errorf("uid %d: %s", uid, diff)
				}
			}
		})
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
