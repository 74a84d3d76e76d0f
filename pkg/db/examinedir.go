package db

import (
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// directory tells who else may put files beside the database, or in its place.
func (x *examination) directory() {
	l := x.l
	f := keys.Finding{Check: "files", Path: l.Dir}
	switch {
	case worldWritable(l.DirMode) && l.DirMode&fs.ModeSticky != 0: // such as /tmp, which has to stay open
		f.Level, f.Shell = keys.Problem, shellLine("mkdir", "-m", "700", filepath.Join(l.Dir, "keyreeve"))
		f.Reason = "every user can put a journal beside the database, which SQLite would play into it: move it to a directory of its own while its server is stopped, and tell that server"
		x.add(f)
		return
	case worldWritable(l.DirMode):
		f.Level, f.Shell = keys.Problem, x.closing()
		f.Reason = "every user can put another database in the place of this one, or a journal beside it"
		x.add(x.sparing(f, false, l.dirUID, x.groupThere()))
		return
	case l.DirMode&0o020 == 0 || l.shared():
		return
	case !x.ownsDir():
		f.Level, f.Shell = keys.Notice, shellLine("getent", "group", fmt.Sprint(l.dirGID))
		f.Reason = fmt.Sprintf("every member of the group %s of the directory, by which %s works there, can put another database in the place of this one", groupName(l.dirGID), l.owner())
	case l.dirGID != l.gid:
		f.Level, f.Shell = keys.Warning, shellLine("chmod", "g-w", l.Dir)
		f.Reason = fmt.Sprintf("the group of the directory, %s, which is not that of the database, can put another database in the place of this one", groupName(l.dirGID))
	default:
		f.Level, f.Shell = keys.Notice, shellLine("chmod", "g-w", l.Dir)
		f.Reason = "the group of the directory can put another database in the place of this one"
	}
	x.add(x.sparing(f, true, l.dirUID, l.dirGID))
}

// ownsDir tells whether who owns the database needs no right of others in the directory.
func (x *examination) ownsDir() bool {
	uid, _ := x.rightful()
	return uid == x.l.dirUID || uid == 0
}

// groupThere is the group of the directory once it is closed to others.
func (x *examination) groupThere() int {
	if x.ownsDir() {
		return x.l.dirGID
	}
	return x.l.gid
}

// closing is the command that keeps others from writing to the directory, but not who
// owns the database: the server is taken for that user.
func (x *examination) closing() string {
	if x.ownsDir() {
		return shellLine("chmod", "o-w", x.l.Dir)
	}
	return shellLine("sudo", "chgrp", fmt.Sprint(x.groupThere()), x.l.Dir) + " && " + shellLine("sudo", "chmod", "g+w,o-w", x.l.Dir)
}

// sparing names, instead of a command that takes a right of the group or of all others
// away, a process that works with the database by that right. It is one to a file of
// this owner and group.
func (x *examination) sparing(f keys.Finding, group bool, uid, gid int) keys.Finding {
	for _, p := range x.users {
		if p.known && p.uid != 0 && p.uid != uid && p.in(gid) == group {
			f.Shell = fmt.Sprintf("ps -fp %d", p.id)
			f.Reason += fmt.Sprintf("; %s of %s works with it by that right and would be locked out", p, userName(p.uid))
			break
		}
	}
	return f
}
