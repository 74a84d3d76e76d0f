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
