package db

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

// inFull are the layouts that are tried in full, one of each server; a short run
// tries no others.
var inFull = map[string]bool{"proxbox/claim": true, "zoneweaver/key_id": true, "proxyos/hmac": true}

func TestContractOfServers(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.title(), func(t *testing.T) {
			if !inFull[f.name] {
				unlessShort(t)
			}
			t.Parallel()
			keystest.Run(t, func(t *testing.T) keystest.Database { return f.observed(t, opened) })
		})
	}
}

func TestContractOfServerThroughItsHandle(t *testing.T) {
	unlessShort(t)
	t.Parallel()
	f := theFixture(t, "proxyos/hmac")
	keystest.Run(t, func(t *testing.T) keystest.Database {
		return f.observed(t, func(t *testing.T, o Options) func() (keys.Store, error) {
			handle := plainPool(t, o.Path)
			o.Path = ""
			return func() (keys.Store, error) { return FromDB(context.Background(), handle, o) }
		})
	})
}

func opened(_ *testing.T, o Options) func() (keys.Store, error) {
	return func() (keys.Store, error) { return Open(context.Background(), o) }
}

// observed is a new database of the server, as the contract suite sees it. What
// is not the suite's must be as the server made it when a case ends.
func (f fixture) observed(t *testing.T, open func(*testing.T, Options) func() (keys.Store, error)) keystest.Database {
	path := f.make(t)
	before := cellsOf(t, path)
	t.Cleanup(func() {
		if diff := cmp.Diff(before.without(f.ours()...), cellsOf(t, path).without(f.ours()...)); diff != "" {
			t.Errorf("what is the server's changed:\n%s", diff)
		}
	})
	o := f.options(path)
	d := keystest.Database{
		Open: open(t, o), Secret: []byte(f.secret), Brief: testing.Short() || !inFull[f.name],
		Audit: func() ([]keys.Event, error) { return committed(o.AuditLog) },
	}
	if f.lockedOut {
		d.LockOut = func(address string, failures int, since keys.Instant) error {
			_, err := plainPool(t, path).Exec("INSERT INTO authlockout VALUES (?, ?, ?)", address, failures, float64(since.Millis())/1000)
			return err
		}
	}
	return d
}

// ours are the tables that verbs write.
func (f fixture) ours() []string { return []string{f.table, "api_key_bootstrap_claim", "authlockout"} }

// recorded is a line of an audit file.
type recorded struct {
	At                             time.Time
	Phase, Tx, Action, Key, Reason string
	User, Host, Process            string
	Claimed                        string `json:"claimed_user"`
	Forced                         bool
	Before, After                  json.RawMessage
}

func (r recorded) event() keys.Event {
	return keys.Event{
		At: keys.At(r.At), Action: keys.Action(r.Action), KeyID: r.Key, Reason: r.Reason, Forced: r.Forced,
		Actor:  keys.Actor{User: r.User, Claimed: r.Claimed, Host: r.Host, Process: r.Process},
		Before: string(r.Before), After: string(r.After),
	}
}

// committed reads the events of an audit file whose change was committed, oldest
// first.
func committed(file string) (list []keys.Event, err error) {
	content, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	open := map[string][]keys.Event{}
	for line := range bytes.Lines(content) {
		var r recorded
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, err
		}
		switch r.Phase {
		case "intent":
			open[r.Tx] = append(open[r.Tx], r.event())
		case "committed":
			list = append(list, open[r.Tx]...)
		}
	}
	return list, nil
}
