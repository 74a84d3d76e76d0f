package db

import (
	"errors"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Rows of the server's other tables are not a key: whatever a foreign key would do to
// them, they stay, and so does the key.
func TestDeletingChangesNoOtherTable(t *testing.T) {
	const refers = "CREATE TABLE visits (member TEXT REFERENCES members (id) "
	for name, tt := range map[string]struct {
		schema []string
		want   keys.Reason
		says   string
		left   string // keys, visits, and those of b
	}{
		"cascade":                {[]string{refers + "ON DELETE CASCADE)"}, keys.ReasonPolicy, "2 of their rows", "2 3 2"},
		"set null":               {[]string{refers + "ON DELETE SET NULL)"}, keys.ReasonPolicy, "2 of their rows", "2 3 2"},
		"no action":              {[]string{refers + ")"}, keys.ReasonPolicy, "while they do", "2 3 2"},
		"restrict":               {[]string{refers + "ON DELETE RESTRICT)"}, keys.ReasonPolicy, "while they do", "2 3 2"},
		"nothing refers":         {[]string{"CREATE TABLE visits (member TEXT)"}, "", "", "1 3 2"},
		"triggers of the server": {[]string{refers + "ON DELETE CASCADE)", "CREATE TRIGGER gone AFTER DELETE ON members BEGIN SELECT 1; END"}, "", "", "1 1 0"},
	} {
		path := clubFile(t, "delete")
		mustExec(t, plainPool(t, path), tt.schema...)
		d := mustClub(t, Options{Path: path, Access: ReadWrite})
		err := d.Update(t.Context(), func(tx keys.Tx) error { return errors.Join(enter(t.Context(), tx, "a"), enter(t.Context(), tx, "b")) })
		if err != nil {
			t.Fatal(err)
		}
		mustExec(t, plainPool(t, path), "INSERT INTO visits VALUES ('a'), ('b'), ('b')")
		err = d.Update(t.Context(), func(tx keys.Tx) error { return tx.Delete(t.Context(), "b") })
		if e := (*keys.Error)(nil); reasonOf(err) != tt.want || errors.As(err, &e) && e.Reason == keys.ReasonPolicy && (e.Key != "b" || e.Path != path || !strings.Contains(e.Message, tt.says)) {
			t.Errorf("%s: %v", name, err)
		}
		left := one(t, path, "SELECT (SELECT count(*) FROM members) || ' ' || count(*) || ' ' || count(*) FILTER (WHERE member = 'b') FROM visits")
		if left != tt.left {
			t.Errorf("%s: %s are left, want %s", name, left, tt.left)
		}
		if tt.want != "" {
			continue
		}
		if err := d.Update(t.Context(), func(tx keys.Tx) error { return enter(t.Context(), tx, "b") }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A key that nothing refers to can be deleted, whatever refers to others.
func TestDeletingWhatNothingRefersTo(t *testing.T) {
	path := clubFile(t, "wal")
	mustExec(t, plainPool(t, path), "CREATE TABLE visits (member TEXT REFERENCES members (id) ON DELETE CASCADE)")
	d := mustClub(t, Options{Path: path, Access: ReadWrite})
	err := d.Update(t.Context(), func(tx keys.Tx) error {
		return errors.Join(enter(t.Context(), tx, "a"), enter(t.Context(), tx, "b"), tx.Delete(t.Context(), "a"), tx.Delete(t.Context(), "b"))
	})
	if got := one(t, path, "SELECT count(*) FROM members"); err != nil || got != "0" {
		t.Errorf("%s are left, %v", got, err)
	}
}
