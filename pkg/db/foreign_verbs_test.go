package db

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

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
	_, first := g.f.rowID(1)
	_, second := g.f.rowID(2)
	return slices.Concat(g.creating(), g.switching(first), g.deleting(second), g.inVain(second))
}

func (g operator) creating() []step {
	ctx, dry := g.t.Context(), g.request()
	dry.DryRun = true
	var made keys.Issued
	return []step{
		{"a dry run of create", func() error { _, err := g.s.Create(ctx, dry, quiet{}); return err }, nothing},
		{"a create that cannot be delivered", mustFail(func() error { _, err := g.s.Create(ctx, g.request(), undelivered{}); return err }), nothing},
		{"create", func() error { made = g.create(g.request()); return nil }, func(_, after cells) []string {
			return append(after.of(g.f.table, g.literal(made.Key.ID)), g.f.claims...)
		}},
		{"bootstrap of a database in use", mustFail(func() error { _, err := g.s.Bootstrap(ctx, g.request(), quiet{}); return err }), nothing},
	}
}

// change is a verb on one key.
func (g operator) change(do func(context.Context, keys.ChangeRequest) ([]keys.Change, error), q keys.ChangeRequest, ids ...string) func() error {
	q.Refs = refsTo(ids...)
	return func() error {
		_, err := do(g.t.Context(), q)
		return err
	}
}

// mustFail is a step that must fail.
func mustFail(do func() error) func() error {
	return func() error {
		if do() == nil {
			return errors.New("no error")
		}
		return nil
	}
}

func (g operator) switching(id string) []step {
	plain, dry := keys.ChangeRequest{}, keys.ChangeRequest{DryRun: true}
	subject := func(_, _ cells) (want []string) {
		for _, c := range g.f.revokes {
			want = append(want, g.column(id, c))
		}
		return want
	}
	return []step{
		{"a dry run of revoke", g.change(g.s.Revoke, dry, id), nothing}, {"revoke", g.change(g.s.Revoke, plain, id), subject},
		{"revoke again", g.change(g.s.Revoke, plain, id), nothing}, {"a dry run of activate", g.change(g.s.Activate, dry, id), nothing},
		{"activate", g.change(g.s.Activate, plain, id), subject}, {"activate again", g.change(g.s.Activate, plain, id), nothing},
	}
}

func (g operator) deleting(id string) []step {
	return []step{
		{"a dry run of delete", g.change(g.s.Delete, keys.ChangeRequest{DryRun: true, Force: true}, id), nothing},
		{"delete", g.change(g.s.Delete, keys.ChangeRequest{Force: true}, id), func(before, _ cells) []string {
			return before.of(g.f.table, g.literal(id))
		}},
	}
}

// inVain are steps that change nothing, whatever they try.
func (g operator) inVain(gone string) []step {
	ctx, nobody := g.t.Context(), keys.UnlockRequest{Addr: netip.MustParseAddr("203.0.113.9")}
	_, third := g.f.rowID(3)
	return []step{
		{"revoke of a key that is not there", mustFail(g.change(g.s.Revoke, keys.ChangeRequest{}, third, gone)), nothing},
		{"clearing a lockout that is none", mustFail(func() error { _, err := g.s.Unlock(ctx, nobody); return err }), nothing},
		{"reading", func() error {
			return g.s.List(ctx, keys.Query{}, func([]keys.Key) error { _, err := g.s.Verify(ctx, g.f.token, keys.Request{}); return err })
		}, nothing},
	}
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
