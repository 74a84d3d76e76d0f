package db

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
	case l.Mode&0o040 != 0 && l.DirMode&0o010 != 0 && !l.shared():
		f.Level, f.Shell = keys.Notice, shellLine("chmod", "g-rwx", l.Path)
		f.Reason = "the group of the file can read the database, and so the hashes of its keys"
	default:
		return
	}
	x.add(f)
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

// owner is who the database should be of, as chown takes it.
func (x *examination) owner() string {
	if x.ownedByDir() {
		return fmt.Sprintf("%d:%d", x.l.dirUID, x.l.dirGID)
	}
	return fmt.Sprintf("%d:%d", x.l.uid, x.l.gid)
}

// directory: one that everybody may write to is refused by [look.checkDir].
func (x *examination) directory() {
	l := x.l
	if l.DirMode&0o020 == 0 || worldWritable(l.DirMode) || l.shared() {
		return
	}
	x.add(keys.Finding{
		Check: "files", Level: keys.Notice, Path: l.Dir, Shell: shellLine("chmod", "g-w", l.Dir),
		Reason: "the group of the directory can put another database in the place of this one",
	})
}

// sidecars must be as the database is: a server that cannot write one cannot write.
func (x *examination) sidecars() {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		path := x.l.Path + suffix
		info, err := os.Lstat(path)
		if err != nil {
			continue
		}
		uid, _ := ownerOf(info)
		f := keys.Finding{Check: "files", Path: path}
		switch more := info.Mode().Perm() &^ x.l.Mode.Perm(); {
		case !info.Mode().IsRegular():
			f.Level, f.Reason, f.Shell = keys.Problem, "it is "+kindOf(info.Mode())+" and no file of SQLite's", shellLine("rm", path)
		case uid != x.l.uid && info.Mode()&0o020 == 0:
			f.Level, f.Shell = keys.Problem, shellLine("sudo", "chown", x.owner(), path)
			f.Reason = fmt.Sprintf("it is of %s, and %s, who owns the database, cannot write it", userName(uid), userName(x.l.uid))
		case more&0o066 != 0:
			f.Level, f.Shell = keys.Warning, shellLine("chmod", fmt.Sprintf("%04o", x.l.Mode.Perm()), path)
			f.Reason = fmt.Sprintf("its mode %04o lets others at what the database keeps from them by %04o", info.Mode().Perm(), x.l.Mode.Perm())
		default:
			continue
		}
		x.add(f)
	}
}

// shellLine quotes words for a POSIX shell where they need that.
func shellLine(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		special := func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@%+=,", r))
		}
		if quoted[i] = w; w == "" || strings.ContainsFunc(w, special) {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
