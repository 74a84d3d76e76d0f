package db

import (
	"fmt"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// disk is what the system tells of the file system under a file.
type disk struct {
	known bool
	free  uint64 // bytes that this user may still write
	kind  string // of a file system of another machine, or of a program; "" for a local one
}

const (
	leastFree   = 64 << 20 // a server that writes at all soon needs that
	timesToo    = 2        // the file again: to make it anew takes that
	timesEnough = 10
)

// space looks at the file system.
func (x *examination) space() {
	d := diskOf(x.l.Dir)
	if !d.known {
		return
	}
	x.add(d.room(x.l.Dir, uint64(x.l.Size)))
	x.add(d.remote(x.l.Dir, x.l.WAL))
}

// room judges what is free by the size of the file.
func (d disk) room(dir string, size uint64) keys.Finding {
	f := keys.Finding{Check: "disk", Level: keys.Fine, Path: dir, Reason: fmt.Sprintf("%s are free for a file of %s", inBytes(d.free), inBytes(size))}
	switch {
	case d.free < leastFree, d.free < timesToo*size:
		f.Level = keys.Warning
	case d.free < timesEnough*size:
		f.Level = keys.Notice
	default:
		return f
	}
	f.Reason, f.Shell = "only "+f.Reason, shellLine("df", "-h", dir)
	return f
}

// remote judges whether locks can be relied on, https://www.sqlite.org/wal.html
func (d disk) remote(dir string, wal bool) keys.Finding {
	f := keys.Finding{Check: "filesystem", Level: keys.Fine, Path: dir, Reason: "the file system is a local one"}
	switch {
	case d.kind == "":
		return f
	case wal:
		f.Level, f.Reason = keys.Problem, "the write-ahead log does not work between machines, and the file system is "+d.kind+": move the database to a local disk"
	default:
		f.Level, f.Reason = keys.Warning, "the file system is "+d.kind+", whose locks may not hold between machines: move the database to a local disk"
	}
	f.Shell = shellLine("findmnt", "-T", dir)
	return f
}

// inBytes is a size for people.
func inBytes(n uint64) string {
	units := []string{"bytes", "KB", "MB", "GB", "TB"}
	i := 0
	for n >= 10240 && i < len(units)-1 {
		n, i = n>>10, i+1
	}
	return fmt.Sprintf("%d %s", n, units[i])
}
