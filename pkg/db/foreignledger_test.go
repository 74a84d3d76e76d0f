package db

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// one reads one value of a file as an application does.
func one(t testing.TB, path, query string) string {
	t.Helper()
	var got string
	pool := plainPool(t, path)
	defer pool.Close()
	if err := pool.QueryRow(query).Scan(&got); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return got
}

// contents is all that a file holds, as .dump shows it, and its settings.
func contents(t testing.TB, path string) (all []string) {
	t.Helper()
	pool := plainPool(t, path)
	defer pool.Close()
	for _, query := range []string{
		"SELECT type || name || tbl_name || coalesce(sql, '') FROM sqlite_master ORDER BY 1",
		"SELECT quote(id) || quote(name) || quote(scheme) || quote(hash) || quote(on_list) || quote(since) FROM members ORDER BY 1",
		"SELECT quote(id) || quote(at) || typeof(at) FROM opened", "SELECT quote(ip) || quote(n) || quote(since) FROM failures ORDER BY 1",
		"PRAGMA journal_mode", "PRAGMA user_version", "PRAGMA page_size", "PRAGMA application_id", "PRAGMA auto_vacuum", "PRAGMA encoding",
	} {
		rs, err := pool.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		for rs.Next() {
			var line string
			if err := rs.Scan(&line); err != nil {
				t.Fatal(err)
			}
			all = append(all, line)
		}
		if err := errors.Join(rs.Err(), rs.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestForeignClaimAndKeyAreOneChange(t *testing.T) {
	for _, journal := range []string{"wal", "delete"} {
		path := clubFile(t, journal)
		d, before := mustClub(t, Options{Path: path, Access: ReadWrite}), contents(t, path)
		refused := errors.New("refused")
		err := d.Update(t.Context(), func(tx keys.Tx) error {
			return errors.Join(tx.Claim(t.Context(), keys.Millis(5)), enter(t.Context(), tx, "a"), refused)
		})
		if diff := cmp.Diff(before, contents(t, path)); !errors.Is(err, refused) || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		if err := admit(t.Context(), d, "a"); err != nil {
			t.Fatal(err)
		}
		if got := one(t, path, "SELECT (SELECT at FROM opened WHERE id = 1) || ' ' || id || on_list FROM members"); got != "1800000000000 a1" {
			t.Errorf("%s: there is %s", journal, got)
		}
		wantReason(t, admit(t.Context(), d, "b"), keys.ReasonAlreadyBootstrapped)
	}
}

func claimOf(t testing.TB, d *DB) (at keys.Instant) {
	t.Helper()
	err := d.View(t.Context(), func(r keys.Reader) (err error) {
		at, err = r.Claimed(t.Context())
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return at
}

func TestForeignClaim(t *testing.T) {
	claim := func(d *DB, at int64) {
		t.Helper()
		if err := d.Update(t.Context(), func(tx keys.Tx) error { return tx.Claim(t.Context(), keys.Millis(at)) }); err != nil {
			t.Error(err)
		}
	}
	path := clubFile(t, "delete")
	d := mustClub(t, Options{Path: path, Access: ReadWrite})
	for _, at := range []int64{7, 8} { // the first one stays
		if claim(d, at); claimOf(t, d) != keys.Millis(7) {
			t.Errorf("claimed at %s", claimOf(t, d))
		}
	}
	for value, want := range map[string]keys.Instant{"'yesterday'": keys.Millis(0), "9": keys.Millis(9), "x'00'": keys.Millis(0)} {
		mustExec(t, plainPool(t, path), "UPDATE opened SET at = "+value)
		if got := claimOf(t, d); got != want {
			t.Errorf("a claim at %s is read as %q", value, got)
		}
		before := contents(t, path)
		claim(d, 10)
		if diff := cmp.Diff(before, contents(t, path)); diff != "" {
			t.Errorf("a claim at %s is changed:\n%s", value, diff)
		}
	}
}

func TestForeignClaimWhereThereIsNoTableOrMoment(t *testing.T) {
	path := clubFile(t, "delete")
	none := mustClub(t, Options{Path: path, Access: ReadWrite}, func(l *Layout) { l.Claim = nil })
	before := contents(t, path)
	if err := none.Update(t.Context(), func(tx keys.Tx) error { return tx.Claim(t.Context(), keys.Millis(5)) }); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, contents(t, path)); diff != "" || !claimOf(t, none).IsNone() {
		t.Errorf("claimed at %s\n%s", claimOf(t, none), diff)
	}
	mustExec(t, plainPool(t, path), "CREATE TABLE marks (what TEXT PRIMARY KEY)", "INSERT INTO marks VALUES ('other')")
	bare := mustClub(t, Options{Path: path, Access: ReadWrite}, func(l *Layout) { l.Claim = &ClaimTable{Table: "marks", Column: "what", Value: "opened"} })
	for range 2 {
		if err := bare.Update(t.Context(), func(tx keys.Tx) error { return tx.Claim(t.Context(), keys.Millis(5)) }); err != nil {
			t.Error(err)
		}
		if got := one(t, path, "SELECT group_concat(what) FROM (SELECT what FROM marks ORDER BY 1)"); got != "opened,other" || claimOf(t, bare).IsNone() {
			t.Errorf("claimed at %s, the table holds %s", claimOf(t, bare), got)
		}
	}
}

func TestForeignPolicyIsTheServers(t *testing.T) {
	path := clubFile(t, "delete")
	for _, tt := range []struct {
		change func(*Layout)
		want   keys.Policy
	}{
		{func(*Layout) {}, keys.Policy{SlowKeys: math.MaxInt}},
		{func(l *Layout) { l.Rules.Label.Unique = true }, keys.Policy{SlowKeys: math.MaxInt, UniqueLabels: true}},
		{func(l *Layout) { l.Rules.Guard, l.Rules.AdminRole = keys.GuardAdmin, "boss" }, keys.Policy{SlowKeys: math.MaxInt, AdminRole: "boss"}},
		{func(l *Layout) { l.Rules.AdminRole = "boss" }, keys.Policy{SlowKeys: math.MaxInt}},
	} {
		got, err := policyOf(t, mustClub(t, Options{Path: path}, tt.change))
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

func TestProcessesClaimForeignFileOnce(t *testing.T) {
	workers := startWorkers(t, crowd)
	for round := range rounds(20) {
		path := clubFile(t, []string{"wal", "delete"}[round%2])
		audit := filepath.Join(ownDir(t), "audit.jsonl")
		tell(t, workers, func(i int) task {
			return task{Do: "admit", Path: path, Audit: audit, IDs: []string{fmt.Sprint("id-", i)}, Timeout: patience}
		})
		won := 0
		for _, w := range workers {
			switch a := w.answer(t); a.Reason {
			case "":
				won++
			case keys.ReasonAlreadyBootstrapped:
			default:
				t.Errorf("round %d: a loser says %q: %s", round, a.Reason, a.Text)
			}
		}
		rows := one(t, path, "SELECT (SELECT count(*) FROM members) || ' ' || (SELECT count(*) FROM opened)")
		if events := auditedIn(t, audit, path); won != 1 || rows != "1 1" || len(events) != 1 {
			t.Fatalf("round %d: %d won, there are %s rows and %d events", round, won, rows, len(events))
		}
		if diff := cmp.Diff([]string{"club.db"}, namesIn(t, filepath.Dir(path))); diff != "" {
			t.Errorf("left behind:\n%s", diff)
		}
	}
}

func TestForeignFileIsLeftAsItWas(t *testing.T) {
	for _, journal := range []string{"wal", "delete"} {
		path := clubFile(t, journal)
		before := contents(t, path)
		for _, access := range []Access{ReadOnly, ReadWrite, Create} {
			d := mustClub(t, Options{Path: path, Access: access})
			if i := d.Info(); i.Schema != 0 || i.Rules.Server != "Club" || i.Layout != "club" || i.Era != "text" {
				t.Errorf("%+v", i)
			}
			claimOf(t, d)
			if access != ReadOnly {
				makeTables(t, d) // none
			}
			wantReason(t, d.Migrate(t.Context(), func(keys.Tx, int, int) error { return nil }), keys.ReasonUnsupported)
			d.Close()
		}
		if diff := cmp.Diff(before, contents(t, path)); diff != "" {
			t.Errorf("%s: changed\n%s", journal, diff)
		}
		if diff := cmp.Diff([]string{"club.db"}, namesIn(t, filepath.Dir(path))); diff != "" {
			t.Errorf("left behind:\n%s", diff)
		}
	}
}
