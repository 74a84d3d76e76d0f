package db

import (
	"context"
	"errors"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// BackupOptions say where a backup goes.
type BackupOptions struct {
	Path    string // of the new file, in a directory that exists
	Replace bool   // a regular file that is there is replaced
}

// Backup is what a finished backup holds.
type Backup struct {
	Path   string
	Bytes  int64
	Keys   int
	Layout string
	Era    string
	SHA256 string // of the file, in hex
}

// Backup copies the whole database, as it is at one moment, while others go on
// writing it. The copy is one file of mode 0600 without others beside it, which can
// be opened where nothing can be written. It gets its name once it is complete,
// checked and on disk; on an error there is nothing. ReasonFileExists says that the
// name is taken, ReasonInvalid that it belongs to the database itself, ReasonFull
// that the disk is full, ReasonCorrupt that the database is damaged, ReasonOutput
// that the directory cannot be written, ReasonUnsafeDir that everybody could put another
// file in its place.
func (d *DB) Backup(ctx context.Context, o BackupOptions) (Backup, error) {
	path, err := d.vacant(o)
	if err != nil {
		return Backup{}, err
	}
	b, err := d.backup(ctx, path, o.Replace)
	if errors.Is(err, &keys.Error{Reason: keys.ReasonInterrupted}) || errors.Is(err, context.Canceled) {
		return Backup{}, keys.Errorf(keys.ReasonInterrupted, "interrupted: no backup was made, and nothing is left of it").Because(err)
	}
	return b, err
}

func (d *DB) backup(ctx context.Context, path string, replace bool) (Backup, error) {
	s, err := stageBackup(path)
	if err != nil {
		return Backup{}, err
	}
	defer s.discard()
	if err := d.copyTo(ctx, s.path); err != nil {
		return Backup{}, s.blame(err)
	}
	b, err := d.finish(ctx, s)
	if err == nil {
		err = s.publish(replace)
	}
	if err != nil {
		return Backup{}, err
	}
	return b, nil
}

// finish checks the copy, and makes sure that it survives a crash.
func (d *DB) finish(ctx context.Context, s *stagedBackup) (Backup, error) {
	if err := withoutLog(s.path); err != nil {
		return Backup{}, s.failed(err)
	}
	copied, err := d.readCopy(ctx, s.path)
	if err != nil {
		return Backup{}, d.ofSource(err)
	}
	b := Backup{Path: s.target, Layout: copied.table.Family, Era: copied.table.Era}
	b.Keys, err = copied.countKeys(ctx)
	if err := errors.Join(err, copied.Close()); err != nil {
		return Backup{}, d.ofSource(err)
	}
	if b.Bytes, b.SHA256, err = s.settle(); err != nil {
		return Backup{}, s.failed(err)
	}
	return b, nil
}

// ofSource says of what is wrong with a faithful copy that it is wrong with the
// database.
func (d *DB) ofSource(err error) error {
	var e *keys.Error
	if !errors.As(err, &e) || e.Reason == keys.ReasonInterrupted {
		return err
	}
	return keys.Errorf(keys.ReasonCorrupt, "%s is damaged, and so would be its backup: there is none", d.options.Path).
		OnPath(d.options.Path).Because(err)
}

func (d *DB) countKeys(ctx context.Context) (n int, err error) {
	s, err := d.session(ctx)
	if err != nil {
		return 0, err
	}
	defer s.close()
	err = s.queryRow(ctx, "SELECT count(*) FROM "+quote(d.table.Table)).Scan(&n)
	return n, wrap(err, d.options.Path, "counting keys")
}
