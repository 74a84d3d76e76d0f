package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Where SQLite locks, https://www.sqlite.org/fileformat2.html#wal_locks and
// https://www.sqlite.org/lockingv3.html
const (
	pendingByte = 0x40000000 // of the file; the byte behind it is that of a writer
	walByte     = 120        // of the -shm: that of a writer
	openByte    = 128        // of the -shm: that of whoever has the database open
)

const (
	lockLooks = 10 // a lock that is held at every one of these is no short one
	lockPause = 100 * time.Millisecond
)

// process is one that has a file open, or locked.
type process struct {
	id   int
	name string // "" where it is not known

	known  bool // who it acts as
	uid    int
	groups []int
}

// in tells whether it acts for this group.
func (p process) in(gid int) bool { return slices.Contains(p.groups, gid) }

func (p process) String() string {
	switch {
	case p.id <= 0:
		return "a process that this user cannot see"
	case p.name == "":
		return fmt.Sprintf("process %d", p.id)
	}
	return fmt.Sprintf("process %d (%s)", p.id, keys.PrintableText(p.name))
}

// holders tells who works with the database, as far as this user may see. It comes
// before any connection: to close a file that is open here drops SQLite's locks.
func (x *examination) holders(ctx context.Context) (held bool) {
	p, held := x.writer()
	for n := 1; held && n < lockLooks && ctx.Err() == nil; n++ {
		time.Sleep(lockPause)
		if p, held = x.writer(); !held {
			break
		}
	}
	switch {
	case held:
		f := keys.Finding{Check: "lock", Level: keys.Warning, Path: x.l.Path}
		f.Reason = fmt.Sprintf("%s has held the write lock for a second: nobody else can write", p)
		if p.id > 0 {
			f.Shell = fmt.Sprintf("ps -fp %d", p.id)
		}
		x.add(f)
	case len(x.users) > 0:
		x.fine("lock", "nobody holds the write lock; the database is open in "+listed(x.users), x.l.Path)
	default:
		x.fine("lock", "nobody holds the write lock", x.l.Path)
	}
	return held
}

// writer returns the process that is writing.
func (x *examination) writer() (process, bool) {
	id, held := lockedBy(x.l.Path, pendingByte, 2)
	if !held && x.l.SHM {
		id, held = lockedBy(x.l.Path+"-shm", walByte, 1)
	}
	return process{id: id, name: commandOf(id)}, held
}

// logInUse tells whether anybody has the write-ahead log open.
func (x *examination) logInUse() bool {
	_, held := lockedBy(x.l.Path+"-shm", openByte, 1)
	return held
}

// listed names some of the processes.
func listed(list []process) string {
	const enough = 5
	var names []string
	for i, p := range list {
		if i == enough {
			names = append(names, fmt.Sprintf("%d more", len(list)-enough))
			break
		}
		names = append(names, p.String())
	}
	return strings.Join(names, ", ")
}
