package db

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

func eachOutsider(t *testing.T, work func(t *testing.T, s outsider)) {
	for _, s := range outsiders() {
		t.Run(s.name, func(t *testing.T) { work(t, s) })
	}
}

func TestOutsidersKeysAreAdministered(t *testing.T) {
	eachOutsider(t, func(t *testing.T, s outsider) {
		path := s.make(t, s.known("7"))
		g := s.at(t, path)
		g.answers(s.token, "7")
		g.answers(flipped(s.token, len(s.token)-1), "")
		q, before := g.request(), cellsOf(t, path)
		q.Key.ExpiresAt = keys.At(time.Now().Add(48 * time.Hour))
		made := g.create(q)
		after := cellsOf(t, path)
		expect(t, "create", before, after, after.of(s.table, made.Key.ID)...)
		stored := oneText(t, path, "SELECT CAST("+s.hash+" AS TEXT) FROM "+s.table+" WHERE id = "+made.Key.ID)
		if want := s.stores(t, made.Token, stored); stored != want {
			t.Errorf("a token of %d bytes is stored as %d, another program stores %d", len(made.Token), len(stored), len(want))
		}
		g.answers(made.Token, made.Key.ID)
		s.walk(t, g, made)
	})
}

// walk does to a key all that an operator does.
func (s outsider) walk(t *testing.T, g operator, made keys.Issued) {
	q := keys.ChangeRequest{Refs: refsTo(made.Key.ID)}
	row := s.cell(made.Key.ID, s.revokes[0])
	for _, v := range []struct {
		name   string
		do     func() ([]keys.Change, error)
		want   keys.Result
		cells  []string
		opened bool
	}{
		{"revoke", func() ([]keys.Change, error) { return g.s.Revoke(t.Context(), q) }, keys.Changed, []string{row}, false},
		{"revoke again", func() ([]keys.Change, error) { return g.s.Revoke(t.Context(), q) }, keys.Unchanged, nil, false},
		{"activate", func() ([]keys.Change, error) { return g.s.Activate(t.Context(), q) }, keys.Changed, []string{row}, true},
		{"delete", func() ([]keys.Change, error) { return g.s.Delete(t.Context(), q) }, keys.Deleted, cellsOf(t, g.path).of(s.table, made.Key.ID), false},
	} {
		before := cellsOf(t, g.path)
		done, err := v.do()
		if err != nil || len(done) != 1 || done[0].Result != v.want {
			t.Fatalf("%s gives %+v, %v", v.name, done, err)
		}
		expect(t, v.name, before, cellsOf(t, g.path), v.cells...)
		g.answers(made.Token, map[bool]string{true: made.Key.ID}[v.opened])
	}
	_, err := g.s.Revoke(t.Context(), keys.ChangeRequest{Refs: refsTo("7")})
	wantReason(t, err, keys.ReasonLastActive)
	_, err = g.s.Delete(t.Context(), keys.ChangeRequest{Refs: refsTo("7")})
	wantReason(t, err, keys.ReasonLastActive)
	g.answers(s.token, "7")
}

func TestOutsidersKeysAreListed(t *testing.T) {
	eachOutsider(t, func(t *testing.T, s outsider) {
		path := s.make(t, s.known("7"))
		other := s.known("8")
		other.hash, other.on = flipped(s.crypt, len(s.crypt)-1), false
		if other.label != "'known'" {
			other.label = run(12, 40)
		}
		mustExec(t, plainPool(t, path), s.row(other))
		var list []keys.Key
		err := s.at(t, path).s.List(t.Context(), keys.Query{}, func(page []keys.Key) error { list = append(list, page...); return nil })
		if err != nil || len(list) != 2 || list[0].ID != "7" {
			t.Fatalf("%+v, %v", list, err)
		}
		if a, b := list[0].Status(keys.At(time.Now())), list[1].Status(keys.At(time.Now())); a != keys.Active || b == keys.Active || len(list[0].Damage)+len(list[1].Damage) > 0 {
			t.Errorf("they are %s and %s: %+v", a, b, list)
		}
		want := keys.Key{ID: "7", Label: "known", Owner: "ann", Scopes: []string{"copy", "paste"}, CreatedAt: keys.Millis(1776384000123)}
		if s.table == "api_keys" {
			want = keys.Key{ID: "7", Masked: s.token[:17] + "…", CreatedAt: keys.At(time.Date(2026, 7, 8, 8, 11, 12, 131e6, time.UTC))}
		}
		got := list[0]
		got.Hash, got.Scheme, got.Enabled = "", "", false
		if got.CreatedAt != want.CreatedAt || got.Label != want.Label || got.Owner != want.Owner || got.Masked != want.Masked || cmp.Diff(want.Scopes, got.Scopes) != "" {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

// spoil adds the keys 8 and 9, of which hardly anything makes sense.
func (s outsider) spoil(t *testing.T, path string) {
	pool := plainPool(t, path)
	for i, id := range []string{"8", "9"} {
		r := s.known(id)
		r.hash = s.crypt[:len(s.crypt)-1] + id
		if r.label != "'known'" {
			r.label = run(12, 50+i)
		}
		mustExec(t, pool, s.row(r))
	}
	mustExec(t, pool, map[string][]string{
		"tokens":   {"UPDATE tokens SET revoked = 'maybe', made = 'then' WHERE id = 8", "UPDATE tokens SET may = x'00ff', token = x'00' WHERE id = 9"},
		"api_keys": {"UPDATE api_keys SET hash = 'text', created_at = 12.5 WHERE id = 8", "UPDATE api_keys SET hash = NULL, expiration = 'soon' WHERE id = 9"},
	}[s.table]...)
}

// damages lists every key with how much of it makes no sense.
func (g operator) damages() map[string]int {
	g.t.Helper()
	damaged := map[string]int{}
	err := g.s.List(g.t.Context(), keys.Query{}, func(page []keys.Key) error {
		for _, k := range page {
			damaged[k.ID] = len(k.Damage)
		}
		return nil
	})
	if err != nil {
		g.t.Error(err)
	}
	return damaged
}

// What makes no sense is noted and can be deleted, and hides nothing.
func TestOutsidersDamage(t *testing.T) {
	eachOutsider(t, func(t *testing.T, s outsider) {
		path := s.make(t, s.known("7"))
		s.spoil(t, path)
		g := s.at(t, path)
		if d := g.damages(); len(d) != 3 || d["7"] != 0 || d["8"] == 0 || d["9"] == 0 {
			t.Errorf("damages %v", d)
		}
		g.answers(s.token, "7")
		before := cellsOf(t, path)
		if _, err := g.s.Delete(t.Context(), keys.ChangeRequest{Refs: refsTo("8"), Force: true}); err != nil {
			t.Errorf("a damaged key cannot be deleted: %v", err)
		}
		expect(t, "delete", before, cellsOf(t, path), before.of(s.table, "8")...)
	})
}

func TestOutsidersLimits(t *testing.T) {
	eachOutsider(t, func(t *testing.T, s outsider) {
		path := s.make(t, s.known("7"))
		g := s.at(t, path)
		before := cellsOf(t, path)
		for _, set := range []func(k *keys.Key){func(k *keys.Key) { k.Resource = "tv/1" }, func(k *keys.Key) { k.Role = "admin" }} {
			q := g.request()
			set(&q.Key)
			_, err := g.s.Create(t.Context(), q, quiet{})
			wantReason(t, err, keys.ReasonUnsupported)
		}
		_, err := g.s.Lockouts(t.Context())
		wantReason(t, err, keys.ReasonUnsupported)
		expect(t, "what was refused", before, cellsOf(t, path))
	})
}

// The contract holds over tables that nobody thought of, too.
func TestContractOfOutsiders(t *testing.T) {
	unlessShort(t)
	eachOutsider(t, func(t *testing.T, s outsider) {
		t.Parallel()
		file := write(t, filepath.Join(ownDir(t), "server.yaml"), []byte(s.layout))
		keystest.Run(t, func(t *testing.T) keystest.Database {
			return s.observed(t, func(t *testing.T, o Options) func() (keys.Store, error) {
				o.Layout = file
				return opened(t, o)
			})
		})
	})
}
