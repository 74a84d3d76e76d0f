//go:build unix && !linux

package db

// mayChown is true: only Linux takes single rights from root.
func mayChown() bool { return true }
