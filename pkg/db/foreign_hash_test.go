package db

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What Service.Create writes is held against programs that share nothing with it:
// the C library's crypt by way of perl or python, and openssl.

// tool runs a program over a line of input; a machine without it skips the test.
func tool(t *testing.T, input string, argv ...string) string {
	t.Helper()
	if _, err := exec.LookPath(argv[0]); err != nil {
		t.Skipf("this machine has no %s", argv[0])
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("%s does not work on this machine: %v", argv[0], err)
	}
	return strings.TrimSpace(string(out))
}

// cryptOf is the C library's bcrypt of a text, with the salt of a stored hash.
func cryptOf(t *testing.T, text, stored string) string {
	t.Helper()
	const program = `chomp(my @l = <STDIN>); print crypt($l[0], $l[1])`
	return tool(t, text+"\n"+stored+"\n", "perl", "-e", program)
}

// opensslOf is the hex digest of a text by openssl, under a secret where there is one.
func opensslOf(t *testing.T, text, digest, secret string) string {
	t.Helper()
	argv := []string{"openssl", "dgst", "-" + digest}
	if secret != "" {
		argv = append(argv, "-mac", "HMAC", "-macopt", fmt.Sprintf("hexkey:%x", secret))
	}
	said := tool(t, text, argv...)
	return said[strings.LastIndex(said, " ")+1:]
}

// independent returns what other programs store for the token in the server's table.
func (f fixture) independent(t *testing.T, token, stored string) string {
	t.Helper()
	switch {
	case f.table == "api_keys":
		return opensslOf(t, token, "sha256", f.secret)
	case f.table == "entities":
		token = token[:min(len(token), 72)]
	}
	return cryptOf(t, token, stored)
}

func (g operator) storedHash(id string) string {
	g.t.Helper()
	return oneText(g.t, g.path, "SELECT "+g.f.hash+" FROM "+g.f.table+" WHERE id = "+g.literal(id))
}

func TestCreatedHashesAreThoseOfOtherPrograms(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.title(), func(t *testing.T) {
			g := f.visitor(t, f.make(t, f.some(1)...))
			supplied := g.request()
			supplied.Supplied = f.token
			for range 3 {
				g.agrees(g.create(g.request()))
			}
			g.agrees(g.create(supplied))
		})
	}
}

// agrees checks that the hash of a new key is what another program makes of its token.
func (g operator) agrees(made keys.Issued) {
	g.t.Helper()
	stored := g.storedHash(made.Key.ID)
	if want := g.f.independent(g.t.(*testing.T), made.Token, stored); stored != want {
		g.t.Errorf("%d bytes of token are stored as %.7s..., another program says %.7s...", len(made.Token), stored, want)
	}
	if slow := strings.HasPrefix(stored, "$"); slow && (len(stored) != 60 || !strings.HasPrefix(stored, "$2b$04$")) {
		g.t.Errorf("the server writes $2b$ and 60 characters, not %.7s and %d", stored, len(stored))
	}
}

// Keys that a server without the secret wrote are legacy ones: another program's
// plain digest.
func TestLegacyHashIsThatOfOpenssl(t *testing.T) {
	f := theFixture(t, "proxyos/hmac")
	g := f.visitor(t, f.make(t))
	q := g.request()
	q.Legacy = true
	g.s.Secret = nil
	made := g.create(q)
	if got, want := g.storedHash(made.Key.ID), opensslOf(t, made.Token, "sha256", ""); got != want {
		t.Errorf("stored as %.8s..., openssl says %.8s...", got, want)
	}
}

// The vectors of the fixtures need no program: they were made once.
func TestRowsOfOtherProgramsAreAccepted(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.title(), func(t *testing.T) {
			id, shown := f.rowID(7)
			path := f.make(t, f.some(3)...)
			mustExec(t, plainPool(t, path), f.rowOfToken(id))
			g := f.visitor(t, path)
			g.answers(f.token, shown)
			g.answers(flipped(f.token, 30), "")
			if last := len(f.token) - 1; last < 72 {
				g.answers(flipped(f.token, last), "")
			} else {
				g.answers(flipped(f.token, last), shown)
			}
		})
	}
}

// flipped is a token with another character in one place.
func flipped(token string, at int) string {
	other := "A"
	if token[at] == 'A' {
		other = "B"
	}
	return token[:at] + other + token[at+1:]
}

// answers checks which key a token belongs to, "" for none.
func (g operator) answers(token, id string) {
	g.t.Helper()
	v, err := g.s.Verify(g.t.Context(), token, keys.Request{})
	if err != nil || v.Accepted != (id != "") || id != "" && v.Key.ID != id {
		g.t.Errorf("%+v, %v, want the key %q", v, err, id)
	}
}

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
