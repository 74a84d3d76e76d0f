package db

import (
	"path/filepath"
	"strings"
	"testing"
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
