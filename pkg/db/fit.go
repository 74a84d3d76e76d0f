package db

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// fittingLayouts returns those that this database can be of. An era that stands
// instead of another one, with the same table, hides it.
func fittingLayouts(c chosen, seen *seenSchema) (fits []indexed) {
	for _, e := range c.list {
		if len(e.misses(seen, c.named())) == 0 {
			fits = append(fits, e)
		}
	}
	return slices.DeleteFunc(slices.Clone(fits), func(e indexed) bool {
		return slices.ContainsFunc(fits, func(other indexed) bool {
			return other.family == e.family && slices.Contains(other.recognise.InsteadOf, e.era)
		})
	})
}

// misses tells why a database is not of this layout. Whoever named the layout knows
// whose table it is: then the server's other tables need not be there. What tells
// the eras of a server apart holds in any case.
func (e *indexed) misses(seen *seenSchema, named bool) (why []string) {
	say := func(format string, names []string) {
		if len(names) > 0 {
			why = append(why, fmt.Sprintf(format, someOf(names)))
		}
	}
	columns, r := seen.names(e.table), &e.recognise
	if !has(seen.tables, e.table) {
		return []string{"it has no table " + e.table}
	}
	say(e.table+" has no %s", lacking(columns, e.columns))
	say(e.table+" has %s", common(columns, r.Without))
	say("it has the table %s", common(seen.tables, r.NotTables))
	if e.claim != "" {
		say("it has no table %s", lacking(seen.tables, []string{e.claim}))
	}
	if named {
		return why
	}
	if r.Exact {
		say(e.table+" also has %s", lacking(e.columns, columns))
	}
	say("it has no table %s", lacking(seen.tables, r.Tables))
	if len(r.Beside) > 0 && len(common(seen.tables, r.Beside)) == 0 {
		say("it has none of the tables %s", r.Beside)
	}
	return why
}

// evidence is what speaks for a layout that fits.
func (e *indexed) evidence(seen *seenSchema) string {
	said := fmt.Sprintf("%s, whose table %s it has with %s", e.name(), e.table, someOf(e.columns))
	if beside := append(common(seen.tables, e.recognise.Beside), e.recognise.Tables...); len(beside) > 0 {
		said += ", beside " + someOf(beside)
	}
	return said
}

func (d *DB) ambiguous(fits []indexed, seen *seenSchema) error {
	var said []string
	for _, e := range fits {
		said = append(said, e.evidence(seen))
	}
	return keys.Errorf(keys.ReasonAmbiguousLayout, "%s could be of %s", d.options.Path, strings.Join(said, "; or of ")).OnPath(d.options.Path)
}

// nearMisses tells, for each table that could have held keys, what is missing of the
// layout that comes closest.
func (s *seenSchema) nearMisses(layouts []indexed) (said []string) {
	closest := map[string]int{}
	for i, e := range layouts {
		if !has(s.tables, e.table) {
			continue
		}
		if best, seen := closest[e.table]; !seen || e.distance(s) < layouts[best].distance(s) {
			closest[e.table] = i
		}
	}
	for i, e := range layouts {
		if best, seen := closest[e.table]; seen && best == i {
			said = append(said, fmt.Sprintf("it is not of %s, since %s", e.name(), strings.Join(e.misses(s, false), " and ")))
		}
	}
	return said
}

// distance counts what is missing.
func (e *indexed) distance(s *seenSchema) int {
	columns := s.names(e.table)
	return 2*len(lacking(columns, e.columns)) + 2*len(common(columns, e.recognise.Without)) + len(e.misses(s, false))
}

// notThat says why the database is not what somebody named.
func (d *DB) notThat(c chosen, seen *seenSchema) error {
	var said []string
	for _, e := range c.list {
		said = append(said, fmt.Sprintf("for %s, %s", e.name(), strings.Join(e.misses(seen, true), " and ")))
	}
	return keys.Errorf(keys.ReasonUnknownLayout, "%s is not of %s: %s", d.options.Path, c.name, strings.Join(said, "; ")).OnPath(d.options.Path)
}

// recognised takes the layout into use. Its file is parsed only now.
func (d *DB) recognised(c chosen, e indexed, seen *seenSchema) error {
	l := c.own
	if l == nil {
		var err error
		if l, err = e.load(); err != nil {
			return err
		}
		if l.Lockouts != nil && !has(seen.tables, l.Lockouts.Table) { // older than its lockouts
			l.Lockouts, l.Rules.Lockout.Kept = nil, false
		}
	}
	d.use(l)
	d.table.unfilled = l.unfilled(seen.columns[strings.ToLower(l.Table)])
	if list := d.table.unfilled; len(list) > 0 {
		d.warnings = append(d.warnings, fmt.Sprintf("keys cannot be created here: the table %s demands a value for %s, and the layout %s gives none",
			l.Table, someOf(list), l.Name()))
	}
	d.superseded(l)
	return nil
}

// superseded warns where the server reads another file.
func (d *DB) superseded(l *Layout) {
	if l.Find.Superseded == "" || d.options.Path == "" {
		return
	}
	other := filepath.Join(filepath.Dir(d.options.Path), l.Find.Superseded)
	if _, err := os.Stat(other); err == nil {
		d.warnings = append(d.warnings, fmt.Sprintf("%s no longer reads %s: it reads %s beside it", l.Rules.Server, d.options.Path, other))
	}
}
