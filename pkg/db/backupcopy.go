package db

import (
	"context"
	"net/url"
	"time"

	"modernc.org/sqlite"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// stepPages is how much is copied at once, about a megabyte: without a write-ahead log,
// nobody can commit meanwhile.
const stepPages = 256

// backupConn is what the driver's connection can do, https://www.sqlite.org/backup.html
type backupConn interface {
	NewBackup(dst string) (*sqlite.Backup, error)
}

// copyTo copies the database into the empty file at path.
func (d *DB) copyTo(ctx context.Context, path string) error {
	s, err := d.session(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	err = d.copyFrom(ctx, s, path)
	return wrap(err, d.options.Path, "copying the database")
}

func (d *DB) copyFrom(ctx context.Context, s session, path string) error {
	var mode string
	if err := acquire(ctx, d.options.Timeout, d.options.Waiting, func() error {
		return s.queryRow(ctx, "PRAGMA journal_mode").Scan(&mode)
	}); err != nil {
		return err
	}
	if mode == "wal" { // what one reader sees stays as it is, and holds nobody off
		if err := acquire(ctx, d.options.Timeout, d.options.Waiting, func() error { return snapshot(ctx, s) }); err != nil {
			return err
		}
		defer rollback(ctx, s)
	}
	return s.conn.Raw(func(c any) error {
		from, ok := c.(backupConn)
		if !ok {
			return keys.Errorf(keys.ReasonUnsupported, "the driver of this database handle makes no backups")
		}
		b, err := from.NewBackup(copyDSN(path))
		if err != nil {
			return err
		}
		return d.copyPages(ctx, b)
	})
}

// copyDSN names the file that is being made. It is thrown away on any failure, and
// synced once it is complete: it needs no journal, whose name somebody could take
// before us in a directory for everybody.
func copyDSN(path string) string {
	q := url.Values{"mode": {"rw"}, "_pragma": {"locking_mode(exclusive)", "journal_mode(off)", "synchronous(0)"}}
	u := url.URL{Scheme: "file", Path: uriPath(path), RawQuery: q.Encode()}
	return u.String()
}

// pageCopy is a [sqlite.Backup].
type pageCopy interface {
	Step(pages int32) (more bool, err error)
	Remaining() int
	Finish() error
}

// copyPages copies in steps, between which others get their turn. Whenever another
// connection has written the database, the engine begins again. If that goes on for as
// long as a lock is waited for, the rest is copied at once, and they wait.
func (d *DB) copyPages(ctx context.Context, b pageCopy) (err error) {
	more, pages, left := true, int32(stepPages), 0
	var over <-chan time.Time
	for more && err == nil {
		err = acquire(ctx, d.options.Timeout, d.options.Waiting, func() (err error) {
			more, err = b.Step(pages)
			return err
		})
		now := b.Remaining()
		if again := left > 0 && now >= left; again && over == nil {
			over = time.After(d.options.Timeout)
		} else if again && passed(over) {
			pages = -1
		}
		left = now
		time.Sleep(time.Millisecond)
	}
	if finished := b.Finish(); err == nil {
		err = finished
	}
	return err
}

func passed(timer <-chan time.Time) bool {
	select {
	case <-timer:
		return true
	default:
		return false
	}
}
