package db

import (
	"database/sql"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// cells is a database as plain SQL shows it: its pragmas, its schema, and every
// value of every row, by table/first column.column.
type cells map[string]string

// cellsOf reads all of a database but what the engine counts for itself.
func cellsOf(t testing.TB, path string) cells {
	t.Helper()
	pool := plainPool(t, path)
	defer pool.Close()
	all := cells{}
	for _, name := range []string{"journal_mode", "user_version", "page_size", "application_id", "encoding", "auto_vacuum"} {
		all["pragma "+name] = textBy(t, pool, "SELECT * FROM pragma_"+name)
	}
	all["schema"] = textBy(t, pool, "SELECT group_concat(line, x'0a') FROM (SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') AS line FROM sqlite_master ORDER BY rowid)")
	for _, name := range strings.Split(textBy(t, pool, "SELECT group_concat(name) FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'"), ",") {
		maps.Copy(all, cellsOfTable(t, pool, name))
	}
	return all
}

func oneText(t testing.TB, path, query string) string {
	t.Helper()
	pool := plainPool(t, path)
	defer pool.Close()
	return textBy(t, pool, query)
}

func textBy(t testing.TB, pool *sql.DB, query string) (text string) {
	t.Helper()
	if err := pool.QueryRow(query).Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

func cellsOfTable(t testing.TB, pool *sql.DB, name string) cells {
	t.Helper()
	columns := strings.Split(textBy(t, pool, "SELECT group_concat(name) FROM pragma_table_info('"+name+"')"), ",")
	var quoted []string
	for _, c := range columns {
		quoted = append(quoted, "typeof("+quote(c)+") || ' ' || quote("+quote(c)+")")
	}
	rs, err := pool.Query("SELECT quote(" + quote(columns[0]) + "), " + strings.Join(quoted, ", ") + " FROM " + quote(name))
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	all := cells{}
	for rs.Next() {
		values := make([]string, len(columns)+1)
		refs := make([]any, len(values))
		for i := range values {
			refs[i] = &values[i]
		}
		if err := rs.Scan(refs...); err != nil {
			t.Fatal(err)
		}
		for i, c := range columns {
			all[name+"/"+values[0]+"."+c] = values[i+1]
		}
	}
	return all
}

// without drops the rows of some tables.
func (c cells) without(tables ...string) cells {
	rest := maps.Clone(c)
	maps.DeleteFunc(rest, func(cell, _ string) bool {
		name, _, row := strings.Cut(cell, "/")
		return row && slices.Contains(tables, name)
	})
	return rest
}

// differ returns the cells that are not in both the same.
func differ(before, after cells) []string {
	var list []string
	for cell := range after {
		if was, ok := before[cell]; !ok || was != after[cell] {
			list = append(list, cell)
		}
	}
	for cell := range before {
		if _, ok := after[cell]; !ok {
			list = append(list, cell)
		}
	}
	slices.Sort(list)
	return list
}

// of returns the cells of one row.
func (c cells) of(table, id string) []string {
	var list []string
	for cell := range c {
		if strings.HasPrefix(cell, table+"/"+id+".") {
			list = append(list, cell)
		}
	}
	slices.Sort(list)
	return list
}

// expect notes cells that changed although they should not, or did not although they should.
func expect(t testing.TB, what string, before, after cells, want ...string) {
	t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, differ(before, after)); diff != "" && len(want)+len(differ(before, after)) > 0 {
		t.Errorf("%s changes other cells:\n%s", what, diff)
	}
}

// operator is somebody at work in a server's database.
type operator struct {
	t    testing.TB
	f    fixture
	path string
	s    *keys.Service
}

// visitor opens a server's database for its operator.
func (f fixture) visitor(t testing.TB, path string) operator {
	t.Helper()
	return operator{t, f, path, f.serviceOver(mustOpen(t, f.options(path)))}
}

func (f fixture) serviceOver(s keys.Store) *keys.Service {
	service := serviceOver(s)
	service.Secret = []byte(f.secret)
	return service
}

// request asks for what the server demands of every key.
func (g operator) request() keys.CreateRequest {
	q := keys.CreateRequest{}
	r := g.s.Store.Info().Rules
	if r.Label.Required {
		q.Key.Label = "made-here"
	}
	if r.Roles != nil && r.Roles.Required {
		q.Key.Role = r.Roles.Words[0]
	}
	if r.Scopes != nil && r.Scopes.Required {
		q.Key.Scopes = r.Scopes.Words[:1]
	}
	if r.Hash.Scheme.Slow() {
		q.BcryptCost = 4
	}
	return q
}

func (g operator) create(q keys.CreateRequest) keys.Issued {
	g.t.Helper()
	issued, err := g.s.Create(g.t.Context(), q, quiet{})
	if err != nil {
		g.t.Fatal(err)
	}
	return issued[0]
}

// column is one cell of the key table, by the id of its row.
func (g operator) column(id, name string) string { return g.f.table + "/" + g.literal(id) + "." + name }

// literal is an id as SQL.
func (g operator) literal(id string) string {
	if g.f.table == "api_keys" {
		return "'" + id + "'"
	}
	return id
}

// step is something that an operator does, and the cells that it may change.
type step struct {
	name string
	do   func() error
	want func(before, after cells) []string
}

// nothing is what a step must change that fails or is a dry run.
func nothing(_, _ cells) []string { return nil }

// steps are every verb on the rows 1 and 2 of a server's database, in an order.
func (g operator) steps() []step {
	ctx := g.t.Context()
	_, first := g.f.rowID(1)
	_, second := g.f.rowID(2)
	var made keys.Issued
	change := func(do func(keys.ChangeRequest) ([]keys.Change, error), q keys.ChangeRequest, ids ...string) func() error {
		q.Refs = refsTo(ids...)
		return func() error {
			_, err := do(q)
			return err
		}
	}
	revoke := func(q keys.ChangeRequest) ([]keys.Change, error) { return g.s.Revoke(ctx, q) }
	activate := func(q keys.ChangeRequest) ([]keys.Change, error) { return g.s.Activate(ctx, q) }
	remove := func(q keys.ChangeRequest) ([]keys.Change, error) { return g.s.Delete(ctx, q) }
	dry, absent := keys.ChangeRequest{DryRun: true, Force: true}, "404404"
	revoked := func(id string) func(_, _ cells) []string {
		return func(_, _ cells) (want []string) {
			for _, c := range g.f.revokes {
				want = append(want, g.column(id, c))
			}
			return want
		}
	}
	return []step{
		{"a dry run of create", func() error { q := g.request(); q.DryRun = true; _, err := g.s.Create(ctx, q, quiet{}); return err }, nothing},
		{"a create that cannot be delivered", func() error { _, _ = g.s.Create(ctx, g.request(), undelivered{}); return nil }, nothing},
		{"create", func() error { made = g.create(g.request()); return nil }, func(_, after cells) []string {
			return append(after.of(g.f.table, g.literal(made.Key.ID)), g.f.claims...)
		}},
		{"bootstrap of a database in use", func() error { _, _ = g.s.Bootstrap(ctx, g.request(), quiet{}); return nil }, nothing},
		{"a dry run of revoke", change(revoke, dry, first), nothing},
		{"revoke", change(revoke, keys.ChangeRequest{}, first), revoked(first)},
		{"revoke again", change(revoke, keys.ChangeRequest{}, first), nothing},
		{"revoke of a key that is not there", func() error { _, _ = revoke(keys.ChangeRequest{Refs: refsTo(second, absent)}); return nil }, nothing},
		{"a dry run of activate", change(activate, dry, first), nothing},
		{"activate", change(activate, keys.ChangeRequest{}, first), revoked(first)},
		{"activate again", change(activate, keys.ChangeRequest{}, first), nothing},
		{"a dry run of delete", change(remove, dry, second), nothing},
		{"delete", change(remove, keys.ChangeRequest{Force: true}, second), func(before, _ cells) []string {
			return before.of(g.f.table, g.literal(second))
		}},
		{"reading", func() error {
			return g.s.List(ctx, keys.Query{}, func([]keys.Key) error { _, err := g.s.Verify(ctx, g.f.token, keys.Request{}); return err })
		}, nothing},
		{"clearing a lockout that is none", func() error {
			_, _ = g.s.Unlock(ctx, keys.UnlockRequest{Addr: netip.MustParseAddr("203.0.113.9")})
			return nil
		}, nothing},
	}
}

// damage is what no server of the three wrote, in rows that are nobody's subject.
func (f fixture) damage() []string {
	damaged := map[string][]string{
		"apikey": {
			"INSERT INTO apikey VALUES (101, x'00ff', 'garbage', 'true', 'yesterday')", "INSERT INTO apikey VALUES (102, 'big', '', 2, 1e300)",
			"INSERT INTO apikey VALUES (103, 'whole', '$2x$04$', 0, 1795351916)", "INSERT INTO authlockout VALUES (x'01', 'many', 'never')",
		},
		"entities": {
			"UPDATE entities SET is_active = NULL, description = NULL WHERE id = 3", "UPDATE entities SET is_active = 'true', created_at = 1795351916 WHERE id = 4",
			"UPDATE entities SET name = x'00ff', updatedAt = 'nonsense', last_used = NULL, api_key_hash = '' WHERE id = 5",
		},
		"api_keys": {
			"INSERT INTO api_keys VALUES ('--odd', x'00ff', 'GARBAGE', 'not json', 'never', 1.5, 'yesterday')",
			"INSERT INTO api_keys VALUES ('', '', '', '', NULL, 1776384000123, 1776384000123)", "INSERT INTO api_keys VALUES (NULL, 'no id', 'x', '[]', NULL, NULL, 1)",
		},
	}
	return damaged[f.table]
}

func TestVerbsChangeTheirSubjectAlone(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.title(), func(t *testing.T) {
			path := f.make(t, f.some(5)...)
			mustExec(t, plainPool(t, path), append(f.damage(), "PRAGMA user_version = 7", "CREATE VIEW theirs AS SELECT count(*) AS n FROM "+f.table)...)
			g := f.visitor(t, path)
			for _, s := range g.steps() {
				before := cellsOf(t, path)
				if err := s.do(); err != nil {
					t.Fatalf("%s: %v", s.name, err)
				}
				after := cellsOf(t, path)
				expect(t, s.name, before, after, s.want(before, after)...)
			}
		})
	}
}

// A first key is a claim where the server keeps one, and nothing else.
func TestBootstrapWritesKeyAndClaimAlone(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.title(), func(t *testing.T) {
			path := f.make(t)
			g := f.visitor(t, path)
			if g.s.Store.Info().Rules.Bootstrap.Kind == keys.BootstrapNone {
				t.Skip("there is nothing to bootstrap")
			}
			before := cellsOf(t, path)
			if _, err := g.s.Bootstrap(t.Context(), keys.CreateRequest{DryRun: true, BcryptCost: 4}, quiet{}); err != nil {
				t.Fatal(err)
			}
			expect(t, "a dry run of bootstrap", before, cellsOf(t, path))
			issued, err := g.s.Bootstrap(t.Context(), keys.CreateRequest{BcryptCost: 4}, quiet{})
			if err != nil {
				t.Fatal(err)
			}
			after := cellsOf(t, path)
			expect(t, "bootstrap", before, after, append(after.of(f.table, issued[0].Key.ID), f.claims...)...)
		})
	}
}

func TestClearingLockoutRemovesItsRowAlone(t *testing.T) {
	f := theFixture(t, "proxbox/claim")
	path := f.make(t, f.some(2)...)
	mustExec(t, plainPool(t, path), "INSERT INTO authlockout VALUES ('192.0.2.7', 5, 1795351916.25), ('::ffff:192.0.2.7', 9, 1795351916.5), ('2001:db8::7', 1, 1795351916.75)")
	g := f.visitor(t, path)
	before := cellsOf(t, path)
	q := keys.UnlockRequest{Addr: netip.MustParseAddr("192.0.2.7"), DryRun: true}
	if done, err := g.s.Unlock(t.Context(), q); err != nil || len(done) != 2 {
		t.Errorf("a dry run clears %+v, %v", done, err)
	}
	expect(t, "a dry run", before, cellsOf(t, path))
	q.DryRun = false
	if done, err := g.s.Unlock(t.Context(), q); err != nil || len(done) != 2 {
		t.Errorf("clears %+v, %v", done, err)
	}
	expect(t, "clearing", before, cellsOf(t, path), append(before.of("authlockout", "'192.0.2.7'"), before.of("authlockout", "'::ffff:192.0.2.7'")...)...)
}

// triggers are what a server's database may do about a change that it does not
// like, one for each verb: %[1]s is the key table, %[2]s a column that a change writes.
var triggers = map[string][3]string{
	"abort": {
		"CREATE TRIGGER i BEFORE INSERT ON %[1]s BEGIN SELECT RAISE(ABORT, 'not here'); END", "CREATE TRIGGER u BEFORE UPDATE ON %[1]s BEGIN SELECT RAISE(ABORT, 'not here'); END",
		"CREATE TRIGGER d BEFORE DELETE ON %[1]s BEGIN SELECT RAISE(ABORT, 'not here'); END",
	},
	"ignore": {
		"CREATE TRIGGER i BEFORE INSERT ON %[1]s BEGIN SELECT RAISE(IGNORE); END", "CREATE TRIGGER u BEFORE UPDATE ON %[1]s BEGIN SELECT RAISE(IGNORE); END",
		"CREATE TRIGGER d BEFORE DELETE ON %[1]s BEGIN SELECT RAISE(IGNORE); END",
	},
	"undo": {
		"CREATE TRIGGER i AFTER INSERT ON %[1]s BEGIN DELETE FROM %[1]s WHERE rowid = new.rowid; END",
		"CREATE TRIGGER u AFTER UPDATE OF %[2]s ON %[1]s BEGIN UPDATE %[1]s SET %[2]s = old.%[2]s WHERE rowid = new.rowid; END",
		"CREATE TRIGGER d AFTER DELETE ON %[1]s BEGIN INSERT INTO %[1]s SELECT * FROM kept WHERE id = old.id; END",
	},
}

func TestTriggersThatForbidAChange(t *testing.T) {
	for kind, statements := range triggers {
		for _, name := range []string{"proxbox/claim", "zoneweaver/key_id", "proxyos/hmac"} {
			f := theFixture(t, name)
			for i := range statements {
				t.Run(fmt.Sprintf("%s %s %d", kind, f.title(), i), func(t *testing.T) { f.forbidden(t, statements[i], i) })
			}
		}
	}
}

// forbidden has the trigger there against one of the verbs.
func (f fixture) forbidden(t *testing.T, trigger string, verb int) {
	path := f.make(t, f.some(4)...)
	mustExec(t, plainPool(t, path), "CREATE TABLE kept AS SELECT * FROM "+f.table, fmt.Sprintf(trigger, f.table, f.revokes[0]))
	g := f.visitor(t, path)
	before := cellsOf(t, path)
	_, first := f.rowID(1)
	q := keys.ChangeRequest{Refs: refsTo(first), Force: true}
	do := []func() error{
		func() error { _, err := g.s.Create(t.Context(), g.request(), quiet{}); return err },
		func() error { _, err := g.s.Revoke(t.Context(), q); return err },
		func() error { _, err := g.s.Delete(t.Context(), q); return err },
	}
	if r := reasonOf(do[verb]()); r != keys.ReasonUndone {
		t.Errorf("ends with %q, want %q", r, keys.ReasonUndone)
	}
	expect(t, "what is forbidden", before, cellsOf(t, path))
	for i := range do {
		if err := do[i](); i != verb && err != nil {
			t.Errorf("the trigger hinders another verb: %v", err)
		}
	}
}

// Rows that make no sense are named, and hide none that do.
func TestDamagedRowsHideNoOthers(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.title(), func(t *testing.T) {
			path := f.make(t, f.some(5)...)
			id, shown := f.rowID(9)
			pool := plainPool(t, path)
			mustExec(t, pool, append(f.damage(), f.rowOfToken(id))...)
			g := f.visitor(t, path)
			listed := map[string]keys.Key{}
			err := g.s.List(t.Context(), keys.Query{}, func(page []keys.Key) error {
				for _, k := range page {
					listed[k.ID] = k
				}
				return nil
			})
			var n int
			if e := pool.QueryRow("SELECT count(*) FROM " + f.table + " WHERE id IS NOT NULL").Scan(&n); e != nil || err != nil || len(listed) < n {
				t.Errorf("%d of %d keys are listed, %v %v", len(listed), n, err, e)
			}
			if k := listed[shown]; len(k.Damage) > 0 {
				t.Errorf("a good row has the damage %+v", k.Damage)
			}
			v, err := g.s.Verify(t.Context(), f.token, keys.Request{})
			if err != nil || !v.Accepted || v.Key.ID != shown {
				t.Errorf("the token of a good row is answered with %+v, %v", v, err)
			}
			g.damagedAreNamed(listed)
		})
	}
}

// damagedAreNamed checks that damage is told of without the value.
func (g operator) damagedAreNamed(listed map[string]keys.Key) {
	g.t.Helper()
	bad := map[string]string{"apikey": "101", "entities": "4", "api_keys": "--odd"}[g.f.table]
	k, ok := listed[bad]
	if !ok || len(k.Damage) == 0 {
		g.t.Fatalf("the damaged key %s is %+v, listed: %t", bad, k, ok)
	}
	for _, d := range k.Damage {
		for _, value := range []string{"yesterday", "garbage", "GARBAGE", "not json", "true", "never", "1795351916"} {
			if strings.Contains(d.Problem, value) {
				g.t.Errorf("the damage of %s tells its value: %q", d.Column, d.Problem)
			}
		}
	}
}

// rowOfToken is the row of the fixture's token, as the server writes it.
func (f fixture) rowOfToken(id string) string {
	statement := f.row(fixtureRow{id: id, label: "'known'", hash: f.crypt, on: true})
	if f.seen == "" {
		return statement
	}
	from := run(11, len(id)+int(id[0])) + fmt.Sprintf("%05s", strings.Trim(id, "'"))
	return strings.ReplaceAll(statement, from, f.token[3:19])
}
