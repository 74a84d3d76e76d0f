package db

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// verbs are the ways in which a database is changed.
var verbs = map[string]func(ctx context.Context, s *keys.Service, id string) error{
	"create": func(ctx context.Context, s *keys.Service, _ string) error {
		_, err := s.Create(ctx, keys.CreateRequest{}, quiet{})
		return err
	},
	"revoke": func(ctx context.Context, s *keys.Service, id string) error {
		_, err := s.Revoke(ctx, keys.ChangeRequest{Refs: refsTo(id)})
		return err
	},
	"delete": func(ctx context.Context, s *keys.Service, id string) error {
		_, err := s.Delete(ctx, keys.ChangeRequest{Refs: refsTo(id)})
		return err
	},
	"bootstrap": func(ctx context.Context, s *keys.Service, _ string) error {
		_, err := s.Bootstrap(ctx, keys.CreateRequest{}, quiet{})
		return err
	},
}

// meddlers are triggers of the application that owns the file, and the verbs that
// they stop.
var meddlers = []struct{ trigger, stops string }{
	{"AFTER UPDATE ON keyreeve_keys BEGIN UPDATE keyreeve_keys SET enabled = 1 WHERE id = NEW.id; END", "revoke"},
	{"AFTER UPDATE ON keyreeve_keys BEGIN UPDATE keyreeve_keys SET owner = 'me' WHERE id = NEW.id; END", "revoke"},
	{"AFTER UPDATE ON KeyReeve_Keys BEGIN UPDATE keyreeve_keys SET revoked_at = 0 WHERE id = NEW.id; END", "revoke"},
	{"AFTER INSERT ON keyreeve_keys BEGIN UPDATE keyreeve_keys SET scopes = '[\"*\"]' WHERE id = NEW.id; END", "create"},
	{"AFTER INSERT ON keyreeve_keys BEGIN DELETE FROM keyreeve_keys WHERE id = NEW.id; END", "create bootstrap"},
	{"AFTER DELETE ON keyreeve_keys BEGIN INSERT INTO keyreeve_keys (id, masked, scheme, hash, created_at) VALUES (OLD.id, OLD.masked, OLD.scheme, OLD.hash, 0); END", "delete"},
	{"BEFORE UPDATE ON keyreeve_keys BEGIN SELECT RAISE(IGNORE); END", "revoke"},
	{"BEFORE INSERT ON keyreeve_keys BEGIN SELECT RAISE(IGNORE); END", "create bootstrap"},
	{"BEFORE DELETE ON keyreeve_keys BEGIN SELECT RAISE(IGNORE); END", "delete"},
	{"BEFORE UPDATE ON keyreeve_keys BEGIN SELECT RAISE(ABORT, 'hands off'); END", "revoke"},
	{"BEFORE INSERT ON keyreeve_keys BEGIN SELECT RAISE(ABORT, 'hands off'); END", "create bootstrap"},
	{"BEFORE DELETE ON keyreeve_keys BEGIN SELECT RAISE(FAIL, 'hands off'); END", "delete"},
	{"AFTER UPDATE ON keyreeve_keys BEGIN SELECT RAISE(ROLLBACK, 'hands off'); END", "revoke"},
	{"BEFORE INSERT ON keyreeve_audit BEGIN SELECT RAISE(IGNORE); END", "create revoke delete bootstrap"},
	{"BEFORE INSERT ON keyreeve_audit BEGIN SELECT RAISE(ABORT, 'hands off'); END", "create revoke delete bootstrap"},
	{"AFTER INSERT ON keyreeve_audit BEGIN DELETE FROM keyreeve_audit; END", "create revoke delete bootstrap"},
	{"AFTER INSERT ON keyreeve_audit BEGIN UPDATE keyreeve_keys SET enabled = 1; END", "revoke"},
	{"AFTER INSERT ON keyreeve_audit BEGIN DELETE FROM keyreeve_keys; END", "create revoke bootstrap"},
	{"BEFORE UPDATE OF claimed_at ON keyreeve_state BEGIN SELECT RAISE(IGNORE); END", "bootstrap"},
	{"AFTER UPDATE OF claimed_at ON keyreeve_state BEGIN UPDATE keyreeve_state SET claimed_at = NULL; END", "bootstrap"},
	{"BEFORE UPDATE OF change_counter ON keyreeve_state BEGIN SELECT RAISE(IGNORE); END", "create revoke delete bootstrap"},
	{"AFTER UPDATE ON keyreeve_state BEGIN UPDATE keyreeve_keys SET enabled = 1; END", "revoke"},
}

func TestTriggersCannotUndoChanges(t *testing.T) {
	for _, m := range meddlers {
		for name, verb := range verbs {
			path, id := meddledFile(t, m.trigger, name == "bootstrap")
			before := dump(t, path)
			d := mustOpen(t, Options{Path: path, Access: ReadWrite})
			err := verb(t.Context(), serviceOver(d), id)
			d.Close()
			switch stopped := strings.Contains(m.stops, name); {
			case stopped && !errors.Is(err, &keys.Error{Reason: keys.ReasonUndone}):
				t.Errorf("%s in spite of %s gives %v", name, m.trigger, err)
			case stopped:
				if diff := cmp.Diff(before, dump(t, path)); diff != "" {
					t.Errorf("%s in spite of %s changed\n%s", name, m.trigger, diff)
				}
			case err != nil:
				t.Errorf("%s beside %s gives %v", name, m.trigger, err)
			}
		}
	}
}

// meddledFile returns the path of a database with a trigger and, unless it is yet
// to be bootstrapped, three keys, of which it returns the id of one.
func meddledFile(t *testing.T, trigger string, virgin bool) (path, id string) {
	t.Helper()
	path = guestFile(t, "delete")
	if !virgin {
		d := mustOpen(t, Options{Path: path, Access: ReadWrite})
		issued, err := serviceOver(d).Create(t.Context(), keys.CreateRequest{Count: 3}, quiet{})
		if err != nil {
			t.Fatal(err)
		}
		id = issued[0].Key.ID
		d.Close()
	}
	pool := plainPool(t, path)
	mustExec(t, pool, "CREATE TRIGGER theirs "+trigger)
	pool.Close()
	return path, id
}

// dump returns every row of keyreeve's tables, as text.
func dump(t testing.TB, path string) (all []string) {
	t.Helper()
	pool := plainPool(t, path)
	defer pool.Close()
	for _, query := range []string{
		"SELECT type || name || coalesce(sql, '') FROM sqlite_master ORDER BY 1",
		"SELECT quote(id) || quote(enabled) || quote(owner) || quote(scopes) || quote(revoked_at) || quote(hash) FROM keyreeve_keys ORDER BY id",
		"SELECT quote(schema_version) || ' ' || quote(change_counter) || ' ' || quote(claimed_at) || quote(database_id) FROM keyreeve_state",
		"SELECT quote(seq) || quote(at) || quote(action) || quote(key_id) || quote(user) || quote(after) FROM keyreeve_audit ORDER BY seq",
	} {
		rs, err := pool.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		for rs.Next() {
			var row string
			if err := rs.Scan(&row); err != nil {
				t.Fatal(err)
			}
			all = append(all, row)
		}
		if err := errors.Join(rs.Err(), rs.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// An application may watch its file.
func TestTriggersThatOnlyWatchAreNoObstacle(t *testing.T) {
	for name, verb := range verbs {
		path, id := meddledFile(t, "AFTER UPDATE ON keyreeve_keys BEGIN INSERT INTO keys (hash) VALUES (NEW.id); END", name == "bootstrap")
		mustExec(t, plainPool(t, path),
			"CREATE TRIGGER watch_insert AFTER INSERT ON keyreeve_keys BEGIN INSERT INTO keys (hash) VALUES (NEW.id); END",
			"CREATE TRIGGER watch_delete AFTER DELETE ON keyreeve_keys BEGIN INSERT INTO keys (hash) VALUES (OLD.id); END")
		d := mustOpen(t, Options{Path: path, Access: ReadWrite})
		if err := verb(t.Context(), serviceOver(d), id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var seen int
		if err := d.pool.QueryRow("SELECT count(*) FROM keys WHERE hash <> 'theirs'").Scan(&seen); err != nil || seen != 1 {
			t.Errorf("%s: the application saw %d changes, %v", name, seen, err)
		}
	}
}

// The engine rolls back by itself after some errors. What came next would be
// committed on its own.
func TestNothingIsWrittenAfterAFailure(t *testing.T) {
	path, id := meddledFile(t, "BEFORE DELETE ON keyreeve_keys BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END", false)
	before := dump(t, path)
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	ctx := t.Context()
	err := d.Update(ctx, func(tx keys.Tx) error {
		_ = tx.Insert(ctx, []keys.Key{keyNumbered(1)})
		_ = tx.Delete(ctx, id)
		_ = tx.Insert(ctx, []keys.Key{keyNumbered(2)})
		_ = tx.Record(ctx, []keys.Event{{Action: keys.ActionCreate}})
		_ = tx.Claim(ctx, keys.Millis(1))
		k := keyNumbered(1)
		_ = tx.Replace(ctx, &k)
		return nil
	})
	wantReason(t, err, keys.ReasonUndone)
	if diff := cmp.Diff(before, dump(t, path)); diff != "" {
		t.Errorf("changed\n%s", diff)
	}
}

// A row that somebody spoiled is shown with the rest of it, and hides no other.
func TestDamageIsNotedAndHidesNothing(t *testing.T) {
	for column, value := range map[string]string{
		"scopes": `'[1]'`, "networks": `'["nonsense"]'`, "metadata": `'{"a":1}'`, "rate_limit": `'100/h'`, "created_at": "'x'", "label": "x'00'",
		"hash": "x'00'", "enabled": "2", "expires_at": "1.5",
	} {
		path := nativeFile(t)
		d := mustOpen(t, Options{Path: path, Access: ReadWrite})
		fill(t, d, 3)
		mustExec(t, plainPool(t, path), "PRAGMA ignore_check_constraints = 1", "UPDATE keyreeve_keys SET "+column+" = "+value+" WHERE id = '00000001'")
		err := d.View(t.Context(), func(r keys.Reader) error {
			k, err := r.Key(t.Context(), "00000001")
			if len(k.Damage) != 1 || k.Damage[0].Column != column || k.Masked == "" || strings.Contains(k.Damage[0].Problem, value) {
				t.Errorf("%s = %s is read as %+v", column, value, k)
			}
			list, err2 := r.Page(t.Context(), keys.Query{})
			if len(list) != 3 {
				t.Errorf("%s = %s hides others: %d keys", column, value, len(list))
			}
			return errors.Join(err, err2)
		})
		if err != nil {
			t.Error(err)
		}
	}
}
