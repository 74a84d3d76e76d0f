package db

import (
	"io/fs"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Access is what a database is opened for.
type Access int

const (
	// ReadOnly changes nothing, and says so to SQLite.
	ReadOnly Access = iota
	// ReadWrite changes an existing database.
	ReadWrite
	// Create does what ReadWrite does, and makes the file if it is missing.
	Create
)

// identity is who this process acts as.
type identity struct {
	uid      int
	canChown bool // may give files away: root, unless it lacks that capability
}

// givesAway tells whether SQLite gives the files that it makes to the database's
// owner: it tries to exactly if the process is root.
func (id identity) givesAway() bool { return id.uid == 0 && id.canChown }

// other names the user with this uid, if acting as that one can help: not where
// it is this one, nor where even root is refused.
func (id identity) other(uid int) string {
	if id.uid == 0 || id.uid == uid {
		return ""
	}
	return userName(uid)
}

// check refuses to open the database where that could harm the server that owns
// it, or is bound to fail. The errors are ReasonMissing, ReasonUnsafeDir,
// ReasonWrongUser and ReasonReadOnly, the last two with the user who may.
func (l look) check(access Access, id identity) error {
	for _, rule := range []func(Access, identity) error{
		l.checkExists, l.checkDir, l.checkUser, l.checkTraces, l.checkCreator, l.checkWritable,
	} {
		if err := rule(access, id); err != nil {
			return err
		}
	}
	return nil
}

func (l look) checkExists(access Access, _ identity) error {
	switch {
	case l.DirMissing:
		return l.refuse(keys.ReasonMissing, "", "no database at %s: the directory %s does not exist", l.Path, l.Dir)
	case l.Missing && access != Create:
		return l.refuse(keys.ReasonMissing, "", "no database at %s: the file does not exist", l.Path)
	}
	return nil
}

// checkDir refuses a directory that everyone may write to, sticky or not:
// anybody could put a -journal there, which SQLite would play into the database.
func (l look) checkDir(Access, identity) error {
	if worldWritable(l.DirMode) {
		return l.refuse(keys.ReasonUnsafeDir, "", "%s is in a directory that every user may write to", l.Path)
	}
	return nil
}

// checkUser refuses a user, reading or writing, who would leave -wal and -shm
// files that the server cannot write. Nobody makes such files while both exist.
func (l look) checkUser(_ Access, id identity) error {
	switch {
	case !l.makesSidecars(), id.uid == l.uid, id.givesAway():
		return nil
	case !l.DirWritable:
		return l.refuse(keys.ReasonWrongUser, l.owner(),
			"%s belongs to %s, and while nobody has it open another user must be able to create files beside it", l.Path, l.owner())
	case l.shared():
		return nil
	case id.uid == 0:
		return l.refuse(keys.ReasonWrongUser, l.owner(),
			"%s belongs to %s, and this root lacks CAP_CHOWN: it would leave files beside it that %s cannot write", l.Path, l.owner(), l.owner())
	}
	return l.refuse(keys.ReasonWrongUser, l.owner(),
		"%s belongs to %s: another user would leave files beside it that %s cannot write", l.Path, l.owner(), l.owner())
}

// makesSidecars tells whether whoever opens the database makes files beside it.
func (l look) makesSidecars() bool { return l.WAL && !(l.SHM && l.WALFile) }

// checkTraces refuses whoever may make files beside the database but not write it,
// its owner too: who cannot write it leaves them behind, with its mode, and a server
// that may write the file again later cannot write those.
func (l look) checkTraces(_ Access, id identity) error {
	if !l.makesSidecars() || l.Writable || !l.DirWritable {
		return nil
	}
	return l.refuse(keys.ReasonReadOnly, id.other(l.uid),
		"this user may not write %s, and even to read it would leave files beside it that its server cannot write", l.Path)
}

// shared tells whether whatever is created beside the file gets its group, from
// the directory, and its mode, from SQLite, and whether that lets the group write.
func (l look) shared() bool {
	return l.DirMode&fs.ModeSetgid != 0 && l.Mode&0o020 != 0 && l.gid == l.dirGID
}

// checkCreator refuses a root who cannot give a new file to the directory's owner.
func (l look) checkCreator(_ Access, id identity) error {
	if l.Missing && id.uid == 0 && !id.canChown && l.dirUID != 0 {
		return l.refuse(keys.ReasonWrongUser, l.dirOwner(),
			"%s belongs to %s, and this root lacks CAP_CHOWN: it would create a database that %s cannot write", l.Dir, l.dirOwner(), l.dirOwner())
	}
	return nil
}

// checkWritable refuses what is bound to fail halfway.
func (l look) checkWritable(access Access, id identity) error {
	switch {
	case !l.DirWritable && l.needsDir(access):
		return l.refuse(keys.ReasonReadOnly, l.dirCure(id), "this user may not create files in %s, which this needs", l.Dir)
	case access != ReadOnly && !l.Missing && !l.Writable:
		return l.refuse(keys.ReasonReadOnly, id.other(l.uid), "this user may not write %s", l.Path)
	}
	return nil
}

// needsDir tells whether SQLite will have to create a file beside the database.
func (l look) needsDir(access Access) bool {
	return l.makesSidecars() || !l.WAL && access != ReadOnly
}

// dirCure names who may create files in the directory: the database's owner if
// that is somebody else, or else the directory's.
func (l look) dirCure(id identity) string {
	if !l.Missing && l.uid != id.uid {
		return id.other(l.uid)
	}
	return id.other(l.dirUID)
}

func (l look) owner() string    { return userName(l.uid) }
func (l look) dirOwner() string { return userName(l.dirUID) }

func (l look) refuse(r keys.Reason, owner, format string, args ...any) error {
	e := keys.Errorf(r, format, args...).OnPath(l.Path)
	e.Owner = owner
	return e
}
