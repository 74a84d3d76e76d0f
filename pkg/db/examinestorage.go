package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

const (
	smallFile = 16 << 20 // is checked completely in a blink
	// longFile takes seconds, for which a reader keeps writers out of a file that has no
	// write-ahead log.
	longFile = 64 << 20
	// worstOf is how many lines SQLite may say of what is wrong.
	worstOf = 10
)

// journal looks at how changes are made durable. How careful a server is itself, by
// its own synchronous, no file tells.
func (x *examination) journal(ctx context.Context, d *DB) error {
	var mode string
	var application int64
	s, err := d.session(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	err = d.reading(ctx, func() error {
		return s.queryRow(ctx, "SELECT journal_mode, application_id FROM pragma_journal_mode, pragma_application_id").Scan(&mode, &application)
	})
	if err != nil {
		return err
	}
	f := keys.Finding{Check: "journal", Level: keys.Fine, Path: x.l.Path, Reason: "the journal mode is " + mode + "; this program syncs every change to the disk"}
	if application == applicationID && mode != "wal" {
		f.Level, f.Shell = keys.Notice, shellLine("sqlite3", x.l.Path, "PRAGMA journal_mode=WAL")
		f.Reason = "the journal mode is " + mode + ", in which a reader and a writer keep each other waiting: the file is keyreeve's alone, so it may be wal"
	}
	x.add(f)
	return nil
}

// reading runs a read that may have to wait for a lock.
func (d *DB) reading(ctx context.Context, read func() error) error {
	return wrap(acquire(ctx, d.options.Timeout, d.options.Waiting, read), d.options.Path, "examining the database")
}

// integrity has SQLite check the file, as thoroughly as its size allows without
// keeping others waiting.
func (x *examination) integrity(ctx context.Context, d *DB) error {
	pragma, said := "quick_check", "without its indexes"
	switch {
	case x.Full || x.l.Size <= smallFile:
		pragma, said = "integrity_check", "with its indexes"
	case !x.l.WAL && x.l.Size > longFile:
		x.add(keys.Finding{
			Check: "integrity", Level: keys.Notice, Path: x.l.Path, Mend: []string{"doctor", "--full"},
			Reason: fmt.Sprintf("the file of %s was not checked: that would keep writers waiting for seconds", inBytes(uint64(x.l.Size))),
		})
		return nil
	}
	lines, err := d.checked(ctx, fmt.Sprintf("PRAGMA %s(%d)", pragma, worstOf))
	if errors.Is(err, &keys.Error{Reason: keys.ReasonCorrupt}) { // so much that it cannot even be checked
		lines, err = append(lines, err.Error()), nil
	}
	if err != nil {
		return err
	}
	if len(lines) == 1 && lines[0] == "ok" {
		x.fine("integrity", "SQLite finds the file sound, "+said, x.l.Path)
		return nil
	}
	for _, line := range lines {
		x.add(keys.Finding{
			Check: "integrity", Level: keys.Problem, Path: x.l.Path, Reason: "SQLite finds: " + keys.PrintableText(line),
			Shell: shellLine("sqlite3", x.l.Path, ".recover") + " | " + shellLine("sqlite3", x.l.Path+".recovered"),
		})
	}
	return nil
}

// checked returns what a pragma says.
func (d *DB) checked(ctx context.Context, pragma string) (lines []string, err error) {
	s, err := d.session(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	err = d.reading(ctx, func() (err error) {
		lines, err = s.said(ctx, pragma)
		return err
	})
	return lines, err
}

// said returns the lines of a query that takes long, and ends with ctx.
func (s session) said(ctx context.Context, query string) (lines []string, err error) {
	rs, err := s.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	for rs.Next() {
		var line string
		if err := rs.Scan(&line); err != nil {
			return lines, err
		}
		lines = append(lines, line)
	}
	return lines, rs.Err()
}
