package db

import (
	"errors"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// TestBigChangeShutsNobodyOut: whoever reads the database does so until the commit, also
// while a change is larger than the engine's cache and there is no write-ahead log.
func TestBigChangeShutsNobodyOut(t *testing.T) {
	path := guestFile(t, "delete")
	filled := mustOpen(t, Options{Path: path, Access: ReadWrite})
	fill(t, filled, 10_000)
	filled.Close() // its cache is larger
	d, reader := mustOpen(t, Options{Path: path, Access: ReadWrite}), plainPool(t, path)
	enough := errors.New("enough")
	err := d.Update(t.Context(), func(tx keys.Tx) error {
		for i := range 10_000 {
			k := keyNumbered(i)
			k.Description = strings.Repeat("long ", 100)
			if err := tx.Replace(t.Context(), &k); err != nil {
				return err
			}
		}
		var n int
		if err := reader.QueryRow("SELECT count(*) FROM keyreeve_keys WHERE description IS NULL").Scan(&n); err != nil || n != 10_000 {
			t.Errorf("a reader beside the change sees %d keys as they were, %v", n, err)
		}
		return enough
	})
	if !errors.Is(err, enough) {
		t.Error(err)
	}
}
