package db

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// nameless makes a table in which several rows have no id that could name them. The
// empty one was made between the others, so that a listing meets it first.
func nameless(t *testing.T) operator {
	f := theFixture(t, "proxyos/hmac")
	path := f.make(t)
	for _, row := range []string{
		"('good', 'good', 'a', '[]', NULL, NULL, 1)", "('', 'empty', 'b', '[]', NULL, NULL, 3)", "(NULL, 'none', 'c', '[]', NULL, NULL, 4)",
		"(x'676f6f64', 'bytes', 'd', '[]', NULL, NULL, 5)", "('last', 'last', 'e', '[]', NULL, NULL, 2)",
	} {
		mustExec(t, plainPool(t, path), "INSERT INTO api_keys VALUES "+row)
	}
	return f.visitor(t, path)
}

func TestNamelessRowsAreNobodysSubject(t *testing.T) {
	g := nameless(t)
	before := cellsOf(t, g.path)
	for _, label := range []string{"empty", "none", "bytes"} {
		list, err := g.s.Select(t.Context(), keys.TextRef(label))
		if err != nil || len(list) != 1 || list[0].Label != label || list[0].Identified() {
			t.Errorf("%s: %+v, %v", label, list, err)
		}
		q := keys.ChangeRequest{Refs: []keys.Ref{keys.TextRef(label)}}
		for name, do := range map[string]func() ([]keys.Change, error){
			"revoke":   func() ([]keys.Change, error) { return g.s.Revoke(t.Context(), q) },
			"activate": func() ([]keys.Change, error) { return g.s.Activate(t.Context(), q) },
			"delete":   func() ([]keys.Change, error) { return g.s.Delete(t.Context(), q) },
		} {
			if done, err := do(); !keys.NotIdentified(err) {
				t.Errorf("%s %s: %+v, %v", name, label, done, err)
			}
		}
	}
	if diff := cmp.Diff(before, cellsOf(t, g.path)); diff != "" {
		t.Error(diff)
	}
}

// An empty id is no name, whoever asks for it.
func TestEmptyIDNamesNoRow(t *testing.T) {
	g := nameless(t)
	before := cellsOf(t, g.path)
	for name, do := range map[string]func(keys.Tx) error{
		"reading":  func(tx keys.Tx) error { _, err := tx.Key(t.Context(), ""); return err },
		"changing": func(tx keys.Tx) error { return tx.Replace(t.Context(), &keys.Key{Label: "other"}) },
		"deleting": func(tx keys.Tx) error { return tx.Delete(t.Context(), "") },
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, g.s.Store.Update(t.Context(), do), keys.ReasonNotFound) })
	}
	if diff := cmp.Diff(before, cellsOf(t, g.path)); diff != "" {
		t.Error(diff)
	}
}

// A row that has no place in the order ends no listing.
func TestNamelessRowsEndNoListing(t *testing.T) {
	g := nameless(t)
	var labels []string
	q := keys.Query{Limit: 1}
	for range 2 {
		err := g.s.Store.View(t.Context(), func(r keys.Reader) error {
			page, err := r.Page(t.Context(), q)
			for i := range page {
				labels, q.After = append(labels, page[i].Label), &page[i]
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	q.Limit = 0
	err := g.s.Store.View(t.Context(), func(r keys.Reader) error {
		page, err := r.Page(t.Context(), q)
		for i := range page {
			labels = append(labels, page[i].Label)
		}
		return err
	})
	slices.Sort(labels[2:])
	if want := []string{"last", "good", "bytes", "empty", "none"}; err != nil || !slices.Equal(labels, want) {
		t.Errorf("listed %q, %v, want %q", labels, err, want)
	}
}

// What an expiry was that nobody could read, nobody can restore: never is no guess.
func TestUnreadExpiryIsNotRestored(t *testing.T) {
	f := theFixture(t, "proxyos/hmac")
	path := f.make(t)
	mustExec(t, plainPool(t, path), "INSERT INTO api_keys VALUES ('a', 'words', 'a', '[]', NULL, 'soon', 1), ('b', 'never', 'b', '[]', NULL, NULL, 1)")
	g := f.visitor(t, path)
	for _, label := range []string{"words", "never"} {
		q := keys.ChangeRequest{Refs: []keys.Ref{keys.TextRef(label)}}
		if done, err := g.s.Revoke(t.Context(), q); err != nil || done[0].Result != keys.Changed {
			t.Fatalf("%s: %+v, %v", label, done, err)
		}
		revoked := cellsOf(t, path)
		done, err := g.s.Activate(t.Context(), q)
		if label == "never" {
			if err != nil || !done[0].Key.ExpiresAt.IsNone() {
				t.Errorf("%+v, %v", done, err)
			}
			continue
		}
		wantReason(t, err, keys.ReasonInvalid)
		if diff := cmp.Diff(revoked, cellsOf(t, path)); diff != "" {
			t.Error(diff)
		}
	}
}
