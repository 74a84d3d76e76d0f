package db

import (
	"slices"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// TestViewsLiftARevocation has nobody do anything when its time is over.
func TestViewsLiftARevocation(t *testing.T) {
	path := nativeFile(t)
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	list := make([]keys.Key, 2)
	for i, id := range []string{"staying1", "pausing1"} {
		list[i] = keys.Key{ID: id, Enabled: true, Masked: "kr_…", Scheme: keys.SHA256, Hash: keys.Digest(id), CreatedAt: keys.At(time.Now())}
	}
	insertKeys(t, d, list)
	s := &keys.Service{Store: d, Now: time.Now}
	until := keys.At(time.Now().Add(500 * time.Millisecond))
	if _, err := s.Revoke(t.Context(), keys.ChangeRequest{Refs: []keys.Ref{keys.IDRef("pausing1")}, Until: until}); err != nil {
		t.Fatal(err)
	}
	pool := plainPool(t, path)
	for over := false; !over; time.Sleep(50 * time.Millisecond) {
		for _, view := range []string{"keyreeve_usable_keys", "keyreeve_live_keys"} {
			ids, at := viewed(t, pool, view)
			over = until.Reached(at)
			if slices.Contains(ids, "pausing1") != over || !slices.Contains(ids, "staying1") {
				t.Fatalf("%s holds %q at %s, and the revocation lifts itself at %s", view, ids, at, until)
			}
		}
	}
}
