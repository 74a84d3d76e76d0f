//go:build unix

package db

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// soon fails where work waits for something, or reads without end.
func soon(t *testing.T, what string, work func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatalf("%s does not end", what)
	}
}

func TestOnlyRegularFilesAreRead(t *testing.T) {
	h, layout := newHome(t)
	fifo := filepath.Join(h.dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{fifo: "it is a named pipe", "/dev/zero": "it is a device", h.dir: "it is a directory"} {
		soon(t, path, func() {
			h.env["CONFIG_PATH"] = ""
			h.refused(path, keys.ReasonLayoutFile, says)
			h.env["CONFIG_PATH"] = path
			h.refused(layout, keys.ReasonUnreadable, says)
		})
	}
}
