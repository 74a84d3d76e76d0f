package db

import (
	"fmt"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// triggers are what a server's database may do about a change that it does not
// like, one for each verb: %[1]s is the key table, %[2]s a column that a change writes.
var triggers = map[string][3]string{
	"abort": {
		"CREATE TRIGGER i BEFORE INSERT ON %[1]s BEGIN SELECT RAISE(ABORT, 'not here'); END", "CREATE TRIGGER u BEFORE UPDATE ON %[1]s BEGIN SELECT RAISE(ABORT, 'not here'); END",
		"CREATE TRIGGER d BEFORE DELETE ON %[1]s BEGIN SELECT RAISE(ABORT, 'not here'); END",
	},
	"ignore": {
		"CREATE TRIGGER i BEFORE INSERT ON %[1]s BEGIN SELECT RAISE(IGNORE); END", "CREATE TRIGGER u BEFORE UPDATE ON %[1]s BEGIN SELECT RAISE(IGNORE); END",
		"CREATE TRIGGER d BEFORE DELETE ON %[1]s BEGIN SELECT RAISE(IGNORE); END",
	},
	"undo": {
		"CREATE TRIGGER i AFTER INSERT ON %[1]s BEGIN DELETE FROM %[1]s WHERE rowid = new.rowid; END",
		"CREATE TRIGGER u AFTER UPDATE OF %[2]s ON %[1]s BEGIN UPDATE %[1]s SET %[2]s = old.%[2]s WHERE rowid = new.rowid; END",
		"CREATE TRIGGER d AFTER DELETE ON %[1]s BEGIN INSERT INTO %[1]s SELECT * FROM kept WHERE id = old.id; END",
	},
}

func TestTriggersThatForbidAChange(t *testing.T) {
	for kind, statements := range triggers {
		for _, name := range []string{"proxbox/claim", "zoneweaver/key_id", "proxyos/hmac"} {
			f := theFixture(t, name)
			for i := range statements {
				t.Run(fmt.Sprintf("%s %s %d", kind, f.title(), i), func(t *testing.T) { f.forbidden(t, statements[i], i) })
			}
		}
	}
}

// forbidden has the trigger there against one of the verbs.
func (f fixture) forbidden(t *testing.T, trigger string, verb int) {
	path := f.make(t, f.some(4)...)
	mustExec(t, plainPool(t, path), "CREATE TABLE kept AS SELECT * FROM "+f.table, fmt.Sprintf(trigger, f.table, f.revokes[0]))
	g := f.visitor(t, path)
	before := cellsOf(t, path)
	_, first := f.rowID(1)
	q := keys.ChangeRequest{Refs: refsTo(first), Force: true}
	do := []func() error{
		func() error { _, err := g.s.Create(t.Context(), g.request(), quiet{}); return err },
		func() error { _, err := g.s.Revoke(t.Context(), q); return err },
		func() error { _, err := g.s.Delete(t.Context(), q); return err },
	}
	if r := reasonOf(do[verb]()); r != keys.ReasonUndone {
		t.Errorf("ends with %q, want %q", r, keys.ReasonUndone)
	}
	expect(t, "what is forbidden", before, cellsOf(t, path))
	for i := range do {
		if err := do[i](); i != verb && err != nil {
			t.Errorf("the trigger hinders another verb: %v", err)
		}
	}
}
