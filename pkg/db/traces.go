package db

import "os"

// takeTraces removes the files of a write-ahead log that an attempt to open the
// database has made, and left since it failed: the engine does, on a full disk. It does
// as the engine itself where that closes a database. Nothing that was there before is
// touched, nor a log that holds anything.
func (l look) takeTraces() {
	if l.SHM || l.WALFile {
		return
	}
	log := l.Path + "-wal"
	if info, err := os.Lstat(log); err != nil || !info.Mode().IsRegular() || info.Size() > 0 {
		return
	}
	whileUnused(l.Path, func() {
		if info, err := os.Lstat(log); err == nil && info.Size() == 0 {
			_ = os.Remove(log) // at worst the next command cleans up
			_ = os.Remove(l.Path + "-shm")
		}
	})
}

// abandon ends an attempt to open the database, and names the file that it has made:
// somebody else may be working with that already.
func (l look) abandon(o Options, created bool) {
	l.takeTraces()
	if created && o.Warn != nil {
		o.Warn("left a new, empty database at " + l.Path + ", good for another bootstrap")
	}
}

// Close implements [keys.Store].
func (d *DB) Close() error {
	if !d.own {
		return nil
	}
	err := wrap(d.pool.Close(), d.options.Path, "closing the database")
	d.tellTraces()
	return err
}

// tellTraces names what stays beside a database that had nothing there: a full disk
// keeps the engine from ending a change, or from putting its log into the file. Only who
// wants to be warned is told, since to look closes the file: see [lookAt].
func (d *DB) tellTraces() {
	if !d.alone || d.options.Warn == nil {
		return
	}
	left := sidecarOf(d.options.Path)
	if left == "" {
		return
	}
	whileUnused(d.options.Path, func() {
		if _, err := os.Lstat(left); err == nil {
			d.options.Warn("left " + left + ", which belongs to the database by now: leave it there, and the next command that can write it ends it")
		}
	})
}
