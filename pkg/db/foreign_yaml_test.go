package db

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

// Two servers that nobody told this program of. What it does for them is in these
// files and nowhere in its code.

// clipLayout has tokens as they are, or by SHA-512, in a table with a flag of what
// is off and lists with commas.
const clipLayout = `
layout: clipboard
title: Clipboard's tokens
server: Clipboard
recognise: {beside: [clips, people]}
table: tokens
columns:
  id: {column: id, as: integer}
  label: {column: title, as: text}
  owner: {column: person, as: optional-text}
  hash: {column: token, as: text}
  scopes: {column: may, as: comma-list}
  enabled: {column: revoked, as: inverted-flag}
  created_at: {column: made, as: unix-ms}
  expires_at: {column: ends, as: unix-ms}
constants: {kind: api, uses: 0}
ids: {from: database}
token:
  form: clp_{secret}
  secret: {of: base62, chars: 40}
  pattern: '^clp_[A-Za-z0-9_-]{40}$'
  supplied: {least_chars: 44, most_bytes: 44}
hash: {scheme: SCHEME}
label: {required: true, most: 80}
scopes: {words: [copy, paste, clear], granted_by: {copy: paste}}
revoke: flag
guard: {keep: last_active}
bootstrap: {by: any_row, label: first, scopes: [copy, paste, clear]}
`

var clipSchema = []string{
	"CREATE TABLE people (name TEXT PRIMARY KEY) WITHOUT ROWID", "INSERT INTO people VALUES ('ann')", "CREATE TABLE clips (id INTEGER PRIMARY KEY, body BLOB)",
	"CREATE TABLE tokens (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, title TEXT NOT NULL, person TEXT, token TEXT NOT NULL UNIQUE, may TEXT NOT NULL, revoked BOOLEAN NOT NULL DEFAULT FALSE, made BIGINT NOT NULL, ends BIGINT, uses INT NOT NULL)",
}

func clipRow(r fixtureRow) string {
	return "INSERT INTO tokens VALUES (" + r.id + ", 'web', " + r.label + ", 'ann', '" + r.hash + "', 'copy,paste', " +
		[]string{"TRUE", "FALSE"}[bit(r.on)] + ", 1776384000123, NULL, 12)"
}

// gateLayout has a visible part of the token in a column of its own, and bcrypt of
// the secret part in a blob.
const gateLayout = `
layout: gatehouse
title: Gatehouse's keys
server: Gatehouse
recognise: {exact: true, beside: [nodes]}
table: api_keys
columns:
  id: {column: id, as: integer}
  masked: {column: prefix, as: text, before: gate-, after: …}
  hash: {column: hash, as: blob}
  created_at: {column: created_at, as: go}
  expires_at: {column: expiration, as: go}
  last_used_at: {column: last_seen, as: go}
ids: {from: database}
token:
  form: gate-{selector}-{secret}
  selector: {of: base64url, bytes: 9}
  secret: {of: base64url, bytes: 48}
  pattern: '^gate-(?P<selector>[A-Za-z0-9_-]{12})-(?P<hashed>[A-Za-z0-9_-]{64})$'
  mask: gate-{selector}…
hash: {scheme: bcrypt, cost: {default: 10, least: 4, most: 15}}
revoke: expiry
guard: {keep: last_active}
bootstrap: {by: none}
`

var gateSchema = []string{
	"CREATE TABLE nodes (id integer PRIMARY KEY AUTOINCREMENT, hostname text)", "INSERT INTO nodes (hostname) VALUES ('a'), ('b')",
	"CREATE TABLE `api_keys` (`id` integer PRIMARY KEY AUTOINCREMENT,`prefix` text,`hash` blob,`created_at` datetime,`expiration` datetime,`last_seen` datetime)",
	"CREATE UNIQUE INDEX `idx_api_keys_prefix` ON `api_keys`(`prefix`)",
}

func gateRow(r fixtureRow) string {
	expiration := []string{"'2026-07-08 10:11:12.131415161+02:00'", "NULL"}[bit(r.on)]
	return "INSERT INTO api_keys VALUES (" + r.id + ", '" + strings.Trim(r.label, "'") + "', CAST('" + r.hash +
		"' AS BLOB), '2026-07-08 10:11:12.131415161+02:00', " + expiration + ", NULL)"
}

// outsider is a server that only its layout file knows.
type outsider struct {
	fixture
	layout string
	stores func(t *testing.T, token, stored string) string // what other programs store for a token
}

func outsiders() []outsider {
	clip := outsider{
		fixture: fixture{
			name: "clear text", file: "clips.db", journal: "wal", schema: clipSchema, table: "tokens", hash: "token",
			revokes: []string{"revoked"}, row: clipRow, token: "clp_" + run(40, 9),
		},
		layout: strings.Replace(clipLayout, "SCHEME", "clear", 1),
		stores: func(_ *testing.T, token, _ string) string { return token },
	}
	clip.crypt = clip.token
	digest := clip
	digest.name, digest.crypt, digest.layout = "sha512", sha512Clip, strings.Replace(clipLayout, "SCHEME", "sha512", 1)
	digest.stores = func(t *testing.T, token, _ string) string { return opensslOf(t, token, "sha512", "") }
	gate := outsider{
		fixture: fixture{
			name: "bcrypt in a blob", file: "gate.db", journal: "wal", schema: gateSchema, table: "api_keys", hash: "hash",
			revokes: []string{"expiration"}, row: gateRow, token: "gate-" + run(12, 7) + "-" + run(64, 8), crypt: "$2b$" + ofGate,
		},
		layout: gateLayout,
		stores: func(t *testing.T, token, stored string) string { return cryptOf(t, token[len(token)-64:], stored) },
	}
	return []outsider{clip, digest, gate}
}

// known is the row of the token that other programs hashed.
func (s outsider) known(id string) fixtureRow {
	label := "'known'"
	if s.table == "api_keys" {
		label = s.token[5:17]
	}
	return fixtureRow{id: id, label: label, hash: s.crypt, on: true}
}

// at opens the server's database by its layout file.
func (s outsider) at(t *testing.T, path string) operator {
	t.Helper()
	o := s.options(path)
	o.Layout = write(t, filepath.Join(filepath.Dir(path), "server.yaml"), []byte(s.layout))
	g := operator{t, s.fixture, path, serviceOver(mustOpen(t, o))}
	g.f.table = s.table
	return g
}

// literalCell is a cell of the key table, whose ids are integers here.
func (s outsider) cell(id, column string) string { return s.table + "/" + id + "." + column }

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

// What makes no sense is noted, and what the table cannot hold is refused.
func TestOutsidersDamageAndLimits(t *testing.T) {
	damage := map[string][]string{
		"tokens":   {"UPDATE tokens SET revoked = 'maybe', made = 'then' WHERE id = 8", "UPDATE tokens SET may = x'00ff', token = x'00' WHERE id = 9"},
		"api_keys": {"UPDATE api_keys SET hash = 'text', created_at = 12.5 WHERE id = 8", "UPDATE api_keys SET hash = NULL, expiration = 'soon' WHERE id = 9"},
	}
	eachOutsider(t, func(t *testing.T, s outsider) {
		path := s.make(t, s.known("7"))
		pool := plainPool(t, path)
		for i, id := range []string{"8", "9"} {
			r := s.known(id)
			r.hash = s.crypt[:len(s.crypt)-1] + id
			if r.label != "'known'" {
				r.label = run(12, 50+i)
			}
			mustExec(t, pool, s.row(r))
		}
		mustExec(t, pool, damage[s.table]...)
		g := s.at(t, path)
		before, damaged := cellsOf(t, path), map[string]int{}
		err := g.s.List(t.Context(), keys.Query{}, func(page []keys.Key) error {
			for _, k := range page {
				damaged[k.ID] = len(k.Damage)
			}
			return nil
		})
		if err != nil || len(damaged) != 3 || damaged["7"] != 0 || damaged["8"] == 0 || damaged["9"] == 0 {
			t.Errorf("damages %v, %v", damaged, err)
		}
		g.answers(s.token, "7")
		for _, set := range []func(k *keys.Key){func(k *keys.Key) { k.Resource = "tv/1" }, func(k *keys.Key) { k.Role = "admin" }} {
			q := g.request()
			set(&q.Key)
			_, err := g.s.Create(t.Context(), q, quiet{})
			wantReason(t, err, keys.ReasonUnsupported)
		}
		expect(t, "what was refused", before, cellsOf(t, path))
		if _, err := g.s.Delete(t.Context(), keys.ChangeRequest{Refs: refsTo("8"), Force: true}); err != nil {
			t.Errorf("a damaged key cannot be deleted: %v", err)
		}
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
