package db

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The people of these tests: the server's user, who owns the database, another
// one, and root with and without the right to give files away.
var (
	server    = identity{uid: 610001}
	stranger  = identity{uid: 620002}
	superuser = identity{uid: 0, canChown: true}
	weakRoot  = identity{uid: 0}
)

// served is a closed database in WAL mode that its server keeps in a directory
// of its own, and that the caller may write.
func served(change func(*look)) look {
	l := look{
		Path: "/srv/app/a.db", Dir: "/srv/app", Size: 8192, WAL: true,
		Mode: 0o644, Writable: true, DirMode: fs.ModeDir | 0o755, DirWritable: true,
		uid: 610001, gid: 100, dirUID: 610001, dirGID: 100,
	}
	change(&l)
	return l
}

func TestCheck(t *testing.T) {
	if !worldWritable(0o777) {
		t.Skip("no Unix permissions here")
	}
	both := []Access{ReadOnly, ReadWrite}
	setgid := func(l *look) { l.Mode, l.DirMode = 0o660, fs.ModeDir|fs.ModeSetgid|0o770 }
	for _, tt := range []struct {
		name   string
		change func(*look)
		who    identity
		access []Access
		want   keys.Reason
		owner  string
	}{
		{"its own server", func(*look) {}, server, both, "", ""},
		{"root", func(*look) {}, superuser, both, "", ""},
		{"root without chown", func(*look) {}, weakRoot, both, keys.ReasonWrongUser, "#610001"},
		{"root without chown, own file", func(l *look) { l.uid = 0 }, weakRoot, both, "", ""},
		{"root without chown, shared", setgid, weakRoot, both, "", ""},
		{"stranger", func(*look) {}, stranger, both, keys.ReasonWrongUser, "#610001"},
		{"stranger, rollback journal", func(l *look) { l.WAL = false }, stranger, both, "", ""},
		{"stranger, server is running", func(l *look) { l.SHM, l.WALFile = true, true }, stranger, both, "", ""},
		{"stranger, log without index", func(l *look) { l.WALFile = true }, stranger, both, keys.ReasonWrongUser, "#610001"},
		{"stranger, index without log", func(l *look) { l.SHM = true }, stranger, both, keys.ReasonWrongUser, "#610001"},
		{"stranger, shared", setgid, stranger, both, "", ""},
		{"stranger, file not for the group", func(l *look) { setgid(l); l.Mode = 0o640 }, stranger, both, keys.ReasonWrongUser, "#610001"},
		{"stranger, directory without setgid", func(l *look) { setgid(l); l.DirMode = fs.ModeDir | 0o770 }, stranger, both, keys.ReasonWrongUser, "#610001"},
		{"stranger, directory of another group", func(l *look) { setgid(l); l.dirGID = 7 }, stranger, both, keys.ReasonWrongUser, "#610001"},
		{"stranger, directory closed to him", func(l *look) { l.DirWritable = false }, stranger, both, keys.ReasonWrongUser, "#610001"},

		{"everyone's directory", func(l *look) { l.DirMode = fs.ModeDir | 0o777 }, server, both, keys.ReasonUnsafeDir, ""},
		{"everyone's sticky directory", func(l *look) { l.DirMode = fs.ModeDir | fs.ModeSticky | 0o777 }, superuser, both, keys.ReasonUnsafeDir, ""},

		{"file not writable", func(l *look) { l.WAL, l.Writable = false, false }, stranger, both[1:], keys.ReasonReadOnly, "#610001"},
		{"file not writable, reading", func(l *look) { l.WAL, l.Writable = false, false }, stranger, both[:1], "", ""},
		{"own file not writable", func(l *look) { l.Writable = false }, server, both[1:], keys.ReasonReadOnly, ""},
		{"own file not writable, reading", func(l *look) { l.Writable = false }, server, both[:1], keys.ReasonReadOnly, ""},
		{"own file not writable, reading beside the server", func(l *look) { l.SHM, l.WALFile, l.Writable = true, true, false }, server, both[:1], "", ""},
		{"shared, file not writable, reading", func(l *look) { setgid(l); l.Writable = false }, stranger, both[:1], keys.ReasonReadOnly, "#610001"},
		{"journal impossible", func(l *look) { l.WAL, l.DirWritable = false, false }, stranger, both[1:], keys.ReasonReadOnly, "#610001"},
		{"journal not needed to read", func(l *look) { l.WAL, l.DirWritable = false, false }, stranger, both[:1], "", ""},
		{"own file in another's directory", func(l *look) { l.DirWritable, l.dirUID = false, 630003 }, server, both, keys.ReasonReadOnly, "#630003"},
		{"own file in another's directory, index without log", func(l *look) { l.SHM, l.DirWritable, l.dirUID = true, false, 630003 }, server, both, keys.ReasonReadOnly, "#630003"},
		{"read-only mount, root", func(l *look) { l.DirWritable, l.Writable = false, false }, superuser, both, keys.ReasonReadOnly, ""},
		{"running server, closed directory", func(l *look) { l.SHM, l.WALFile, l.DirWritable = true, true, false }, stranger, both, "", ""},

		{"missing", func(l *look) { l.Missing = true }, server, both, keys.ReasonMissing, ""},
		{"missing directory", func(l *look) { l.Missing, l.DirMissing = true, true }, server, []Access{ReadOnly, ReadWrite, Create}, keys.ReasonMissing, ""},
		{"creating", func(l *look) { *l = look{Missing: true, DirWritable: true, dirUID: 610001} }, server, []Access{Create}, "", ""},
		{"creating as root", func(l *look) { *l = look{Missing: true, DirWritable: true, dirUID: 610001} }, superuser, []Access{Create}, "", ""},
		{"creating as weak root", func(l *look) { *l = look{Missing: true, DirWritable: true, dirUID: 610001} }, weakRoot, []Access{Create}, keys.ReasonWrongUser, "#610001"},
		{"creating in root's directory as weak root", func(l *look) { *l = look{Missing: true, DirWritable: true} }, weakRoot, []Access{Create}, "", ""},
		{"creating where we may not", func(l *look) { *l = look{Missing: true, dirUID: 610001} }, stranger, []Access{Create}, keys.ReasonReadOnly, "#610001"},
		{"creating in everyone's directory", func(l *look) { l.Missing, l.DirMode = true, 0o1777 }, server, []Access{Create}, keys.ReasonUnsafeDir, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, access := range tt.access {
				err := served(tt.change).check(access, tt.who)
				wantReason(t, err, tt.want)
				var e *keys.Error
				if errors.As(err, &e) && e.Owner != tt.owner {
					t.Errorf("access %d: owner %q, want %q", access, e.Owner, tt.owner)
				}
			}
		})
	}
}
