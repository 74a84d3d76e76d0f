package db

import (
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// mismatch tells where a layout file is about something that the database does not
// have, nil if it fits. The file may be right and the database another one, so the
// reason is ReasonUnknownLayout.
func (l *Layout) mismatch(path string, e *indexed, seen *seenSchema) error {
	for _, t := range l.tables() {
		if !has(seen.tables, t.name) {
			return l.unlike(path, t.at, fmt.Sprintf("%s has no table %s: it has %s", path, brief(t.name), someOf(seen.tables)))
		}
		columns := seen.names(t.name)
		for _, c := range t.columns {
			if !has(columns, c.name) {
				return l.unlike(path, c.at, fmt.Sprintf("the table %s of %s has no column %s: it has %s",
					brief(t.name), path, brief(c.name), someOf(columns)))
			}
		}
	}
	if why := e.misses(seen, true); len(why) > 0 {
		return l.unlike(path, "recognise", fmt.Sprintf("%s is not what recognise describes: %s", path, strings.Join(why, " and ")))
	}
	return nil
}

// unlike is the error about the database at path, and what the file says at a place.
func (l *Layout) unlike(path, at, says string) error {
	e := l.source.errorAt(l.source.line(at), says)
	e.Reason = keys.ReasonUnknownLayout
	return e.OnPath(path)
}

// spoken is a name that a layout file says, and where.
type spoken struct{ name, at string }

// spokenTable is a table that a layout file speaks of.
type spokenTable struct {
	spoken
	columns []spoken
}

// tables returns the tables that the layout reads and writes.
func (l *Layout) tables() []spokenTable {
	own := spokenTable{spoken: spoken{l.Table, "table"}}
	for _, c := range l.Columns {
		own.columns = append(own.columns, spoken{c.Name, "columns." + c.Field.String()})
	}
	for _, c := range l.Copies {
		own.columns = append(own.columns, spoken{c.Name, "copies." + c.Name})
	}
	for _, c := range l.Constants {
		own.columns = append(own.columns, spoken{c.Name, "constants." + c.Name})
	}
	for _, name := range l.Recognise.Columns {
		own.columns = append(own.columns, spoken{name, "recognise.columns"})
	}
	list := []spokenTable{own}
	if c := l.Claim; c != nil {
		t := spokenTable{spoken{c.Table, "bootstrap.table"}, []spoken{{c.Column, "bootstrap.row"}}}
		if c.At != "" {
			t.columns = append(t.columns, spoken{c.At, "bootstrap.at"})
		}
		list = append(list, t)
	}
	if o := l.Lockouts; o != nil {
		list = append(list, spokenTable{spoken{o.Table, "lockout.table"},
			[]spoken{{o.Address, "lockout.address"}, {o.Failures, "lockout.failures"}, {o.Since, "lockout.since"}}})
	}
	return list
}
