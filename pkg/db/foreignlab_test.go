package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// clubLayout describes the key table of a server that nobody has: text ids, a
// claim, and lockouts.
func clubLayout() *Layout {
	rules := keys.Rules{
		Server: "Club", Guard: keys.GuardActive, Hash: keys.HashRules{Scheme: keys.SHA256},
		Bootstrap: keys.BootstrapRules{Kind: keys.BootstrapClaim}, Lockout: keys.LockoutRules{Kept: true, Strict: true},
	}
	return &Layout{
		Family: "club", Era: "text", Table: "members", Selector: keys.FieldMasked, Rules: rules,
		Columns: []Column{
			{Field: keys.FieldID, Name: "id", Codec: "text"},
			{Field: keys.FieldLabel, Name: "name", Codec: "text"},
			{Field: keys.FieldScheme, Name: "scheme", Codec: "text"},
			{Field: keys.FieldHash, Name: "hash", Codec: "text"},
			{Field: keys.FieldEnabled, Name: "on_list", Codec: "flag"},
			{Field: keys.FieldCreatedAt, Name: "since", Codec: "unix-ms"},
		},
		Claim:    &ClaimTable{Table: "opened", Column: "id", Value: int64(1), At: "at", Codec: "unix-ms"},
		Lockouts: &LockoutTable{Table: "failures", Address: "ip", Failures: "n", Since: "since", Codec: "unix-ms", Limit: 5, Window: 300 * time.Second},
	}
}

// clubFile returns the path of the server's database, without keys.
func clubFile(t testing.TB, journal string) string {
	t.Helper()
	path := serverDB(t, filepath.Join(ownDir(t), "club.db"), journal)
	pool := plainPool(t, path)
	mustExec(t, pool, "PRAGMA user_version = 77",
		"CREATE TABLE members (id TEXT PRIMARY KEY, name TEXT NOT NULL, scheme TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, on_list BOOLEAN NOT NULL, since INTEGER NOT NULL)",
		"CREATE TABLE opened (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), at DATETIME NOT NULL)",
		"CREATE TABLE failures (ip VARCHAR NOT NULL PRIMARY KEY, n INTEGER NOT NULL, since INTEGER NOT NULL)")
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// openClub opens a file as [Open] does once it has recognised the layout.
func openClub(o Options, l *Layout) (*DB, error) {
	seen, err := lookAt(o.Path)
	if err != nil {
		return nil, err
	}
	if o.Timeout == 0 {
		o.Timeout = patience
	}
	pool, err := connect(context.Background(), seen, o.Access, o.Timeout)
	if err != nil {
		return nil, err
	}
	d := &DB{pool: pool, own: true, options: o}
	d.use(l)
	s, err := d.session(context.Background())
	if err != nil {
		return nil, err
	}
	defer s.close()
	return d, d.openAudit(context.Background(), s)
}

func mustClub(t testing.TB, o Options, change ...func(*Layout)) *DB {
	t.Helper()
	l := clubLayout()
	for _, c := range change {
		c(l)
	}
	d, err := openClub(o, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

var clubActor = keys.Actor{User: "root", Claimed: "ann", Host: "h", Process: "test[1]"}

// admit creates a key as the service does, and claims the database with it.
func admit(ctx context.Context, d *DB, id string) error {
	return d.Update(ctx, func(tx keys.Tx) error {
		at, err := tx.Claimed(ctx)
		if err != nil {
			return err
		}
		if !at.IsNone() {
			return keys.Errorf(keys.ReasonAlreadyBootstrapped, "claimed at %s", at)
		}
		return errors.Join(tx.Claim(ctx, keys.Millis(1_800_000_000_000)), enter(ctx, tx, id))
	})
}

// enter creates one key, with its event.
func enter(ctx context.Context, tx keys.Tx, id string) error {
	k := keys.Key{ID: id, Label: "n " + id, Scheme: keys.SHA256, Hash: keys.Digest(id), Enabled: true, CreatedAt: keys.Millis(1_800_000_000_000)}
	if err := tx.Insert(ctx, []keys.Key{k}); err != nil {
		return err
	}
	return tx.Record(ctx, []keys.Event{clubEvent(keys.ActionCreate, id)})
}

func clubEvent(action keys.Action, id string) keys.Event {
	return keys.Event{At: keys.Millis(1_800_000_000_123), Action: action, KeyID: id, Actor: clubActor, After: fmt.Sprintf(`{"id":%q}`, id)}
}

// admitting is what a worker process does to a club's database: it claims it with one
// key, or makes j.Count keys and acknowledges each.
func admitting(j task, out *json.Encoder) (a answer, err error) {
	d, err := openClub(Options{Path: j.Path, Access: ReadWrite, Timeout: j.Timeout, AuditLog: j.Audit, AuditMust: true}, clubLayout())
	if err != nil {
		return a, err
	}
	defer d.Close()
	ctx := context.Background()
	if j.Count == 0 {
		return answer{Held: true}, admit(ctx, d, j.IDs[0])
	}
	for i := range j.Count {
		id := fmt.Sprintf("%s-%d", j.IDs[0], i)
		if err := d.Update(ctx, func(tx keys.Tx) error { return enter(ctx, tx, id) }); err != nil {
			return a, err
		}
		if err := out.Encode(answer{Text: id}); err != nil {
			return a, err
		}
	}
	return a, nil
}
