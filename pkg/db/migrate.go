package db

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// migrations returns the numbered steps of the native schema: the first makes
// version 1, and so on.
func migrations() []string {
	names, _ := fs.Glob(schemaFiles, "schema/*.sql") // the pattern is right and the files are in the binary
	slices.Sort(names)
	steps := make([]string, len(names))
	for i, name := range names {
		text, _ := schemaFiles.ReadFile(name)
		steps[i] = string(text)
	}
	return steps
}

// applicationID marks a file that is keyreeve's alone, for file(1) and the like:
// "KRVE" in ASCII.
const applicationID = 0x4b525645

// ensureSchema makes the native tables where there are none yet, in the same
// transaction as the claim.
func (d *DB) ensureSchema(ctx context.Context, s session) error {
	names, err := tableNames(ctx, s)
	if err != nil {
		return wrap(err, d.options.Path, "reading the schema")
	}
	if isNative(names) {
		return nil
	}
	if len(names) == 0 {
		if err := d.exec(ctx, s, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
			return err
		}
	}
	return d.migrate(ctx, s, 0)
}

// migrate runs the steps after version from.
func (d *DB) migrate(ctx context.Context, s session, from int) error {
	for _, step := range d.steps[from:] {
		if err := d.exec(ctx, s, step); err != nil {
			return err
		}
	}
	version := len(d.steps)
	if from == 0 {
		const first = "INSERT INTO keyreeve_state (one, schema_version, change_counter, database_id) VALUES (1, ?, 0, lower(hex(randomblob(16))))"
		if err := d.exec(ctx, s, first, version); err != nil {
			return err
		}
	} else if err := d.exec(ctx, s, "UPDATE keyreeve_state SET schema_version = ?", version); err != nil {
		return err
	}
	return nil
}

func (d *DB) exec(ctx context.Context, s session, statement string, args ...any) error {
	_, err := s.exec(ctx, statement, args...)
	return wrap(err, d.options.Path, "writing the schema")
}

// Migrate implements [keys.Migrator]. The schema of another server's database is
// that server's: ReasonUnsupported.
func (d *DB) Migrate(ctx context.Context, done func(tx keys.Tx, from, to int) error) error {
	if d.table.ledger == nil {
		return keys.Errorf(keys.ReasonUnsupported, "the schema of this database is its server's: keyreeve never changes it").OnPath(d.options.Path)
	}
	return d.update(ctx, func(t *tx) error {
		from, err := d.migrateFrom(ctx, t.rows.session)
		if err != nil {
			return err
		}
		return done(t, from, len(d.steps))
	})
}

// migrateFrom migrates from whatever version there is, which it returns.
func (d *DB) migrateFrom(ctx context.Context, s session) (int, error) {
	from, err := schemaVersion(ctx, s)
	switch {
	case err != nil:
		return 0, wrap(err, d.options.Path, "reading the schema version")
	case from > len(d.steps):
		return from, d.readable(from)
	case from < len(d.steps):
		return from, d.migrate(ctx, s, from)
	}
	return from, nil
}
