package db

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// TestRestoreRefusesWhatNobodyCanRead: a damaged value is neither guessed nor lost.
func TestRestoreRefusesWhatNobodyCanRead(t *testing.T) {
	f := theFixture(t, "proxyos/hmac")
	path := f.make(t, f.some(3)...)
	server := plainPool(t, path)
	mustExec(t, server, "UPDATE api_keys SET scopes = '[damaged' WHERE name = 'key-2'")
	d := mustOpen(t, f.options(path))
	b := mustBackup(t, d)
	restore := func(dry bool) (keys.Restored, error) {
		c, err := d.OpenBackup(t.Context(), b.Path, false)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return serviceOver(d).Restore(t.Context(), keys.RestoreRequest{From: c, DryRun: dry})
	}
	done, err := restore(false)
	if err != nil || len(done.Keys) > 0 || len(done.Unread) != 1 {
		t.Errorf("a value that neither can read: %+v, %v", done, err)
	}
	mustExec(t, server, "UPDATE api_keys SET scopes = '[\"a\"]', name = 'another' WHERE name = 'key-2'", "DELETE FROM api_keys WHERE name = 'key-1'")
	before := cellsOf(t, path)
	_, err = restore(false)
	wantReason(t, err, keys.ReasonDamaged)
	if diff := cmp.Diff(before, cellsOf(t, path)); diff != "" {
		t.Errorf("a refused restore changed:\n%s", diff)
	}
}

// TestRestoreMendsDamage: what the database cannot read becomes what the backup holds.
func TestRestoreMendsDamage(t *testing.T) {
	f := theFixture(t, "proxyos/hmac")
	path := f.make(t, f.some(2)...)
	d := mustOpen(t, f.options(path))
	b := mustBackup(t, d)
	was := cellsOf(t, path)
	mustExec(t, plainPool(t, path), "UPDATE api_keys SET expires_at = 'never', scopes = 7 WHERE name = 'key-2'")
	c, err := d.OpenBackup(t.Context(), b.Path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	done, err := serviceOver(d).Restore(t.Context(), keys.RestoreRequest{From: c})
	if err != nil || len(done.Keys) != 1 || done.Keys[0].Fields != keys.FieldsOf(keys.FieldExpiresAt, keys.FieldScopes) {
		t.Errorf("mended: %+v, %v", done, err)
	}
	if diff := cmp.Diff(was, cellsOf(t, path)); diff != "" {
		t.Errorf("the row differs from the backup's:\n%s", diff)
	}
}
