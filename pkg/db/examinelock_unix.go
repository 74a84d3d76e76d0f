//go:build darwin || dragonfly || freebsd || linux || netbsd

package db

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

const seesLocks = true

// lockedBy asks who keeps others from writing these bytes of a file. It takes no lock.
func lockedBy(path string, start, length int64) (id int, held bool) {
	f, err := os.OpenFile(path, lookFlags|noFollow, 0)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: start, Len: length}
	if unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock) != nil {
		return 0, false
	}
	return int(lock.Pid), lock.Type != unix.F_UNLCK
}
