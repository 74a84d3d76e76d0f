//go:build unix

package cmd

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lost tells whether f was closed when the process began. The Go runtime then
// puts /dev/null in its place, opened for reading and writing, which no shell
// does for a redirection.
func lost(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return true
	}
	null, err := os.Stat(os.DevNull)
	if err != nil || !os.SameFile(info, null) {
		return false
	}
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_ACCMODE == unix.O_RDWR
}

// takes tells whether f takes as much as a pipe does at once, or would say why
// not, after waiting for that no longer than wait.
func takes(f *os.File, wait time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLOUT}}
	n, err := unix.Poll(fds, int(wait.Milliseconds()))
	return n > 0 || err != nil && err != unix.EINTR
}
