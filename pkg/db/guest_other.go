//go:build !unix

package db

import (
	"io/fs"
	"os"
)

// lookFlags open a file for a look.
const lookFlags = os.O_RDONLY

// currentIdentity returns the owner of every file: where a new file inherits who
// may write it from its directory, SQLite's files lock nobody out.
func currentIdentity() identity { return identity{uid: -1} }

func ownerOf(fs.FileInfo) (uid, gid int) { return -1, -1 }

func mayWrite(_ string, info fs.FileInfo) bool { return info.IsDir() || info.Mode()&0o200 != 0 }

func worldWritable(fs.FileMode) bool { return false }

func userName(int) string { return "" }

func groupName(int) string { return "" }

// syncDir does nothing: there, directories cannot be synced and need not be.
func syncDir(string) error { return nil }
