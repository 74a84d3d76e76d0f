//go:build darwin || freebsd

package db

import "golang.org/x/sys/unix"

// remoteKinds are the file systems that other machines or programs stand behind.
var remoteKinds = map[string]string{
	"nfs": "NFS", "smbfs": "SMB", "afpfs": "AFP", "webdav": "WebDAV", "fusefs": "FUSE", "macfuse": "FUSE", "osxfuse": "FUSE",
}

// diskOf asks the system.
func diskOf(dir string) disk {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return disk{}
	}
	return disk{known: true, free: uint64(max(st.Bavail, 0)) * uint64(st.Bsize), kind: remoteKinds[unix.ByteSliceToString(st.Fstypename[:])]}
}
