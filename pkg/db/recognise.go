package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// recognise finds out whose key table this is. Driver errors are returned as
// they are, so that a lock is waited for and never taken for an absent schema.
func (d *DB) recognise(ctx context.Context, s session) error {
	if err := knownLayout(d.options.Layout); err != nil {
		return err
	}
	names, err := tableNames(ctx, s)
	if err != nil {
		return wrapUnlessBusy(err, d.options.Path, "reading the schema")
	}
	d.table = newTable(nativeLayout())
	if !isNative(names) {
		return d.unclaimed(names)
	}
	version, err := schemaVersion(ctx, s)
	if err != nil {
		return wrapUnlessBusy(err, d.options.Path, "reading the schema version")
	}
	d.schema.Store(int64(version))
	if version < len(d.steps) && d.options.Access != ReadOnly {
		return nil // to be migrated, whatever its age
	}
	return d.readable(version)
}

// isNative tells whether keyreeve's tables are among these. It takes the names of
// one read: tables that appear between two would be taken for another server's.
func isNative(names []string) bool {
	return slices.Contains(names, "keyreeve_keys") && slices.Contains(names, "keyreeve_state")
}

// knownLayout refuses the name of a layout that does not exist, before any file
// is made for it.
func knownLayout(family string) error {
	if family == "" || family == NativeFamily {
		return nil
	}
	if keys.LooksLikeToken(family) {
		return keys.Errorf(keys.ReasonInvalid, "what looks like a token is no layout: known is %s", NativeFamily)
	}
	return keys.Errorf(keys.ReasonInvalid, "there is no layout %q: known is %s", keys.PrintableText(family), NativeFamily)
}

// readable tells whether this program can read the schema it found: the current
// one and the one before.
func (d *DB) readable(version int) error {
	path, current := d.options.Path, len(d.steps)
	switch {
	case version > current:
		return keys.Errorf(keys.ReasonNewSchema, "%s has schema %d: this version of keyreeve knows %d", path, version, current).OnPath(path)
	case version < current-1:
		return keys.Errorf(keys.ReasonOldSchema, "%s has schema %d: this version of keyreeve needs %d", path, version, current).OnPath(path)
	}
	return nil
}

// unclaimed decides what a database without keyreeve's tables is good for.
func (d *DB) unclaimed(names []string) error {
	path := d.options.Path
	switch {
	case d.options.Access == Create && (len(names) == 0 || d.options.Layout == NativeFamily):
		return nil
	case len(names) == 0:
		return keys.Errorf(keys.ReasonEmpty, "%s has no tables: it holds no keys yet", path).OnPath(path)
	}
	return keys.Errorf(keys.ReasonUnknownLayout, "%s holds no key table that keyreeve knows: its tables are %s", path, someOf(names)).OnPath(path)
}

// someOf lists names for a message, not all of a large schema.
func someOf(names []string) string {
	slices.Sort(names)
	const enough = 8
	for i := range names {
		names[i] = keys.PrintableText(names[i])
	}
	if len(names) > enough {
		names = append(names[:enough:enough], "...")
	}
	return strings.Join(names, ", ")
}

func schemaVersion(ctx context.Context, s session) (int, error) {
	var version int
	err := s.queryRow(ctx, "SELECT schema_version FROM keyreeve_state").Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		err = keys.Errorf(keys.ReasonCorrupt, "the table keyreeve_state has lost its row: the version of the schema is unknown")
	}
	return version, err
}

func tableNames(ctx context.Context, s session) ([]string, error) {
	rs, err := s.query(ctx, "SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	var names []string
	for rs.Next() {
		var name string
		if err := rs.Scan(&name); err != nil {
			return nil, err
		}
		if !strings.HasPrefix(name, "sqlite_") { // the engine's own
			names = append(names, name)
		}
	}
	return names, rs.Err()
}

// wrapUnlessBusy leaves a lock to be waited for by whoever called.
func wrapUnlessBusy(err error, path, doing string) error {
	if isBusy(err) {
		return err
	}
	return wrap(err, path, doing)
}
