package db

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/netip"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// guestTime is how long a guest works beside each server.
var guestTime = flag.Duration("guest", 2*time.Second, "how long a guest works beside each server")

// serverProcess is a server in another process, that holds its database open.
type serverProcess struct {
	t   testing.TB
	cmd *exec.Cmd
	in  *json.Encoder
	out *json.Decoder
}

func (f fixture) serve(t testing.TB, path string) serverProcess {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestServerProcess$", "-test.count=1")
	cmd.Env = append(os.Environ(), serverEnv+"=1")
	cmd.Stderr = os.Stderr
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Process.Kill(); cmd.Wait() })
	p := serverProcess{t, cmd, json.NewEncoder(in), json.NewDecoder(out)}
	p.tell(peerIs{Name: f.name, Path: path, Journal: f.journal, Busy: f.busy, Sync: f.sync, Pool: f.pool, Secret: f.secret, Known: f.token})
	return p
}

func (p serverProcess) tell(what any) (a told) {
	p.t.Helper()
	if err := p.in.Encode(what); err != nil {
		p.t.Fatal(err)
	}
	if err := p.out.Decode(&a); err != nil {
		p.t.Fatal(err)
	}
	return a
}

// must checks that the server sees at once what became of a token.
func (p serverProcess) must(accept bool, token, when string) {
	p.t.Helper()
	if a := p.tell(asked{Token: token}); a.Accepted != accept {
		p.t.Errorf("after %s the server accepts: %t, want %t", when, a.Accepted, accept)
	}
}

// Whatever a guest does, the server that owns the file sees it at the next request,
// and nothing else of it.
func TestServerBesideGuest(t *testing.T) {
	for _, name := range []string{"proxbox/claim", "zoneweaver/key_id", "proxyos/hmac"} {
		f := theFixture(t, name)
		t.Run(f.title(), func(t *testing.T) {
			id, _ := f.rowID(7)
			path := f.make(t, f.some(2)...)
			mustExec(t, plainPool(t, path), f.rowOfToken(id))
			before := cellsOf(t, path)
			server := f.serve(t, path)
			v := visits{t: t, f: f, o: f.options(path), server: server}
			v.o.Timeout = 10 * time.Second
			for end := time.Now().Add(*guestTime); time.Now().Before(end); {
				v.round(t.Context())
			}
			seen := server.tell(asked{Stop: true})
			if len(seen.Errors) > 0 || seen.Requests == 0 {
				t.Errorf("after %d requests the server has seen the errors %q", seen.Requests, seen.Errors)
			}
			t.Logf("%d rounds of the guest, slowest verb %s; %d requests and %d writes of the server, slowest %s",
				v.rounds, v.slowest, seen.Requests, seen.Saved, seen.Slowest)
			f.asItWas(t, path, before)
		})
	}
}

// visits are the work of a guest: verbs, each by a connection of its own as the
// command line makes one.
type visits struct {
	t       *testing.T
	f       fixture
	o       Options
	server  serverProcess
	rounds  int
	slowest time.Duration
}

// pay runs one verb, after which the server must accept the token, or not.
func (v *visits) pay(verb string, accept bool, token *string, do func(g operator) error) {
	v.t.Helper()
	begun := time.Now()
	d, err := Open(v.t.Context(), v.o)
	if err == nil {
		err = errors.Join(do(operator{v.t, v.f, v.o.Path, v.f.serviceOver(d)}), d.Close())
	}
	v.slowest = max(v.slowest, time.Since(begun))
	if err != nil {
		v.t.Fatalf("%s in round %d: %v", verb, v.rounds, err)
	}
	v.server.must(accept, *token, verb)
}

// round is the life of a key.
func (v *visits) round(ctx context.Context) {
	var made keys.Issued
	token := &made.Token
	v.pay("create", true, token, func(g operator) error { made = g.create(g.request()); return nil })
	q := keys.ChangeRequest{Refs: refsTo(made.Key.ID), Force: true}
	v.pay("revoke", false, token, func(g operator) error { _, err := g.s.Revoke(ctx, q); return err })
	v.pay("activate", true, token, func(g operator) error { _, err := g.s.Activate(ctx, q); return err })
	v.pay("list", true, token, func(g operator) error {
		return g.s.List(ctx, keys.Query{}, func([]keys.Key) error { return nil })
	})
	v.pay("delete", false, token, func(g operator) error { _, err := g.s.Delete(ctx, q); return err })
	if v.f.lockedOut {
		v.pay("lockout clear", false, token, func(g operator) error {
			_, err := g.s.Unlock(ctx, keys.UnlockRequest{Addr: netip.MustParseAddr("203.0.113.66")})
			if reasonOf(err) == keys.ReasonNotFound {
				return nil // the server has not failed since
			}
			return err
		})
	}
	v.rounds++
}

// asItWas checks what is left once both have gone: what the server wrote is its
// own affair.
func (f fixture) asItWas(t *testing.T, path string, before cells) {
	t.Helper()
	id, _ := f.rowID(7)
	mine := func(c cells) cells {
		c = c.without("authlockout", "system_settings", "api_key_bootstrap_claim")
		delete(c, f.table+"/"+id+".last_used")
		delete(c, f.table+"/"+id+".updatedAt")
		return c
	}
	expect(t, "a guest's work", mine(before), mine(cellsOf(t, path)))
	if ok := oneText(t, path, "SELECT * FROM pragma_integrity_check"); ok != "ok" {
		t.Errorf("integrity: %s", ok)
	}
}
