package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Key tables as the servers make them, and some of what lies beside.
const (
	apikeyTable   = "CREATE TABLE apikey (id INTEGER NOT NULL, label VARCHAR NOT NULL, key_hash VARCHAR NOT NULL, is_active BOOLEAN NOT NULL, created_at FLOAT NOT NULL, PRIMARY KEY (id))"
	claimTable    = "CREATE TABLE api_key_bootstrap_claim (id INTEGER NOT NULL PRIMARY KEY, initialized_at FLOAT NOT NULL)"
	endpointTable = "CREATE TABLE netboxendpoint (id INTEGER PRIMARY KEY)"
	entitiesHead  = "CREATE TABLE `entities` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `name` VARCHAR(255) NOT NULL, "
	entitiesTail  = "`api_key_hash` VARCHAR(255) NOT NULL, `description` TEXT, `is_active` TINYINT(1) DEFAULT 1, `created_at` DATETIME, `last_used` DATETIME, `createdAt` DATETIME NOT NULL, `updatedAt` DATETIME NOT NULL)"
	keyIDColumn   = "`key_id` VARCHAR(16) NOT NULL UNIQUE, "
	roleColumn    = "`role` VARCHAR(255) NOT NULL DEFAULT 'admin', "
	zonesTable    = "CREATE TABLE zones (id INTEGER PRIMARY KEY)"
	apiKeysTable  = "CREATE TABLE api_keys (id TEXT PRIMARY KEY, name TEXT NOT NULL, key_hash TEXT NOT NULL, scopes TEXT NOT NULL, last_used INTEGER, expires_at INTEGER, created_at INTEGER NOT NULL)"
	proxyosTables = "CREATE TABLE routes (id); CREATE TABLE users (id); CREATE TABLE sso_providers (id); CREATE TABLE agents (id); CREATE TABLE system_settings (id)"
)

// tablesFile returns the path of a database with these tables.
func tablesFile(t testing.TB, ddl ...string) string {
	t.Helper()
	path := filepath.Join(ownDir(t), "server.db")
	pool := plainPool(t, path)
	mustExec(t, pool, ddl...)
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// openedAs returns the layout that a database is taken for, or the error.
func openedAs(t *testing.T, o Options) (string, error) {
	t.Helper()
	o.Timeout = patience
	d, err := Open(t.Context(), o)
	if err != nil {
		return "", err
	}
	defer d.Close()
	i := d.Info()
	return strings.TrimSuffix(i.Layout+"/"+i.Era, "/"), nil
}

func TestRecognition(t *testing.T) {
	for name, c := range map[string]struct {
		ddl    []string
		layout string
		want   string
	}{
		"claim":             {[]string{apikeyTable, endpointTable, claimTable}, "", "proxbox/claim"},
		"open":              {[]string{apikeyTable, endpointTable}, "", "proxbox/open"},
		"beside any":        {[]string{apikeyTable, "CREATE TABLE pbsendpoint (id)"}, "", "proxbox/open"},
		"names in any case": {[]string{strings.ToUpper(apikeyTable), strings.ToUpper(endpointTable)}, "", "proxbox/open"},
		"other order":       {[]string{"CREATE TABLE apikey (created_at FLOAT, is_active, key_hash, label, id INTEGER PRIMARY KEY)", endpointTable}, "", "proxbox/open"},
		"more columns":      {[]string{"CREATE TABLE apikey (created_at, is_active, key_hash, label, id INTEGER PRIMARY KEY, more)", endpointTable}, "", "proxbox/open"},
		"key_id":            {[]string{entitiesHead + keyIDColumn + roleColumn + entitiesTail, zonesTable}, "", "zoneweaver/key_id"},
		"role":              {[]string{entitiesHead + roleColumn + entitiesTail, zonesTable}, "", "zoneweaver/role"},
		"role added later":  {[]string{entitiesHead + entitiesTail, "ALTER TABLE entities ADD COLUMN role VARCHAR(255) NOT NULL DEFAULT 'admin'", zonesTable}, "", "zoneweaver/role"},
		"hw, not wh":        {[]string{entitiesHead + entitiesTail, zonesTable}, "", "zoneweaver/hw"},
		"wh by name":        {[]string{entitiesHead + entitiesTail}, "zoneweaver/wh", "zoneweaver/wh"},
		"hmac, not sha":     {[]string{apiKeysTable, proxyosTables}, "", "proxyos/hmac"},
		"sha by name":       {[]string{apiKeysTable}, "proxyos/sha", "proxyos/sha"},
		"family alone":      {[]string{apikeyTable}, "proxbox", "proxbox/open"},
		"family, claim":     {[]string{apikeyTable, claimTable}, "proxbox", "proxbox/claim"},
		"one of two":        {[]string{apikeyTable, endpointTable, apiKeysTable, proxyosTables}, "proxyos", "proxyos/hmac"},
		"not exact, named":  {[]string{"CREATE TABLE api_keys (id, name, key_hash, scopes, last_used, expires_at, created_at, active)"}, "proxyos/hmac", "proxyos/hmac"},
	} {
		got, err := openedAs(t, Options{Path: tablesFile(t, c.ddl...), Layout: c.layout})
		if got != c.want {
			t.Errorf("%s: taken for %q, %v", name, got, err)
		}
	}
}

// TestNoRecognition holds refusals to the evidence that they give.
func TestNoRecognition(t *testing.T) {
	const noHash = "CREATE TABLE apikey (id INTEGER PRIMARY KEY, label, is_active, created_at)"
	for name, c := range map[string]struct {
		ddl    []string
		layout string
		reason keys.Reason
		says   []string
	}{
		"nothing":       {nil, "proxbox", keys.ReasonEmpty, nil},
		"others":        {[]string{"CREATE TABLE cats (id)"}, "", keys.ReasonUnknownLayout, []string{"its tables are cats"}},
		"no neighbours": {[]string{apikeyTable}, "", keys.ReasonUnknownLayout, []string{"not of proxbox/open", "none of the tables", "netboxendpoint"}},
		"near miss":     {[]string{noHash, endpointTable}, "", keys.ReasonUnknownLayout, []string{"not of proxbox/open", "apikey has no key_hash"}},
		"a view":        {[]string{"CREATE TABLE k (id, label, key_hash, is_active, created_at)", "CREATE VIEW apikey AS SELECT * FROM k", endpointTable}, "", keys.ReasonUnknownLayout, []string{"its tables are k, netboxendpoint"}},
		"not exact":     {[]string{strings.Replace(apiKeysTable, "name", "active, name", 1), proxyosTables}, "", keys.ReasonUnknownLayout, []string{"api_keys also has active"}},
		"a part":        {[]string{apiKeysTable, "CREATE TABLE routes (id)"}, "", keys.ReasonUnknownLayout, []string{"it has no table agents, sso_providers, system_settings, users"}},
		"two":           {[]string{apikeyTable, endpointTable, apiKeysTable, proxyosTables}, "", keys.ReasonAmbiguousLayout, []string{"proxbox/open", "beside netboxendpoint", "proxyos/hmac"}},
		"named wrongly": {[]string{apikeyTable, endpointTable}, "proxyos", keys.ReasonUnknownLayout, []string{"is not of proxyos", "it has no table api_keys"}},
		"another era":   {[]string{apikeyTable, endpointTable, claimTable}, "proxbox/open", keys.ReasonUnknownLayout, []string{"it has the table api_key_bootstrap_claim"}},
		"no claim":      {[]string{apikeyTable, endpointTable}, "proxbox/claim", keys.ReasonUnknownLayout, []string{"it has no table api_key_bootstrap_claim"}},
		"older":         {[]string{entitiesHead + entitiesTail}, "zoneweaver/role", keys.ReasonUnknownLayout, []string{"entities has no role"}},
		"newer":         {[]string{entitiesHead + roleColumn + entitiesTail}, "zoneweaver/hw", keys.ReasonUnknownLayout, []string{"entities has role"}},
		"native":        {[]string{apikeyTable, endpointTable}, "native", keys.ReasonUnknownLayout, []string{"its tables are apikey, netboxendpoint"}},
		"no such":       {[]string{apikeyTable}, "mysql", keys.ReasonInvalid, []string{`no layout "mysql": known are native, proxbox/claim, `}},
		"no such era":   {[]string{apikeyTable}, "proxbox/2", keys.ReasonInvalid, []string{`no layout "proxbox/2"`}},
		"no such file":  {[]string{apikeyTable}, "./no.yaml", keys.ReasonLayoutFile, []string{"./no.yaml"}},
	} {
		path := tablesFile(t, append([]string{"CREATE TABLE x (id)", "DROP TABLE x"}, c.ddl...)...)
		_, err := openedAs(t, Options{Path: path, Layout: c.layout})
		if reasonOf(err) != c.reason {
			t.Errorf("%s: %v, want %s", name, err, c.reason)
			continue
		}
		for _, says := range c.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v\nwithout %q", name, err, says)
			}
		}
	}
}

// A layout file must fit the database, and tells where it does not.
func TestRecognitionByFile(t *testing.T) {
	const club = "CREATE TABLE member (no, name, badge, digest, rank, rooms, allowed, joined, seen, ends, joined2, tenant, note, rate, empty, shoe)"
	const others = "CREATE TABLE opened (id, at); CREATE TABLE rude (ip, n, first)"
	layout := filepath.Join(t.TempDir(), "club.yaml")
	if err := os.WriteFile(layout, []byte(clubYAML), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ ddl, says string }{
		{club + ";" + others, ""},
		{club, ":42: "},
		{club + ";CREATE TABLE opened (id, at)", ":43: "},
		{club + ";CREATE TABLE opened (id); CREATE TABLE rude (ip, n, first)", ":42: the table opened of"},
		{club + ";CREATE TABLE opened (id, at); CREATE TABLE rude (ip, n)", ":43: the table rude of"},
		{strings.Replace(club, "badge, ", "", 1) + ";" + others, ":16: the table member of"},
		{strings.Replace(club, "joined2, ", "", 1) + ";" + others, ":25: the table member of"},
		{strings.Replace(club, "tenant, ", "", 1) + ";" + others, ":26: the table member of"},
		{strings.Replace(club, ", shoe", "", 1) + ";" + others, ":6: the table member of"},
		{strings.Replace(club, "shoe", "shoe, hat", 1) + ";" + others, ":6: "},
		{club + ";" + others + ";CREATE TABLE bar (id)", ":6: "},
		{others, ":12: "},
	} {
		got, err := openedAs(t, Options{Path: tablesFile(t, c.ddl), Layout: layout})
		switch {
		case c.says == "" && got != "club/late":
			t.Errorf("%s: %q, %v", c.ddl, got, err)
		case c.says != "" && (reasonOf(err) != keys.ReasonUnknownLayout || !strings.HasPrefix(err.Error(), layout+c.says)):
			t.Errorf("%s: %v, want %s", c.ddl, err, c.says)
		}
	}
}

// A database of an era without its table of lockouts works without.
func TestRecognitionWithoutLockouts(t *testing.T) {
	for table, kept := range map[string]bool{endpointTable: false, "CREATE TABLE authlockout (ip_address, attempts, first_attempt_time)": true} {
		d := mustOpen(t, Options{Path: tablesFile(t, apikeyTable, table)})
		if got := d.Info().Rules.Lockout; got.Kept != kept || got.Else == "" {
			t.Errorf("%s: %+v", table, got)
		}
	}
}

func TestRecognitionWarns(t *testing.T) {
	path := tablesFile(t, entitiesHead+roleColumn+"`must` TEXT NOT NULL, `may` TEXT NOT NULL DEFAULT '', "+entitiesTail, zonesTable)
	d := mustOpen(t, Options{Path: path})
	want := []string{"keys cannot be created here: the table entities demands a value for must, and the layout zoneweaver/role gives none"}
	if diff := cmp.Diff(want, d.Info().Warnings); diff != "" || !slices.Equal(d.table.unfilled, []string{"must"}) {
		t.Error(diff, d.table.unfilled)
	}
	numbered := strings.Replace(apiKeysTable, "id TEXT PRIMARY KEY", "n INTEGER NOT NULL PRIMARY KEY, id TEXT", 1)
	if list := mustOpen(t, Options{Path: tablesFile(t, numbered), Layout: "proxyos/hmac"}).Info().Warnings; len(list) > 0 {
		t.Errorf("the engine numbers the rows: %v", list)
	}
	other := filepath.Join(filepath.Dir(path), "core.sqlite")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want = append(want, "Zoneweaver Agent no longer reads "+path+": it reads "+other+" beside it")
	if diff := cmp.Diff(want, mustOpen(t, Options{Path: path}).Info().Warnings); diff != "" {
		t.Error(diff)
	}
}

// TestServersTablesNeedNothingMore holds the layouts to a value for each column that
// a row must have.
func TestServersTablesNeedNothingMore(t *testing.T) {
	for _, ddl := range [][]string{
		{apikeyTable, endpointTable}, {apiKeysTable, proxyosTables}, {entitiesHead + entitiesTail, zonesTable},
		{entitiesHead + roleColumn + entitiesTail, zonesTable}, {entitiesHead + keyIDColumn + roleColumn + entitiesTail, zonesTable},
	} {
		d := mustOpen(t, Options{Path: tablesFile(t, ddl...)})
		if i := d.Info(); len(i.Warnings) > 0 {
			t.Errorf("%s/%s: %v", i.Layout, i.Era, i.Warnings)
		}
	}
}

// TestOwnTablesComeFirst counts what recognising keyreeve's own tables costs: the
// names of the tables and the version, whatever layouts there are.
func TestOwnTablesComeFirst(t *testing.T) {
	path := nativeFile(t)
	mustExec(t, plainPool(t, path), apikeyTable, endpointTable)
	counted := &countingConnector{path: path}
	pool := sql.OpenDB(counted)
	defer pool.Close()
	d, err := FromDB(t.Context(), pool, Options{Access: ReadOnly, Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"SELECT name FROM sqlite_master WHERE type = 'table'", "SELECT schema_version FROM keyreeve_state"}
	if diff := cmp.Diff(want, counted.queries); diff != "" || d.Info().Layout != NativeFamily {
		t.Error(d.Info().Layout, diff)
	}
	if got, err := openedAs(t, Options{Path: path, Layout: "proxbox"}); got != "proxbox/open" {
		t.Errorf("named otherwise: %q, %v", got, err)
	}
}

// countingConnector connects to a file and notes the queries.
type countingConnector struct {
	path    string
	queries []string
}

func (c *countingConnector) Driver() driver.Driver { return nil }

func (c *countingConnector) Connect(context.Context) (driver.Conn, error) {
	pool, err := sql.Open("sqlite", c.path)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	conn, err := pool.Driver().Open(c.path)
	return &countingConn{conn, c}, err
}

type countingConn struct {
	driver.Conn
	counts *countingConnector
}

func (c *countingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.counts.queries = append(c.counts.queries, query)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}
