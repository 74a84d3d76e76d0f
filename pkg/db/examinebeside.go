package db

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// sidecars must be as the database is, which is how SQLite makes them: a server that
// cannot write one cannot write.
func (x *examination) sidecars() {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		path := x.l.Path + suffix
		if info, err := os.Lstat(path); err == nil {
			if f, bad := x.sidecar(path, info); bad {
				x.add(f)
			}
		}
	}
}

// sidecar judges one of them.
func (x *examination) sidecar(path string, info fs.FileInfo) (f keys.Finding, bad bool) {
	uid, gid := ownerOf(info)
	owner, group := x.rightful()
	is, should := info.Mode().Perm(), x.l.Mode.Perm()
	f = keys.Finding{Check: "files", Path: path}
	switch {
	case !info.Mode().IsRegular():
		f.Level, f.Reason, f.Shell = keys.Problem, "it is "+kindOf(info.Mode())+" and no file of SQLite's", shellLine("rm", path)
	case uid != owner && owner != 0 && !(is&0o020 != 0 && gid == group):
		f.Level, f.Shell = keys.Problem, shellLine("sudo", "chown", x.owner(), path)
		f.Reason = fmt.Sprintf("it is of %s, and %s, who owns the database, cannot write it", userName(uid), userName(owner))
	case gid != group && should&0o060 != 0:
		f.Level, f.Shell = keys.Warning, shellLine("sudo", "chown", x.owner(), path)
		f.Reason = fmt.Sprintf("it is of the group %s, and the database, which its group may use, of the group %s", groupName(gid), groupName(group))
	case is&^should&0o066 != 0:
		f.Level, f.Shell = keys.Warning, x.asDatabase(path)
		f.Reason = fmt.Sprintf("its mode %04o lets others at what the database keeps from them by %04o", is, should)
	case should&^is&0o620 != 0:
		f.Level, f.Shell = keys.Problem, x.asDatabase(path)
		f.Reason = fmt.Sprintf("its mode %04o keeps from it who may write the database by %04o", is, should)
	default:
		return f, false
	}
	return f, true
}

func (x *examination) asDatabase(path string) string {
	return shellLine("chmod", fmt.Sprintf("%04o", x.l.Mode.Perm()), path)
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
