package db

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// proxboxFile returns the path of a database as proxbox-api makes it.
func proxboxFile(t testing.TB, journal string) string {
	t.Helper()
	path := filepath.Join(ownDir(t), "database.db")
	pool := serverPool(t, path, journal)
	mustExec(t, pool,
		"CREATE TABLE apikey (id INTEGER NOT NULL, label VARCHAR NOT NULL, key_hash VARCHAR NOT NULL, is_active BOOLEAN NOT NULL, created_at FLOAT NOT NULL, PRIMARY KEY (id))",
		"CREATE TABLE authlockout (ip_address VARCHAR NOT NULL, attempts INTEGER NOT NULL, first_attempt_time FLOAT NOT NULL, PRIMARY KEY (ip_address))",
		"CREATE TABLE api_key_bootstrap_claim (id INTEGER NOT NULL, initialized_at FLOAT NOT NULL, PRIMARY KEY (id), CONSTRAINT ck_api_key_bootstrap_claim_singleton CHECK (id = 1))",
		"CREATE TABLE netboxendpoint (id INTEGER NOT NULL PRIMARY KEY)")
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// A server's database is the server's to make.
func TestForeignBootstrapMakesNothing(t *testing.T) {
	for _, o := range []Options{{}, {MakeDir: true}, {DryRun: true}, {MakeDir: true, DryRun: true}} {
		o.Layout, o.Access, o.Timeout = "proxbox", Create, patience
		dir := ownDir(t)
		for path, want := range map[string]keys.Reason{
			filepath.Join(dir, "a.db"):                        keys.ReasonMissing,
			filepath.Join(dir, "no", "a.db"):                  keys.ReasonMissing,
			write(t, filepath.Join(ownDir(t), "b.db"), nil):   keys.ReasonEmpty,
			serverDB(t, filepath.Join(ownDir(t), "c"), "wal"): keys.ReasonUnknownLayout,
		} {
			o.Path = path
			before, _ := os.ReadFile(path)
			_, err := Open(t.Context(), o)
			wantReason(t, err, want)
			if after, _ := os.ReadFile(path); string(before) != string(after) {
				t.Errorf("%s was changed", path)
			}
		}
		if names := namesIn(t, dir); len(names) > 0 {
			t.Errorf("%+v made %v", o, names)
		}
	}
}

func TestForeignFileOpenedToCreateIsJustWritten(t *testing.T) {
	for _, journal := range []string{"wal", "delete"} {
		for _, layout := range []string{"", "proxbox", "proxbox/claim"} {
			path := proxboxFile(t, journal)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			d := mustOpen(t, Options{Path: path, Layout: layout, Access: Create, MakeDir: true})
			if i := d.Info(); i.Layout != "proxbox" || i.Era != "claim" || i.Rules.Server != "proxbox-api" || d.Created() {
				t.Errorf("%+v", i)
			}
			if !claimOf(t, d).IsNone() || d.Close() != nil {
				t.Error("claimed, or not closed")
			}
			after, err := os.ReadFile(path)
			if diff := cmp.Diff([]string{"database.db"}, namesIn(t, filepath.Dir(path))); diff != "" || err != nil || string(before) != string(after) {
				t.Errorf("%s: changed: %v, %v\n%s", journal, string(before) != string(after), err, diff)
			}
		}
	}
}

// The claim is written as the server writes it, so that the server reads it.
func TestForeignClaimIsAsTheServersOwn(t *testing.T) {
	path := proxboxFile(t, "wal")
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	at := keys.Millis(1_795_351_916_412)
	if err := d.Update(t.Context(), func(tx keys.Tx) error { return tx.Claim(t.Context(), at) }); err != nil {
		t.Fatal(err)
	}
	const claim = "SELECT id || ' ' || typeof(id) || ' ' || printf('%.3f', initialized_at) || ' ' || typeof(initialized_at) FROM api_key_bootstrap_claim"
	if got := one(t, path, claim); got != "1 integer 1795351916.412 real" || claimOf(t, d) != at {
		t.Errorf("there is %s, read as %s", got, claimOf(t, d))
	}
}

func TestForeignLockoutsAsTheServersOwn(t *testing.T) {
	path := proxboxFile(t, "wal")
	pool := plainPool(t, path)
	mustExec(t, pool, "INSERT INTO authlockout VALUES ('192.0.2.1', 5, 1799999700.0016), ('192.0.2.2', 5, 1799999700), ('192.0.2.3', 5, 1799999699.9)")
	d := mustOpen(t, Options{Path: path})
	for addr, want := range map[string]keys.Instant{"192.0.2.1": keys.Millis(1800000000001), "192.0.2.2": {}, "192.0.2.3": {}} {
		if got := lockedUntil(t, d, addr); got != want {
			t.Errorf("%s is locked until %q, want %q", addr, got, want)
		}
	}
}

// An application serves its own users from the file while its handle is shared.
func TestForeignHandle(t *testing.T) {
	path := proxboxFile(t, "delete")
	handle := plainPool(t, path)
	d, err := FromDB(t.Context(), handle, Options{Access: ReadWrite, Timeout: patience, AuditLog: filepath.Join(ownDir(t), "audit.jsonl"), AuditMust: true})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), func(tx keys.Tx) error {
		if err := tx.Claim(t.Context(), keys.Millis(5000)); err != nil {
			return err
		}
		return tx.Record(t.Context(), []keys.Event{clubEvent(keys.ActionBootstrap, "1")})
	})
	if err != nil || claimOf(t, d) != keys.Millis(5000) {
		t.Error(err)
	}
	if events := auditedIn(t, d.options.AuditLog, path); len(events) != 1 || d.Info().Layout != "proxbox" {
		t.Errorf("%+v", events)
	}
}

func TestProcessesBootstrapForeignFileOnce(t *testing.T) {
	workers := startWorkers(t, crowd)
	for round := range rounds(10) {
		path := proxboxFile(t, []string{"wal", "delete"}[round%2])
		tell(t, workers, func(int) task { return task{Do: "bootstrap", Path: path, Timeout: patience, Cost: 4} })
		var won []keys.Issued
		for _, w := range workers {
			a := w.answer(t)
			if won = append(won, a.Keys...); len(a.Keys) == 0 && a.Reason != keys.ReasonAlreadyBootstrapped {
				t.Errorf("round %d: a loser says %q: %s", round, a.Reason, a.Text)
			}
		}
		rows := one(t, path, "SELECT (SELECT count(*) FROM apikey) || ' ' || (SELECT count(*) FROM api_key_bootstrap_claim)")
		if len(won) != 1 || rows != "1 1" {
			t.Fatalf("round %d: %d processes have a token, there are %s rows", round, len(won), rows)
		}
		accepts(t, path, won[0].Token)
	}
}

// accepts checks that a token opens the database.
func accepts(t *testing.T, path, token string) {
	t.Helper()
	d := mustOpen(t, Options{Path: path})
	defer d.Close()
	v, err := serviceOver(d).Verify(context.Background(), token, keys.Request{})
	if err != nil || !v.Accepted {
		t.Errorf("the token is answered with %s, %v", v.Outcome, err)
	}
}
