package db

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// bcryptRows are stored texts around a right one, and whether the server whose
// library compares them says yes.
func bcryptRows(hash string) map[string]struct {
	stored          string
	proxbox, agents bool
} {
	return map[string]struct {
		stored          string
		proxbox, agents bool
	}{
		"2a": {"$2a$" + hash, true, true}, "2b": {"$2b$" + hash, true, true}, "2y": {"$2y$" + hash, true, false},
		"2x": {"$2x$" + hash, false, false}, "2": {"$2$" + hash, false, false}, "nothing": {"", false, false},
		"garbage": {"garbage", false, false}, "cut": {"$2b$" + hash[:len(hash)-1], false, false},
		"long": {"$2b$" + hash + "A", false, false}, "space": {" $2b$" + hash, false, false}, "argon2": {"$argon2id$v=19$m=64,t=1,p=1$c2FsdA$AAAA", false, false},
	}
}

func TestStoredTextsThatServersDoNotAccept(t *testing.T) {
	for _, name := range []string{"proxbox/claim", "proxbox/open", "zoneweaver/hw", "zoneweaver/role", "zoneweaver/key_id"} {
		f := theFixture(t, name)
		for what, c := range bcryptRows(strings.TrimPrefix(f.crypt, "$2b$")) {
			t.Run(f.title()+" "+what, func(t *testing.T) {
				path := f.make(t, f.some(1)...)
				id, shown := f.rowID(7)
				mustExec(t, plainPool(t, path), f.rowOfToken(id), "UPDATE "+f.table+" SET "+f.hash+" = '"+c.stored+"' WHERE id = "+id)
				if accepted := c.proxbox && f.table == "apikey" || c.agents; !accepted {
					shown = ""
				}
				f.visitor(t, path).answers(f.token, shown)
			})
		}
	}
	f := theFixture(t, "proxyos/hmac")
	for what, stored := range map[string]string{"capitals": strings.ToUpper(f.crypt), "cut": f.crypt[:63], "nothing": "", "another secret": strings.Replace(f.crypt, "d3", "3d", 1)} {
		t.Run(f.title()+" "+what, func(t *testing.T) {
			path := f.make(t, fixtureRow{id: "'x'", label: "'x'", hash: stored, on: true})
			f.visitor(t, path).answers(f.token, "")
		})
	}
}

// Where a server cuts at 72 bytes, no other byte counts, and none before does not.
func TestBytesThatServersCheck(t *testing.T) {
	tail := func(token string, at int) string { return token[:at] + strings.Repeat("x", len(token)-at) }
	for _, name := range []string{"zoneweaver/hw", "zoneweaver/role", "zoneweaver/key_id"} {
		f := theFixture(t, name)
		path := f.make(t)
		mustExec(t, plainPool(t, path), f.rowOfToken("7"))
		g := f.visitor(t, path)
		g.answers(tail(f.token, 72), "7")
		g.answers(f.token[:72], "7")
		g.answers(f.token[:71], "")
		g.answers(tail(f.token, 71), "")
	}
	f := theFixture(t, "proxbox/claim")
	path := f.make(t, fixtureRow{id: "7", label: "''", hash: f.crypt, on: true})
	g := f.visitor(t, path)
	q := g.request()
	q.Supplied = run(72, 11)
	g.agrees(g.create(q))
	q.Supplied = run(73, 12)
	_, err := g.s.Create(t.Context(), q, quiet{})
	wantReason(t, err, keys.ReasonInvalid)
	g.answers(run(72, 11)+"x", "")
}

// flags are values of the column that says whether a key is on, and whether the
// server takes them for that.
func TestFlagsThatServersAccept(t *testing.T) {
	for _, name := range []string{"proxbox/claim", "zoneweaver/key_id", "zoneweaver/hw"} {
		f := theFixture(t, name)
		for value, on := range map[string]bool{"1": true, "0": false, "'1'": true, "'true'": false, "2": false, "x'01'": false, "1.0": true, "''": false} {
			path := f.make(t, f.some(1)...)
			mustExec(t, plainPool(t, path), f.rowOfToken("7"), "UPDATE "+f.table+" SET is_active = "+value+" WHERE id = 7")
			g := f.visitor(t, path)
			g.answers(f.token, map[bool]string{true: "7"}[on])
			var n int
			if err := plainPool(t, path).QueryRow("SELECT count(*) FROM " + f.table + " WHERE id = 7 AND " + f.on).Scan(&n); err != nil || (n == 1) != on {
				t.Errorf("the server itself finds %d keys with %s, %v", n, value, err)
			}
		}
	}
}

// expiries are those of ProxyOS, whose clock ticks in seconds: now is 1800000000.
func TestExpiriesThatProxyosAccepts(t *testing.T) {
	f := theFixture(t, "proxyos/hmac")
	for value, on := range map[string]bool{
		"NULL": true, "1800000001": true, "1800000000": false, "1799999999": false, "0": false, "-1": false, "1800000000000": true,
	} {
		path := f.make(t, fixtureRow{id: "'x'", label: "'x'", hash: f.crypt, on: true})
		mustExec(t, plainPool(t, path), "UPDATE api_keys SET expires_at = "+value)
		g := f.visitor(t, path)
		g.s.Now = fixedNow
		g.answers(f.token, map[bool]string{true: "x"}[on])
	}
}
