//go:build !linux

package db

// usersOf knows nothing there.
func usersOf(string) []process { return nil }

// commandOf knows nothing there.
func commandOf(int) string { return "" }
