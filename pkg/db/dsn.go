package db

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// pragma is a setting of one connection.
type pragma struct {
	name  string
	value int64
}

// pragmas returns what must be in force on a connection: busy_timeout first,
// since the others may already have to wait. The journal mode belongs to whoever
// owns the file and is never among them; wal tells whether there is a write-ahead log.
// Without one, a change that has outgrown the cache would begin to write the database,
// and shut readers out until it ends: what it changed stays in memory instead. Against
// files made to do harm, https://www.sqlite.org/security.html
func pragmas(access Access, wal bool, busy time.Duration) []pragma {
	set := []pragma{
		{"busy_timeout", busy.Milliseconds()},
		{"trusted_schema", 0},
	}
	if access == ReadOnly {
		return append(set, pragma{"query_only", 1})
	}
	set = append(set, pragma{"foreign_keys", 1}, pragma{"synchronous", 2}) // 2 is FULL
	if !wal {
		set = append(set, pragma{"cache_spill", 0})
	}
	return set
}

// dsn names the database at path to the driver. writable tells whether this user
// may write the file: a reader who may is let write too, below query_only,
// because only then the last one to close can remove the files beside it.
// mode=rwc is never used: SQLite would create a file at a mistyped path.
func dsn(path string, access Access, writable bool, set []pragma) string {
	q := url.Values{"mode": {"rw"}, "_defensive": {"1"}, "_dqs": {"0"}}
	if access == ReadOnly && !writable {
		q.Set("mode", "ro")
	}
	if access != ReadOnly {
		q.Set("_txlock", "immediate")
	}
	for _, p := range set {
		q.Add("_pragma", p.name+"("+strconv.FormatInt(p.value, 10)+")")
	}
	u := url.URL{Scheme: "file", Path: uriPath(path), RawQuery: q.Encode()}
	return u.String()
}

// uriPath returns the absolute path with the slashes that a URI wants, one in
// front of a drive letter too.
func uriPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}
