package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// schemaObject is one of a schema.
type schemaObject struct{ kind, name, table, text string }

// schema looks for drift: of keyreeve's own tables from what it makes, of another
// server's from its layout.
func (x *examination) schema(ctx context.Context, d *DB) error {
	for _, w := range d.warnings {
		x.add(keys.Finding{Check: "schema", Level: keys.Warning, Path: x.l.Path, Reason: w})
	}
	there, err := d.objects(ctx)
	if err != nil {
		return err
	}
	if d.table.ledger == nil {
		return x.foreignSchema(ctx, d, there)
	}
	return x.nativeSchema(ctx, d, there)
}

func (d *DB) objects(ctx context.Context) (list []schemaObject, err error) {
	s, err := d.session(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close() // there is no other connection for what comes next
	err = d.reading(ctx, func() (err error) {
		list, err = objects(ctx, s)
		return err
	})
	return list, err
}

// objects reads the schema. A view is told by its own name, a trigger by its table's.
func objects(ctx context.Context, s session) (list []schemaObject, err error) {
	rs, err := s.query(ctx, "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name")
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	for rs.Next() {
		var o schemaObject
		if err := rs.Scan(&o.kind, &o.name, &o.table, &o.text); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, rs.Err()
}

// nativeSchema compares with the schema of this version, made in memory.
func (x *examination) nativeSchema(ctx context.Context, d *DB, there []schemaObject) error {
	wanted, err := d.pristine(ctx)
	if err != nil {
		return err
	}
	before := len(x.Findings)
	for _, want := range wanted {
		x.drift(want, there)
	}
	for _, o := range there {
		ours := slices.ContainsFunc(wanted, func(want schemaObject) bool { return want.kind == "table" && strings.EqualFold(want.name, o.table) })
		if o.kind == "trigger" && ours {
			x.add(keys.Finding{
				Check: "schema", Level: keys.Warning, Path: x.l.Path, Shell: shellLine("sqlite3", x.l.Path, "DROP TRIGGER "+quote(o.name)),
				Reason: fmt.Sprintf("somebody has put the trigger %s on the table %s: it can undo changes, or make others", keys.PrintableText(o.name), o.table),
			})
		}
	}
	if len(x.Findings) == before {
		x.fine("schema", fmt.Sprintf("the tables, indexes and views are those of schema %d", d.schema.Load()), x.l.Path)
	}
	return nil
}

// drift says how one object differs, and how to get it back. A table cannot be had
// back without its rows.
func (x *examination) drift(want schemaObject, there []schemaObject) {
	at := slices.IndexFunc(there, func(o schemaObject) bool { return o.kind == want.kind && o.name == want.name })
	f := keys.Finding{Check: "schema", Level: keys.Warning, Path: x.l.Path}
	switch {
	case at < 0:
		f.Level, f.Reason = keys.Problem, fmt.Sprintf("the %s %s is missing", want.kind, want.name)
		f.Shell = shellLine("sqlite3", x.l.Path, want.text)
	case squeezed(there[at].text) == squeezed(want.text):
		return
	default:
		f.Reason = fmt.Sprintf("the %s %s is not what keyreeve makes", want.kind, want.name)
		if want.kind != "table" {
			f.Shell = shellLine("sqlite3", x.l.Path, fmt.Sprintf("DROP %s %s; %s", strings.ToUpper(want.kind), want.name, want.text))
		}
	}
	x.add(f)
}

// squeezed is a statement without what makes no difference.
func squeezed(statement string) string { return strings.Join(strings.Fields(statement), " ") }

// pristine returns the schema as the migrations make it, of the version of the file.
func (d *DB) pristine(ctx context.Context) ([]schemaObject, error) {
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, wrap(err, d.options.Path, "examining the schema")
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1) // a second connection would be a second database
	fresh := &DB{pool: pool, options: d.options}
	s, err := fresh.session(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	for _, step := range d.steps[:min(int(d.schema.Load()), len(d.steps))] {
		if err := fresh.exec(ctx, s, step); err != nil {
			return nil, err
		}
	}
	list, err := objects(ctx, s)
	return slices.DeleteFunc(list, func(o schemaObject) bool { return o.text == "" }), wrap(err, d.options.Path, "examining the schema")
}

// foreignSchema holds the tables against the layout, and names what else acts on them.
func (x *examination) foreignSchema(ctx context.Context, d *DB, there []schemaObject) error {
	l := d.table.Layout
	seen, err := d.look(ctx, l)
	if err != nil {
		return err
	}
	e := l.indexed("")
	if misses := e.misses(seen, false); len(misses) > 0 {
		x.add(keys.Finding{
			Check: "schema", Level: keys.Notice, Path: x.l.Path, Mend: []string{"layout", "check", l.Name()},
			Reason: "the tables are those of " + l.Name() + " only for whoever says so: " + strings.Join(misses, " and "),
		})
	} else {
		x.fine("schema", "it is of "+e.evidence(seen), x.l.Path)
	}
	var triggers []string
	for _, o := range there {
		if o.kind == "trigger" && strings.EqualFold(o.table, l.Table) {
			triggers = append(triggers, o.name)
		}
	}
	if len(triggers) > 0 {
		x.add(keys.Finding{
			Check: "schema", Level: keys.Notice, Path: x.l.Path, Shell: shellLine("sqlite3", x.l.Path, ".schema "+l.Table),
			Reason: fmt.Sprintf("%s has triggers that act on every change: %s", l.Table, someOf(triggers)),
		})
	}
	return nil
}
