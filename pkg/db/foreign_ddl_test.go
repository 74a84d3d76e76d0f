package db

import (
	"strings"
)

// run is text of the base64url alphabet that no randomness is in: real tokens of
// this shape would be taken for secrets.
func run(n, start int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var b strings.Builder
	for i := range n {
		b.WriteByte(alphabet[(start+11*i+i*i)%len(alphabet)])
	}
	return b.String()
}

// fixtureSecret is what ProxyOS is configured with in these tests.
const fixtureSecret = "a server's secret of forty-two bytes, kept"

// The hashes come from libxcrypt by Python's crypt.crypt, of the first 72 bytes
// where the server cuts there, and from openssl dgst -sha256 [-hmac].
const (
	fixtureSalt = "04$KeyreeveFixtureSaltAbe"
	ofProxbox   = fixtureSalt + "L3xHHPsK1sj2pTMII4McjlmAD5FicW."
	ofWh        = fixtureSalt + "fSMi4vBbvDV2CXlKc7GJKw4PZSE8HES"
	ofHw        = fixtureSalt + "HInxD3sRulcsro.Dph9PNFXBTXYSaeW"
	ofKeyID     = fixtureSalt + "lHn040DfuDDVtE2BK4PnHvp2yTvn8j6"
	ofGate      = fixtureSalt + "GFmzsWpSVIiZ8DnQzNlc.ksc3ZIRCg2" // of the secret part alone
	shaOfPxos   = "4e3b61018c3958cbde1d34f503c4b353" + "91559460ee3f77efbd0888fd7202fc93"
	hmacOfPxos  = "d3eaf870b24dcb2f2f8e7c4cf9b0cbab" + "442d06107746678d0bd9f732e2264789"
	sha512Clip  = "ad84f037cbd053fc81f17ec173f9d5d0" + "78eee154cea57bb1b2dc02fb4935ce90" +
		"9af2f9b44cf2810623ef9157f7f9bea1" + "a6376d9043c11a217986cb99a4b4dace"
)

// proxboxSchema is what SQLAlchemy makes, spaces at the ends of lines included.
var proxboxSchema = []string{
	"CREATE TABLE netboxendpoint (\n\tid INTEGER NOT NULL, \n\tname VARCHAR NOT NULL, \n\tip_address VARCHAR NOT NULL, \n\tport INTEGER NOT NULL, \n\ttoken VARCHAR NOT NULL, \n\tverify_ssl BOOLEAN NOT NULL, \n\tPRIMARY KEY (id)\n)",
	"CREATE UNIQUE INDEX ix_netboxendpoint_name ON netboxendpoint (name)",
	"INSERT INTO netboxendpoint VALUES (1, 'netbox', '192.0.2.10', 443, 'theirs', 1)",
	"CREATE TABLE proxmoxendpoint (\n\tid INTEGER NOT NULL, \n\tname VARCHAR NOT NULL, \n\tport INTEGER NOT NULL, \n\tPRIMARY KEY (id)\n)",
	"INSERT INTO proxmoxendpoint VALUES (1, 'pve', 8006)",
	"CREATE TABLE authlockout (\n\tip_address VARCHAR NOT NULL, \n\tattempts INTEGER NOT NULL, \n\tfirst_attempt_time FLOAT NOT NULL, \n\tPRIMARY KEY (ip_address)\n)",
	"CREATE TABLE apikey (\n\tid INTEGER NOT NULL, \n\tlabel VARCHAR NOT NULL, \n\tkey_hash VARCHAR NOT NULL, \n\tis_active BOOLEAN NOT NULL, \n\tcreated_at FLOAT NOT NULL, \n\tPRIMARY KEY (id)\n)",
}

const proxboxClaim = "CREATE TABLE api_key_bootstrap_claim (\n\tid INTEGER NOT NULL, \n\tinitialized_at FLOAT NOT NULL, \n\tPRIMARY KEY (id), \n\tCONSTRAINT ck_api_key_bootstrap_claim_singleton CHECK (id = 1)\n)"

// zoneweaverSchema is what Sequelize makes, around the key table.
func zoneweaverSchema(entities ...string) []string {
	return append([]string{
		"CREATE TABLE `zones` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `name` VARCHAR(255) NOT NULL UNIQUE, `zone_id` VARCHAR(255), `is_orphaned` TINYINT(1) DEFAULT 0, `createdAt` DATETIME NOT NULL, `updatedAt` DATETIME NOT NULL)",
		"INSERT INTO `zones` VALUES (7, 'web', NULL, 0, '2026-07-08 10:11:12.131 +00:00', '2026-07-08 10:11:12.131 +00:00')",
		"CREATE TABLE `tasks` (`id` UUID PRIMARY KEY, `zone_name` VARCHAR(255) NOT NULL REFERENCES `zones` (`name`), `status` TEXT DEFAULT 'pending', `createdAt` DATETIME NOT NULL, `updatedAt` DATETIME NOT NULL)",
		"INSERT INTO `tasks` VALUES ('9f1c', 'web', 'done', '2026-07-08 10:11:12.131 +00:00', '2026-07-08 10:11:12.131 +00:00')",
		"CREATE TABLE `hosts` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `hostname` VARCHAR(255) NOT NULL)",
		"CREATE INDEX `tasks_status` ON `tasks` (`status`)",
	}, entities...)
}

const (
	entitiesBegin = "CREATE TABLE `entities` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `name` VARCHAR(255) NOT NULL, "
	entitiesHash  = "`api_key_hash` VARCHAR(255) NOT NULL, `description` TEXT, "
	entitiesRole  = "`role` VARCHAR(255) NOT NULL DEFAULT 'admin', "
	entitiesEnd   = "`is_active` TINYINT(1) DEFAULT 1, `created_at` DATETIME, `last_used` DATETIME, `createdAt` DATETIME NOT NULL, `updatedAt` DATETIME NOT NULL)"

	entities      = entitiesBegin + entitiesHash + entitiesEnd
	entitiesRoles = entitiesBegin + entitiesHash + entitiesRole + entitiesEnd
	entitiesKeyID = entitiesBegin + "`key_id` VARCHAR(16) NOT NULL UNIQUE, " + entitiesHash + entitiesRole + entitiesEnd
	// What an upgraded file got, hence last in column order.
	entitiesAlter = "ALTER TABLE `entities` ADD `role` VARCHAR(255) NOT NULL DEFAULT 'admin'"
)

// proxyosSchema is what the server runs at every start, of 86 tables.
var proxyosSchema = []string{
	"CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, password_hash TEXT, role TEXT NOT NULL DEFAULT 'viewer', created_at INTEGER NOT NULL)",
	"INSERT INTO users VALUES ('u1', 'ann@example.org', NULL, 'admin', 1776384000)",
	"CREATE TABLE IF NOT EXISTS routes (id TEXT PRIMARY KEY, domain TEXT NOT NULL UNIQUE, upstreams TEXT NOT NULL, enabled INTEGER NOT NULL DEFAULT 1, created_at INTEGER NOT NULL)",
	"INSERT INTO routes VALUES ('r1', 'example.org', '[\"10.0.0.1:80\"]', 1, 1776384000)",
	"CREATE TABLE IF NOT EXISTS sso_providers (id TEXT PRIMARY KEY, name TEXT NOT NULL, config TEXT NOT NULL)",
	"CREATE TABLE IF NOT EXISTS agents (id TEXT PRIMARY KEY, name TEXT NOT NULL, site_id TEXT REFERENCES users(id) ON DELETE SET NULL)",
	"CREATE TABLE IF NOT EXISTS system_settings (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at INTEGER NOT NULL)",
	"INSERT INTO system_settings VALUES ('theme', 'dark', 1776384000)",
	"CREATE TABLE IF NOT EXISTS api_keys (\n    id TEXT PRIMARY KEY,\n    name TEXT NOT NULL,\n    key_hash TEXT NOT NULL,\n    scopes TEXT NOT NULL,\n    last_used INTEGER,\n    expires_at INTEGER,\n    created_at INTEGER NOT NULL\n  )",
}
