package db

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What the database does not keep is not acknowledged, whichever statement sets
// the trigger off.
func TestTriggersThatUndoWhatTheLedgerWrites(t *testing.T) {
	claimAndKey := func(d *DB) error { return admit(t.Context(), d, "a") }
	unlock := func(d *DB) error {
		return d.Update(t.Context(), func(tx keys.Tx) error {
			return errors.Join(tx.Unlock(t.Context(), "192.0.2.7"), enter(t.Context(), tx, "a"))
		})
	}
	keyAndClaim := func(d *DB) error {
		return d.Update(t.Context(), func(tx keys.Tx) error {
			return errors.Join(enter(t.Context(), tx, "a"), tx.Claim(t.Context(), keys.Millis(5)))
		})
	}
	unlockTwo := func(d *DB) error {
		return d.Update(t.Context(), func(tx keys.Tx) error {
			return errors.Join(tx.Unlock(t.Context(), "192.0.2.7"), tx.Unlock(t.Context(), "192.0.2.8"))
		})
	}
	for trigger, tt := range map[string]struct {
		do   func(*DB) error
		want keys.Reason
	}{
		"BEFORE INSERT ON opened BEGIN SELECT RAISE(IGNORE); END":                                            {claimAndKey, keys.ReasonUndone},
		"BEFORE INSERT ON opened BEGIN SELECT RAISE(ABORT, 'no'); END":                                       {claimAndKey, keys.ReasonUndone},
		"AFTER INSERT ON opened BEGIN DELETE FROM opened; END":                                               {claimAndKey, keys.ReasonUndone},
		"AFTER INSERT ON members BEGIN DELETE FROM opened; END":                                              {claimAndKey, keys.ReasonUndone},
		"AFTER INSERT ON members BEGIN SELECT 1; END":                                                        {claimAndKey, ""},
		"AFTER INSERT ON opened BEGIN DELETE FROM members; END":                                              {keyAndClaim, keys.ReasonUndone},
		"AFTER DELETE ON failures WHEN old.n = 6 BEGIN INSERT INTO failures VALUES ('192.0.2.7', 5, 1); END": {unlockTwo, keys.ReasonUndone},
		"BEFORE DELETE ON failures BEGIN SELECT RAISE(IGNORE); END":                                          {unlock, keys.ReasonUndone},
		"AFTER DELETE ON failures BEGIN INSERT INTO failures VALUES (old.ip, old.n, old.since); END":         {unlock, keys.ReasonUndone},
		"AFTER INSERT ON members BEGIN INSERT INTO failures VALUES ('192.0.2.7', 1, 1); END":                 {unlock, keys.ReasonUndone},
		"AFTER DELETE ON failures BEGIN SELECT 1; END":                                                       {unlock, ""},
	} {
		path := clubFile(t, "delete")
		mustExec(t, plainPool(t, path), "INSERT INTO failures VALUES ('192.0.2.7', 5, 1), ('192.0.2.8', 6, 1)", "CREATE TRIGGER undo "+trigger)
		d, before := mustClub(t, Options{Path: path, Access: ReadWrite}), contents(t, path)
		if got := reasonOf(tt.do(d)); got != tt.want {
			t.Errorf("%s: %q, want %q", trigger, got, tt.want)
		}
		if diff := cmp.Diff(before, contents(t, path)); (diff == "") != (tt.want != "") {
			t.Errorf("%s: changed\n%s", trigger, diff)
		}
	}
}
