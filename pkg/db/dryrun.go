package db

import (
	"context"
	"database/sql"
)

// rehearse opens an empty database in memory instead of the one that o would
// make, so that a dry run goes through everything and leaves nothing.
func rehearse(ctx context.Context, o Options, l look) (*DB, error) {
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, wrap(err, l.Path, "rehearsing")
	}
	pool.SetMaxOpenConns(1) // a second connection would be a second database
	d := &DB{pool: pool, own: true, options: o, steps: migrations()}
	d.options.Path = l.Path
	if err := d.start(ctx, look{}); err != nil {
		pool.Close()
		return nil, err
	}
	return d, nil
}
