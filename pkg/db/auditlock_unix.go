//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package db

import (
	"errors"
	"os"
	"syscall"
)

// noFollow keeps a link from being opened that took the file's place after a look.
const noFollow = syscall.O_NOFOLLOW

// lockFile takes the exclusive lock of a file, or gives errFileLocked at once. The
// lock ends with the process, however that ends.
func lockFile(f *os.File) error {
	err := retried(func() error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) })
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errFileLocked{}
	}
	return err
}

func unlockFile(f *os.File) error {
	return retried(func() error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) })
}

// retried calls again what a signal interrupted.
func retried(call func() error) error {
	for {
		if err := call(); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
