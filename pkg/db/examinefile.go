package db

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// files looks at owners and modes. Those of the directory matter as much: whoever may
// write there can take the files away.
func (x *examination) files() {
	before := len(x.Findings)
	x.fileMode()
	x.fileOwner()
	x.directory()
	x.sidecars()
	if len(x.Findings) == before {
		x.fine("files", fmt.Sprintf("the file is %s, in a directory that is %s", describe(x.l.Mode, x.l.uid), describe(x.l.DirMode, x.l.dirUID)), x.l.Path)
	}
}

// describe is a mode and who has it, such as "0600 of alice".
func describe(mode fs.FileMode, uid int) string {
	text := fmt.Sprintf("%04o", mode.Perm())
	if name := userName(uid); name != "" {
		text += " of " + name
	}
	return text
}

// fileMode tells who else can read the hashes, or write keys of their own.
func (x *examination) fileMode() {
	l := x.l
	f := keys.Finding{Check: "files", Path: l.Path}
	switch {
	case l.Mode&0o002 != 0:
		f.Level, f.Shell = keys.Problem, shellLine("chmod", "o-rwx", l.Path)
		f.Reason = "every user may write the database, and so make keys"
	case l.Mode&0o004 != 0 && reachable(l.Dir):
		f.Level, f.Shell = keys.Warning, shellLine("chmod", "o-rwx", l.Path)
		f.Reason = "every user can read the database, and so the hashes of its keys"
	case l.Mode&0o020 != 0 && l.DirMode&0o010 != 0 && !l.shared():
		f.Level, f.Shell = keys.Warning, shellLine("chmod", "g-rwx", l.Path)
		f.Reason = "the group of the file, " + groupName(l.gid) + ", may write the database, and so make keys"
	case l.Mode&0o040 != 0 && l.DirMode&0o010 != 0 && !l.shared():
		f.Level, f.Shell = keys.Notice, shellLine("chmod", "g-rwx", l.Path)
		f.Reason = "the group of the file can read the database, and so the hashes of its keys"
	default:
		return
	}
	x.add(x.sparing(f, l.Mode&0o006 == 0, l.uid, l.gid))
}

// reachable tells whether every user can get into the directory.
func reachable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode()&0o001 == 0 {
			return false
		}
		up := filepath.Dir(dir)
		if up == dir {
			return true
		}
		dir = up
	}
}

// fileOwner finds what root made in a directory that is somebody else's.
func (x *examination) fileOwner() {
	if x.ownedByDir() {
		x.add(keys.Finding{
			Check: "files", Level: keys.Warning, Path: x.l.Path, Shell: shellLine("sudo", "chown", x.owner(), x.l.Path),
			Reason: fmt.Sprintf("the file is root's in a directory of %s, whose server cannot write it", userName(x.l.dirUID)),
		})
	}
}

func (x *examination) ownedByDir() bool { return x.l.uid == 0 && x.l.dirUID > 0 }

// rightful is who the database should be of, and its group.
func (x *examination) rightful() (uid, gid int) {
	if x.ownedByDir() {
		return x.l.dirUID, x.l.dirGID
	}
	return x.l.uid, x.l.gid
}

// owner is that as chown takes it.
func (x *examination) owner() string {
	uid, gid := x.rightful()
	return fmt.Sprintf("%d:%d", uid, gid)
}
