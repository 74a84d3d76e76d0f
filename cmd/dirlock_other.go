//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package cmd

// lockDir does nothing where directories cannot be locked.
func lockDir(string) (unlock func()) { return func() {} }
