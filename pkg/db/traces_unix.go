//go:build darwin || dragonfly || freebsd || linux || netbsd

package db

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// lockBytes is how many bytes from [pendingByte] on SQLite has for locks on a file.
const lockBytes = 512

// whileUnused calls do while nobody has the database open or can open it, if that is
// so. This process must not have it open.
func whileUnused(path string, do func()) {
	f, err := os.OpenFile(path, os.O_RDWR|noFollow, 0)
	if err != nil {
		return
	}
	defer f.Close() // which ends the lock
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: pendingByte, Len: lockBytes}
	if unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock) == nil {
		do()
	}
}
