package db

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// dropChown takes the capability to give files away from this thread, and keeps
// the caller on it.
func dropChown(t *testing.T) {
	runtime.LockOSThread()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		t.Fatal(err)
	}
	sets[0].Effective &^= 1 << unix.CAP_CHOWN
	sets[0].Permitted &^= 1 << unix.CAP_CHOWN
	if err := unix.Capset(&header, &sets[0]); err != nil {
		t.Fatal(err)
	}
}
