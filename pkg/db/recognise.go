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
	choice, err := choose(d.options.Layout)
	if err != nil {
		return err
	}
	names, err := tableNames(ctx, s)
	if err != nil {
		return wrapUnlessBusy(err, d.options.Path, "reading the schema")
	}
	if choice.native && isNative(names) {
		return d.recogniseNative(ctx, s)
	}
	if len(choice.list) == 0 || len(names) == 0 {
		return d.unclaimed(choice, names)
	}
	seen := seenSchema{tables: names, columns: map[string][]tableColumn{}}
	if err := seen.read(ctx, s, choice.tables()); err != nil {
		return wrapUnlessBusy(err, d.options.Path, "reading the schema")
	}
	return d.decide(choice, &seen)
}

// decide takes the one layout into use that fits, or says why there is none.
func (d *DB) decide(c chosen, seen *seenSchema) error {
	if c.own != nil {
		if err := c.own.mismatch(d.options.Path, &c.list[0], seen); err != nil {
			return err
		}
	}
	fits := fittingLayouts(c, seen)
	switch {
	case len(fits) == 1:
		return d.recognised(c, fits[0], seen)
	case len(fits) > 1:
		return d.ambiguous(fits, seen)
	case c.native:
		return d.unclaimed(c, seen.tables, seen.nearMisses(c.list)...)
	}
	return d.notThat(c, seen)
}

func (d *DB) recogniseNative(ctx context.Context, s session) error {
	d.use(nativeLayout())
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

// unclaimed decides what a database without tables that keyreeve knows is good for.
func (d *DB) unclaimed(c chosen, names []string, nearMisses ...string) error {
	path := d.options.Path
	switch {
	case d.options.Access == Create && c.native && (len(names) == 0 || c.name == NativeFamily):
		d.use(nativeLayout())
		return nil
	case len(names) == 0:
		return keys.Errorf(keys.ReasonEmpty, "%s has no tables: it holds no keys yet", path).OnPath(path)
	}
	said := append([]string{"its tables are " + someOf(names)}, nearMisses...)
	return keys.Errorf(keys.ReasonUnknownLayout, "%s holds no key table that keyreeve knows: %s", path, strings.Join(said, "; ")).OnPath(path)
}

// someOf lists names for a message, not all of a large schema.
func someOf(names []string) string {
	const enough = 8
	list := make([]string, 0, enough+1)
	for _, name := range slices.Sorted(slices.Values(names)) {
		if len(list) == enough {
			list = append(list, "...")
			break
		}
		list = append(list, keys.PrintableText(name))
	}
	return strings.Join(list, ", ")
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
