package db

import "golang.org/x/sys/unix"

// mayChown tells whether root has kept the capability to give files away, which
// hardened containers take from it.
func mayChown() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return false
	}
	return sets[0].Effective&(1<<unix.CAP_CHOWN) != 0
}
