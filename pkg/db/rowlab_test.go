package db

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The key tables of servers, by the statements that the servers make them with.
const (
	proxboxTable = `CREATE TABLE apikey (id INTEGER NOT NULL, label VARCHAR NOT NULL, key_hash VARCHAR NOT NULL,
		is_active BOOLEAN NOT NULL, created_at FLOAT NOT NULL, PRIMARY KEY (id))`
	zoneweaverTable = "CREATE TABLE `entities` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `name` VARCHAR(255) NOT NULL, " +
		"`key_id` VARCHAR(16) NOT NULL UNIQUE, `api_key_hash` VARCHAR(255) NOT NULL, `description` TEXT, " +
		"`role` VARCHAR(255) NOT NULL DEFAULT 'admin', `is_active` TINYINT(1) DEFAULT 1, `created_at` DATETIME, " +
		"`last_used` DATETIME, `createdAt` DATETIME NOT NULL, `updatedAt` DATETIME NOT NULL)"
	proxyosTable = `CREATE TABLE api_keys (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, key_hash TEXT NOT NULL,
		scopes TEXT NOT NULL, last_used INTEGER, expires_at INTEGER, created_at INTEGER NOT NULL)`
)

func proxboxLayout() *Layout {
	return &Layout{
		Family: "proxbox", Table: "apikey",
		Columns: []Column{
			{Field: keys.FieldID, Name: "id", Codec: "integer"},
			{Field: keys.FieldLabel, Name: "label", Codec: "text"},
			{Field: keys.FieldHash, Name: "key_hash", Codec: "text"},
			{Field: keys.FieldEnabled, Name: "is_active", Codec: "flag"},
			{Field: keys.FieldCreatedAt, Name: "created_at", Codec: "real-seconds"},
		},
		Rules: keys.Rules{
			Server: "proxbox-api", IDs: keys.IDRules{Assigned: true}, Revoke: keys.RevokeFlag, Guard: keys.GuardActive,
			Hash: keys.HashRules{Scheme: keys.Bcrypt, Accepts: []string{"$2a$", "$2b$", "$2y$"}},
			Form: &keys.TokenForm{Text: "{secret}", Secret: keys.Part{Of: "base64url", Bytes: 48}},
		},
	}
}

func zoneweaverLayout() *Layout {
	return &Layout{
		Family: "zoneweaver", Table: "entities", Selector: keys.FieldMasked,
		Columns: []Column{
			{Field: keys.FieldID, Name: "id", Codec: "integer"},
			{Field: keys.FieldLabel, Name: "name", Codec: "text"},
			{Field: keys.FieldMasked, Name: "key_id", Codec: "text", Before: "hw_", After: "…"},
			{Field: keys.FieldHash, Name: "api_key_hash", Codec: "text"},
			{Field: keys.FieldDescription, Name: "description", Codec: "optional-text"},
			{Field: keys.FieldRole, Name: "role", Codec: "text"},
			{Field: keys.FieldEnabled, Name: "is_active", Codec: "flag"},
			{Field: keys.FieldCreatedAt, Name: "created_at", Codec: "sequelize"},
			{Field: keys.FieldLastUsedAt, Name: "last_used", Codec: "sequelize", AsCreated: true},
			{Field: keys.FieldUpdatedAt, Name: "updatedAt", Codec: "sequelize"},
		},
		Copies: []Copy{{Of: keys.FieldCreatedAt, Name: "createdAt", Codec: "sequelize"}},
		Rules: keys.Rules{
			Server: "Zoneweaver Agent", IDs: keys.IDRules{Assigned: true}, Revoke: keys.RevokeFlag,
			Guard: keys.GuardAdmin, AdminRole: "admin",
			Hash: keys.HashRules{Scheme: keys.Bcrypt72, Accepts: []string{"$2a$", "$2b$"}},
			Form: &keys.TokenForm{
				Text: "hw_{selector}.{secret}", Selector: keys.Part{Of: "base64url", Bytes: 12}, Secret: keys.Part{Of: "base64url", Bytes: 64},
				Pattern: regexp.MustCompile(`^hw_(?P<selector>[A-Za-z0-9_-]{16})\.[A-Za-z0-9_-]+$`), MaskText: "hw_{selector}…",
			},
		},
	}
}

func proxyosLayout() *Layout {
	return &Layout{
		Family: "proxyos", Table: "api_keys",
		Columns: []Column{
			{Field: keys.FieldID, Name: "id", Codec: "text"},
			{Field: keys.FieldLabel, Name: "name", Codec: "text"},
			{Field: keys.FieldHash, Name: "key_hash", Codec: "text"},
			{Field: keys.FieldScopes, Name: "scopes", Codec: "json-list"},
			{Field: keys.FieldLastUsedAt, Name: "last_used", Codec: "unix-seconds"},
			{Field: keys.FieldExpiresAt, Name: "expires_at", Codec: "unix-seconds"},
			{Field: keys.FieldCreatedAt, Name: "created_at", Codec: "unix-seconds"},
		},
		Rules: keys.Rules{
			Server: "ProxyOS", IDs: keys.IDRules{Random: keys.Part{Of: "base64url", Chars: 21}}, Revoke: keys.RevokeExpiry, Guard: keys.GuardNone,
			Hash: keys.HashRules{Scheme: keys.HMACSHA256, Legacy: []keys.Scheme{keys.SHA256}},
			Form: &keys.TokenForm{Text: "pxos_{secret}", Secret: keys.Part{Of: "base64url", Bytes: 24}},
		},
	}
}

// tableLab is one key table, seen by us and by its server.
type tableLab struct {
	*rows
	testing.TB
	server *sql.DB
}

// labOver makes a database by the statements of a server, and opens its key table by
// the layout. Each of our statements is a transaction of its own.
func labOver(t testing.TB, l *Layout, statements ...string) tableLab {
	t.Helper()
	path := serverDB(t, filepath.Join(ownDir(t), "server.db"), "delete")
	server := plainPool(t, path)
	mustExec(t, server, statements...)
	d := &DB{pool: mustConnect(t, path, ReadWrite), options: Options{Path: path}}
	s, err := d.session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return tableLab{&rows{table: newTable(l), session: s, path: path}, t, server}
}

// row returns what a row holds, as SQL literals.
func (l tableLab) row(id string) string {
	l.Helper()
	rs, err := l.server.Query("SELECT name FROM pragma_table_info(?)", l.Table)
	if err != nil {
		l.Fatal(err)
	}
	defer rs.Close()
	var parts []string
	for rs.Next() {
		var name string
		if err := rs.Scan(&name); err != nil {
			l.Fatal(err)
		}
		parts = append(parts, "quote("+quote(name)+")")
	}
	var text string
	query := "SELECT " + strings.Join(parts, " || ' ' || ") + " FROM " + quote(l.Table) + " WHERE id = ?"
	if err := l.server.QueryRow(query, id).Scan(&text); err != nil {
		l.Fatal(err)
	}
	return text
}

func (l tableLab) key(id string) keys.Key {
	l.Helper()
	k, err := l.Key(l.Context(), id)
	if err != nil {
		l.Fatal(err)
	}
	return k
}

func (l tableLab) page(q keys.Query) []keys.Key {
	l.Helper()
	list, err := l.Page(l.Context(), q)
	if err != nil {
		l.Fatal(err)
	}
	return list
}

func (l tableLab) mustInsert(list ...keys.Key) []keys.Key {
	l.Helper()
	if err := l.Insert(l.Context(), list); err != nil {
		l.Fatal(err)
	}
	return list
}

// idsOf returns the ids of a list, as text.
func idsOf(list []keys.Key) string {
	var ids []string
	for _, k := range list {
		ids = append(ids, k.ID)
	}
	return strings.Join(ids, " ")
}

// damageOf returns the fields of k that could not be read, as text.
func damageOf(k keys.Key) string {
	var names []string
	for _, d := range k.Damage {
		names = append(names, d.Field.String())
	}
	return strings.Join(names, " ")
}

func bcryptText(minor string) string { return "$" + minor + "$04$" + strings.Repeat("a", 53) }
