package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Check is what there is to say of a layout, and of how a database fits it.
type Check struct {
	Name      string // family, or family/era
	Title     string
	Server    string
	Table     string
	Fields    keys.Fields // that the table can hold
	Abilities []Ability
	Fit       *Fit // nil where no database was looked at
}

// CheckLayout tells what each verb does with a table of a layout, named as in
// [Options]: of a family it is the newest era. With o it opens that database for
// reading, by that layout, and tells how it fits. ReasonLayoutFile is a file with
// mistakes, ReasonInvalid no layout at all, ReasonUnknownLayout a database that it is
// not of; other errors are those of [Open].
func CheckLayout(ctx context.Context, name string, o *Options) (*Check, error) {
	name = asPath(name)
	c, err := choose(name)
	if err != nil {
		return nil, err
	}
	if o == nil {
		l, err := c.first()
		if err != nil {
			return nil, err
		}
		return l.check(), nil
	}
	named := *o
	named.Layout, named.Access, named.AuditLog = name, ReadOnly, ""
	d, err := Open(ctx, named)
	if err != nil {
		return nil, err
	}
	check, err := d.check(ctx, c)
	return check, errors.Join(err, d.Close())
}

// asPath makes a path of the name of a file, where no layout has it.
func asPath(name string) string {
	if _, err := choose(name); err == nil || isLayoutPath(name) {
		return name
	}
	if _, err := os.Stat(name); err == nil {
		return "./" + name
	}
	return name
}

// first returns the layout that is meant where no database tells.
func (c *chosen) first() (*Layout, error) {
	switch {
	case c.own != nil:
		return c.own, nil
	case c.native:
		return nativeLayout(), nil
	}
	return c.list[0].load()
}

func (l *Layout) check() *Check {
	return &Check{
		Name: l.Name(), Title: l.Title, Server: l.Rules.Server, Table: l.Table,
		Fields: l.fields(), Abilities: l.Abilities(),
	}
}

// check looks at the whole database.
func (d *DB) check(ctx context.Context, c chosen) (*Check, error) {
	check, l := d.table.check(), d.table.Layout
	f := &Fit{Path: d.options.Path, Unfilled: d.table.unfilled, Problems: d.warnings}
	check.Fit = f
	seen, err := d.look(ctx, l)
	if err != nil {
		return nil, err
	}
	if err := f.read(ctx, d); err != nil {
		return nil, err
	}
	f.recognise(l, c.own != nil, seen)
	f.judge()
	for i := range check.Abilities {
		if a := &check.Abilities[i]; a.Verb == string(keys.ActionCreate) {
			d.table.demands(a, seen)
		}
	}
	return check, nil
}

// demands says of create what the table itself asks of a new row.
func (t *table) demands(a *Ability, seen *seenSchema) {
	if len(t.unfilled) > 0 {
		a.Able = false
		a.Does = append([]string{"refused: the layout gives no value to " + strings.Join(t.unfilled, ", ")}, a.Does...)
	}
	for _, column := range seen.columns[strings.ToLower(t.Table)] {
		for i := range t.Columns {
			if c := &t.Columns[i]; column.needs && strings.EqualFold(c.Name, column.name) && t.mayBeNull(i) {
				a.Does = append(a.Does, fmt.Sprintf("a key must have a value for %s: the column %s takes no NULL", c.Field, c.Name))
			}
		}
	}
}

// given are the fields that every new key has.
const given = keys.Fields(1<<keys.FieldID | 1<<keys.FieldHash | 1<<keys.FieldCreatedAt | 1<<keys.FieldUpdatedAt)

// mayBeNull tells whether a new key without a value would write NULL.
func (t *table) mayBeNull(i int) bool {
	c := &t.Columns[i]
	return !given.Has(c.Field) && !c.AsCreated && t.codecs[i].encode(c.Field.Ref(new(keys.Key))) == nil
}

// LayoutServers returns the names of the servers that the built-in layouts are of,
// by the name of the layout. It reads every file.
func LayoutServers() (map[string]string, error) {
	servers := map[string]string{}
	for i := range layoutIndex {
		l, err := layoutIndex[i].load()
		if err != nil {
			return nil, err
		}
		servers[l.Name()] = l.Rules.Server
	}
	return servers, nil
}

// Name returns how the layout is named on the command line.
func (n LayoutName) Name() string { return (&Layout{Family: n.Family, Era: n.Era}).Name() }
