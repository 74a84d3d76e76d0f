package db

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fixture is the database of a server as that server makes it: its statements are
// those that were read off real files.
type fixture struct {
	name    string // of its layout
	told    bool   // another era has the same table: only whoever knows can tell
	file    string
	journal string
	busy    int // milliseconds, that the server waits for a lock
	sync    int // its synchronous
	pool    int // connections
	schema  []string

	table, hash string   // the key table, and its column of the hash
	revokes     []string // the columns that a revocation writes
	claims      []string // the cells that appear with the first key
	row         func(r fixtureRow) string
	on          string // the server's own condition for a key that it accepts
	secret      string

	lockedOut bool // addresses, after failures that the database counts

	token string // such as the server makes, of no randomness
	crypt string // its hash, by tools that share no code with this program
	seen  string // what the server shows of it in a column of its own
}

// fixtureRow is what differs between the rows of a server. ID and label are SQL.
type fixtureRow struct {
	id, label, hash string
	on              bool
}

func proxboxRow(r fixtureRow) string {
	return fmt.Sprintf("INSERT INTO apikey (label, key_hash, is_active, created_at, id) VALUES (%s, '%s', %d, 1795351916.4126136, %s)", r.label, r.hash, bit(r.on), r.id)
}

// entityRow writes the columns that the era has.
func entityRow(columns, values string) func(fixtureRow) string {
	const at = "'2026-07-08 10:11:12.131 +00:00'"
	return func(r fixtureRow) string {
		return fmt.Sprintf("INSERT INTO `entities` (`id`,`name`,`api_key_hash`,`description`,`is_active`,`created_at`,`last_used`,`createdAt`,`updatedAt`%s) VALUES (%s,%s,'%s','of the agent',%d,%s,%s,%s,%s%s)",
			columns, r.id, r.label, r.hash, bit(r.on), at, at, at, at, strings.ReplaceAll(values, "ID", run(11, len(r.id)+int(r.id[0]))+fmt.Sprintf("%05s", strings.Trim(r.id, "'"))))
	}
}

func proxyosRow(r fixtureRow) string {
	expiry := "NULL"
	if !r.on {
		expiry = "1776384001"
	}
	return fmt.Sprintf("INSERT INTO api_keys (id, name, key_hash, scopes, expires_at, created_at) VALUES (%s, %s, '%s', '[\"read\",\"routes:read\"]', %s, 1776384000)", r.id, r.label, r.hash, expiry)
}

func bit(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// fixtures returns the database of every server and era.
func fixtures() []fixture {
	proxbox := fixture{
		name: "proxbox/claim", file: "database.db", journal: "wal", busy: 5000, sync: 2, pool: 2,
		schema: append(append([]string{}, proxboxSchema...), proxboxClaim), table: "apikey", hash: "key_hash", row: proxboxRow,
		revokes: []string{"is_active"}, claims: []string{"api_key_bootstrap_claim/1.id", "api_key_bootstrap_claim/1.initialized_at"},
		on: "is_active = 1", token: run(64, 1), crypt: "$2b$" + ofProxbox, lockedOut: true,
	}
	open := proxbox
	open.name, open.journal, open.schema, open.claims = "proxbox/open", "delete", proxboxSchema, nil
	agent := fixture{
		name: "zoneweaver/hw", file: "database.sqlite", journal: "delete", busy: 1000, sync: 2, pool: 1,
		schema: zoneweaverSchema(entities), table: "entities", hash: "api_key_hash", row: entityRow("", ""),
		revokes: []string{"is_active", "updatedAt"}, on: "is_active = 1", token: "hw_" + run(86, 3), crypt: "$2b$" + ofHw,
	}
	wh := agent
	wh.name, wh.told, wh.token, wh.crypt = "zoneweaver/wh", true, "wh_"+run(86, 2), "$2b$"+ofWh
	role := agent
	role.name, role.schema, role.row = "zoneweaver/role", zoneweaverSchema(entitiesRoles), entityRow(",`role`", ",'admin'")
	altered := role
	altered.schema = zoneweaverSchema(entities, entitiesAlter)
	keyID := role
	keyID.name, keyID.file, keyID.schema = "zoneweaver/key_id", "core.sqlite", zoneweaverSchema(entitiesKeyID)
	keyID.row, keyID.seen = entityRow(",`role`,`key_id`", ",'admin','ID'"), "key_id"
	keyID.token, keyID.crypt = "hw_"+run(16, 4)+"."+run(86, 5), "$2b$"+ofKeyID
	proxy := fixture{
		name: "proxyos/hmac", file: "proxyos.db", journal: "wal", busy: 5000, sync: 1, pool: 1,
		schema: proxyosSchema, table: "api_keys", hash: "key_hash", row: proxyosRow, revokes: []string{"expires_at"},
		on: "expires_at IS NULL OR expires_at > unixepoch()", secret: fixtureSecret, token: "pxos_" + run(32, 6), crypt: hmacOfPxos,
	}
	sha := proxy
	sha.name, sha.told, sha.secret, sha.crypt = "proxyos/sha", true, "", shaOfPxos
	return []fixture{proxbox, open, wh, agent, role, altered, keyID, proxy, sha}
}

// theFixture returns the one of a layout, the first where there are several.
func theFixture(t testing.TB, name string) fixture {
	t.Helper()
	for _, f := range fixtures() {
		if f.name == name {
			return f
		}
	}
	t.Fatalf("no server has the layout %s", name)
	return fixture{}
}

// title tells fixtures of one layout apart.
func (f fixture) title() string {
	title := strings.ReplaceAll(f.name, "/", " ")
	if f.schema[len(f.schema)-1] == entitiesAlter {
		title += " by alter"
	}
	return title
}

// make makes the server's database, with these rows of keys, and closes it.
func (f fixture) make(t testing.TB, rows ...fixtureRow) (path string) {
	t.Helper()
	path = filepath.Join(ownDir(t), f.file)
	pool := serverPool(t, path, f.journal)
	mustExec(t, pool, append(append([]string{"BEGIN"}, f.schema...), "COMMIT")...)
	for _, r := range rows {
		mustExec(t, pool, f.row(r))
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// options are those of an operator who says nothing that can be found out.
func (f fixture) options(path string) Options {
	o := Options{Path: path, Access: ReadWrite, Timeout: patience, AuditLog: filepath.Join(filepath.Dir(path), "audit.jsonl"), AuditMust: true}
	if f.told {
		o.Layout = f.name
	}
	return o
}

// rowID returns the n-th id that a server's rows have, as SQL and as it is shown.
func (f fixture) rowID(n int) (sql, shown string) {
	if f.table != "api_keys" {
		return fmt.Sprint(n), fmt.Sprint(n)
	}
	shown = run(20, 30+n) + fmt.Sprint(n%10)
	return "'" + shown + "'", shown
}

// some returns n rows of keys that nobody has the token of, all of them on.
func (f fixture) some(n int) (rows []fixtureRow) {
	for i := range n {
		id, _ := f.rowID(i + 1)
		hash := f.crypt[:len(f.crypt)-2] + fmt.Sprintf("%02d", i) // the last of 31 characters has few bits, any digit will do
		rows = append(rows, fixtureRow{id: id, label: fmt.Sprintf("'key-%d'", i+1), hash: hash, on: true})
	}
	return rows
}

func TestFixturesAreRecognised(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.title(), func(t *testing.T) {
			d := mustOpen(t, f.options(f.make(t, f.some(2)...)))
			if got := d.Info().Layout + "/" + d.Info().Era; got != f.name {
				t.Errorf("recognised as %s", got)
			}
		})
	}
}

// fixedNow is a moment of whole seconds.
func fixedNow() time.Time { return time.Unix(1_800_000_000, 0) }
