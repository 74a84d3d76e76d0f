//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package cmd

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lockDir keeps other runs from replacing files of a directory at the same time, and
// returns what ends that. The lock is of the directory, since a rename takes that of a
// file away. It is not waited for longer than any run needs it: what is to be written is
// the only copy of a token, and goes to its place in any case.
func lockDir(dir string) (unlock func()) {
	f, err := os.Open(dir)
	if err != nil {
		return func() {}
	}
	const pause = 5 * time.Millisecond
	for tries := 2 * time.Second / pause; tries > 0; tries-- {
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != unix.EWOULDBLOCK {
			break
		}
		time.Sleep(pause)
	}
	return func() { _ = f.Close() } // which ends the lock
}
