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
// owns the file and is never among them. Against files made to do harm,
// https://www.sqlite.org/security.html
func pragmas(access Access, busy time.Duration) []pragma {
	set := []pragma{
		{"busy_timeout", busy.Milliseconds()},
		{"trusted_schema", 0},
	}
	if access == ReadOnly {
		return append(set, pragma{"query_only", 1})
	}
	return append(set, pragma{"foreign_keys", 1}, pragma{"synchronous", 2}) // 2 is FULL
}

// dsn names the database at path to the driver. writable tells whether this user
// may write the file: a reader who may is let write too, below query_only,
// because only then the last one to close can remove the files beside it.
// mode=rwc is never used: SQLite would create a file at a mistyped path.
func dsn(path string, access Access, writable bool, busy time.Duration) string {
	q := url.Values{"mode": {"rw"}, "_defensive": {"1"}, "_dqs": {"0"}}
	if access == ReadOnly && !writable {
		q.Set("mode", "ro")
	}
	if access != ReadOnly {
		q.Set("_txlock", "immediate")
	}
	for _, p := range pragmas(access, busy) {
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
