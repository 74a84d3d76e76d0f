//go:build unix

package db

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// lookFlags open a file for a look. Not blocking matters if a FIFO takes the
// file's place after its kind was checked.
const lookFlags = os.O_RDONLY | syscall.O_NONBLOCK

// currentIdentity returns who this process acts as.
func currentIdentity() identity {
	uid := os.Geteuid()
	return identity{uid: uid, canChown: uid == 0 && mayChown()}
}

// ownerOf returns the user and the group that a file belongs to.
func ownerOf(info fs.FileInfo) (uid, gid int) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid), int(st.Gid)
	}
	return -1, -1
}

// mayWrite asks the system, which knows more than the mode tells.
func mayWrite(path string, _ fs.FileInfo) bool {
	return unix.Faccessat(unix.AT_FDCWD, path, unix.W_OK, unix.AT_EACCESS) == nil
}

func worldWritable(mode fs.FileMode) bool { return mode&0o002 != 0 }

// userName returns what sudo -u takes: the name, or the number where there is none.
func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return "#" + strconv.Itoa(uid)
}

// groupName returns what chgrp takes: the name, or the number where there is none.
func groupName(gid int) string {
	if g, err := user.LookupGroupId(strconv.Itoa(gid)); err == nil {
		return g.Name
	}
	return strconv.Itoa(gid)
}

// syncDir makes a new name in dir survive a power cut.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
