package db

import (
	"database/sql"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// everyKind returns a key for each way in which a key can be usable or not, around
// this moment.
func everyKind(now keys.Instant) (list []keys.Key) {
	around := []keys.Instant{{}, now.Add(-time.Hour), now.Add(time.Hour)}
	for _, enabled := range []bool{true, false} {
		for _, until := range around {
			for _, expires := range around {
				for _, from := range around {
					k := keys.Key{Enabled: enabled, RevokedUntil: until, ExpiresAt: expires, NotBefore: from, CreatedAt: now, Masked: "kr_…"}
					list = append(list, restricted(k)...)
				}
			}
		}
	}
	for i := range list {
		list[i].ID = fmt.Sprintf("k%07d", i)
		list[i].Hash = keys.Digest(list[i].ID)
	}
	return list
}

// restricted returns k with each combination of what may restrict it.
func restricted(k keys.Key) (list []keys.Key) {
	for bits := range 16 {
		k.Scheme = keys.SHA256
		k.Resource, k.Networks, k.RateLimit = "", nil, keys.Rate{}
		if bits&1 != 0 {
			k.Resource = "tv/1"
		}
		if bits&2 != 0 {
			k.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		}
		if bits&4 != 0 {
			k.RateLimit = keys.Rate{Requests: 100, Window: time.Minute}
		}
		if bits&8 != 0 {
			k.Scheme = keys.Bcrypt
		}
		list = append(list, k)
	}
	return list
}

func simple(k keys.Key) bool {
	return k.Scheme == keys.SHA256 && k.Resource == "" && len(k.Networks) == 0 && k.RateLimit.IsZero()
}

func insertKeys(t testing.TB, d *DB, list []keys.Key) {
	t.Helper()
	if err := d.Update(t.Context(), func(tx keys.Tx) error { return tx.Insert(t.Context(), list) }); err != nil {
		t.Fatal(err)
	}
}

// engineNow is the clock of the views. Within one row all of them read it alike.
const engineNow = "CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"

// viewed returns the ids in a view, in order, and the moment at which it was read.
func viewed(t *testing.T, pool *sql.DB, view string) (ids []string, at keys.Instant) {
	t.Helper()
	var joined sql.NullString
	var ms int64
	err := pool.QueryRow("SELECT (SELECT group_concat(id) FROM "+view+"), "+engineNow).Scan(&joined, &ms)
	if err != nil {
		t.Fatal(err)
	}
	if joined.Valid {
		ids = strings.Split(joined.String, ",")
	}
	slices.Sort(ids)
	return ids, keys.Millis(ms)
}

// selected returns the ids of the keys that are active and pass the filter.
func selected(list []keys.Key, at keys.Instant, pass func(keys.Key) bool) (ids []string) {
	for _, k := range list {
		if k.Status(at) == keys.Active && pass(k) {
			ids = append(ids, k.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestViewsHoldTheKeysThatAreUsableNow(t *testing.T) {
	path := nativeFile(t)
	list := everyKind(keys.At(time.Now()))
	insertKeys(t, mustOpen(t, Options{Path: path, Access: ReadWrite}), list)
	pool := plainPool(t, path)
	for view, pass := range map[string]func(keys.Key) bool{
		"keyreeve_live_keys": func(keys.Key) bool { return true }, "keyreeve_usable_keys": simple,
	} {
		got, at := viewed(t, pool, view)
		want := selected(list, at, pass)
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("%s:\n%s", view, diff)
		}
	}
}

// TestViewsTurnAtTheVeryMillisecond has keys that begin, end and lift at every
// millisecond of the time in which it reads the views.
func TestViewsTurnAtTheVeryMillisecond(t *testing.T) {
	path := nativeFile(t)
	start := keys.At(time.Now())
	var list []keys.Key
	for ms := range 2000 {
		turn := start.Add(time.Duration(ms) * time.Millisecond)
		for i, k := range []keys.Key{{Enabled: true, ExpiresAt: turn}, {Enabled: true, NotBefore: turn}, {RevokedUntil: turn}} {
			k.ID, k.Masked, k.Scheme, k.CreatedAt = fmt.Sprintf("k%d-%04d", i, ms), "kr_…", keys.SHA256, start
			k.Hash = keys.Digest(k.ID)
			list = append(list, k)
		}
	}
	insertKeys(t, mustOpen(t, Options{Path: path, Access: ReadWrite}), list)
	pool := plainPool(t, path)
	for range 5 {
		time.Sleep(37 * time.Millisecond)
		before := keys.At(time.Now())
		got, at := viewed(t, pool, "keyreeve_usable_keys")
		if diff := cmp.Diff(selected(list, at, simple), got); diff != "" {
			t.Errorf("at %s:\n%s", at, diff)
		}
		if at.Sub(before) < -time.Millisecond || keys.At(time.Now()).Sub(at) < -time.Millisecond {
			t.Errorf("the clock of the views says %s, ours said %s before", at, before)
		}
	}
}

func TestViewColumns(t *testing.T) {
	path := nativeFile(t)
	k := keyNumbered(1)
	k.Owner, k.Role, k.Scopes, k.Resource = "ops", "reader", []string{"read", "write"}, "tv/1"
	k.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	k.RateLimit, k.Metadata = keys.Rate{Requests: 100, Window: 90 * time.Second}, map[string]string{"a": "b"}
	k.ExpiresAt, k.LastUsedAt = keys.Millis(9_000_000_000_000), keys.Millis(7)
	insertKeys(t, mustOpen(t, Options{Path: path, Access: ReadWrite}), []keys.Key{k})
	var got string
	err := plainPool(t, path).QueryRow(`SELECT id || '|' || label || '|' || owner || '|' || scheme || '|' || role || '|' || scopes || '|' || resource ||
		'|' || networks || '|' || rate_requests || '|' || rate_window_ms || '|' || expires_at || '|' || last_used_at || '|' || metadata
		FROM keyreeve_live_keys WHERE hash = ?`, k.Hash).Scan(&got)
	want := `00000001|label 00000001|ops|sha256|reader|["read","write"]|tv/1|["10.0.0.0/8","2001:db8::/32"]|100|90000|9000000000000|7|{"a":"b"}`
	if err != nil || got != want {
		t.Errorf("%v\n%s, want\n%s", err, got, want)
	}
}
