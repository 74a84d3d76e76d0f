package db

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// keyNumbered returns one of many keys, made at different times.
func keyNumbered(n int) keys.Key {
	id := fmt.Sprintf("%08d", n)
	k := keys.Key{
		ID: id, Label: "label " + id, Prefix: "kr", Masked: keys.Token{Prefix: "kr", ID: id}.Masked(), Scheme: keys.SHA256,
		Hash: keys.Digest("token " + id), Enabled: true, CreatedAt: keys.Millis(int64(1_700_000_000_000 + n/3)),
	}
	if n%3 == 0 {
		k.ExpiresAt = keys.Millis(1_700_000_000_000)
	}
	return k
}

func fill(t testing.TB, d *DB, n int) {
	t.Helper()
	list, events := make([]keys.Key, n), make([]keys.Event, n)
	for i := range list {
		list[i] = keyNumbered(i)
		events[i] = keys.Event{Action: keys.ActionCreate, KeyID: list[i].ID, After: strings.Repeat(" ", 100)}
	}
	err := d.Update(t.Context(), func(tx keys.Tx) error {
		if err := tx.Insert(t.Context(), list); err != nil {
			return err
		}
		return tx.Record(t.Context(), events)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lookup is a read that must not walk the table.
type lookup struct {
	name string
	read func(ctx context.Context, r keys.Reader) (int, error)
	want int
}

func page(q keys.Query) func(context.Context, keys.Reader) (int, error) {
	return func(ctx context.Context, r keys.Reader) (int, error) {
		found, err := r.Page(ctx, q)
		return len(found), err
	}
}

func candidatesFor(token string) func(context.Context, keys.Reader) (int, error) {
	return func(ctx context.Context, r keys.Reader) (int, error) {
		p := keys.Presented{Digests: []keys.Digested{{Scheme: keys.SHA256, Hash: keys.Digest(token)}}, Now: keys.Millis(1_800_000_000_000), Inactive: true, Scan: true}
		if t, err := keys.ParseToken(token); err == nil {
			p.Selector, p.Scan = t.ID, false
		}
		found, err := r.Candidates(ctx, p)
		return len(found), err
	}
}

// lookups over the keys that fill makes, n of them.
func lookups(n int) []lookup {
	middle := keyNumbered(n / 2)
	now := keys.Millis(1_800_000_000_000)
	ref := func(q keys.RefQuery) keys.Query { return keys.Query{Now: now, Ref: &q, Limit: 20} }
	return []lookup{
		{"by id", page(ref(keys.RefQuery{ID: middle.ID})), 1},
		{"by the beginning of an id", page(ref(keys.RefQuery{IDPrefix: middle.ID[:7]})), 10},
		{"by label", page(ref(keys.RefQuery{Label: middle.Label})), 1},
		{"by the beginning of a label", page(ref(keys.RefQuery{LabelPrefix: middle.Label[:13]})), 10},
		{"by id, its beginning or label", page(ref(keys.RefQuery{ID: middle.ID, Label: middle.ID, IDPrefix: middle.ID})), 1},
		{"by nothing that exists", page(ref(keys.RefQuery{ID: "nobody", Label: "nobody", IDPrefix: "nobody"})), 0},
		{"active ones of a label", page(keys.Query{Now: now, Statuses: keys.Statuses(), Ref: &keys.RefQuery{Label: middle.Label}}), 1},
		{"first page", page(keys.Query{Now: now, Limit: 10}), 10},
		{"first page of those that last", page(keys.Query{Now: now, Limit: 10, Statuses: []keys.Status{keys.Active}}), 10},
		{"a page in the middle", page(keys.Query{Now: now, Limit: 10, After: &middle}), 10},
		{"token", candidatesFor("token " + middle.ID), 1},
		{"unknown token", candidatesFor("nobody's"), 0},
		{"slow keys", func(ctx context.Context, r keys.Reader) (int, error) {
			found, err := r.SlowKeys(ctx)
			return len(found), err
		}, 0},
		{"survivor", func(ctx context.Context, r keys.Reader) (int, error) {
			found, err := r.Survivor(ctx, now, "", []string{middle.ID})
			return map[bool]int{true: 1}[found], err
		}, 1},
		{"deletion", func(ctx context.Context, r keys.Reader) (int, error) {
			found, err := r.(*tx).ledger.(*nativeLedger).last(ctx, keys.ActionDelete, []string{middle.ID})
			return len(found), err
		}, 0},
		{"lockout", func(ctx context.Context, r keys.Reader) (int, error) {
			_, err := r.LockedUntil(ctx, netip.MustParseAddr("192.0.2.7"), now)
			return 0, err
		}, 0},
	}
}

// TestLookupsDoNotWalkTheTable compares each with what does walk it.
func TestLookupsDoNotWalkTheTable(t *testing.T) {
	if raceDetector {
		t.Skip("times mean nothing beside the race detector")
	}
	const n = 30_000
	d := mustOpen(t, Options{Path: nativeFile(t), Access: ReadWrite})
	fill(t, d, n)
	walk := timeOf(t, d, lookup{"count", func(ctx context.Context, r keys.Reader) (int, error) {
		counts, err := r.Count(ctx, keys.Millis(1_800_000_000_000))
		return counts[keys.Active] + counts[keys.Expired], err
	}, n})
	for _, l := range lookups(n) {
		if took := timeOf(t, d, l); took > walk/20 {
			t.Errorf("%s takes %s where walking the table takes %s", l.name, took, walk)
		}
	}
}

// timeOf returns the shortest of some runs.
func timeOf(t *testing.T, d *DB, l lookup) time.Duration {
	t.Helper()
	best := time.Hour
	err := d.View(t.Context(), func(r keys.Reader) error {
		for range 5 {
			start := time.Now()
			got, err := l.read(t.Context(), r)
			if err != nil || got != l.want {
				return fmt.Errorf("%s finds %d, want %d: %w", l.name, got, l.want, err)
			}
			best = min(best, time.Since(start))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return best
}

var errKeepNothing = errors.New("keep nothing")

// A label that looks like a pattern, an operator or another statement is a label.
func FuzzLabelGlob(f *testing.F) {
	d := mustOpen(f, Options{Path: nativeFile(f), Access: ReadWrite})
	for _, seed := range []string{"*", "ci-?", "[a-z]", "a[", "%_'", `\`, "x' OR 1--", "\u00e9*", "**?**", "]["} {
		f.Add(seed, seed)
		f.Add(seed, "ci-1")
	}
	f.Fuzz(func(t *testing.T, pattern, label string) {
		if pattern == "" || keys.ValidateLabel(label) != nil || keys.ValidateLabel(strings.NewReplacer("*", "x", "?", "x").Replace(pattern)) != nil {
			t.Skip("no label or pattern")
		}
		k := keyNumbered(1)
		k.Label = label
		var found []keys.Key
		err := d.update(t.Context(), func(tx *tx) error {
			if err := tx.Insert(t.Context(), []keys.Key{k}); err != nil {
				return err
			}
			var err error
			found, err = tx.Page(t.Context(), keys.Query{LabelGlob: pattern})
			return errors.Join(errKeepNothing, err)
		})
		if want := keys.MatchGlob(pattern, label); (len(found) == 1) != want {
			t.Errorf("%q against %q: %d found, want %t (%v)", pattern, label, len(found), want, err)
		}
	})
}
