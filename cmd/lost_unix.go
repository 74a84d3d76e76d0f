//go:build unix

package cmd

import (
	"os"

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
