package db

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// momentTexts are the forms of servers, and what comes close to them.
var momentTexts = []string{
	"2026-11-22 12:51:56.412 +00:00", "2026-11-22T12:51:56.412Z", "2026-11-22 12:51:56", "2026-11-22 12:51:56.412613789 +0000 UTC",
	"2026-11-22 12:51:56.412+00:00", "2026-11-22T17:51:56.412+05:00", "2026-11-22 06:51:56.412 -06:00", "2026-11-22T18:36:56.412+0545",
	"2026-11-22 13:51:56.412613789 +0100 CET m=+0.00123", "2026-11-22 15:51:56.412 +0300 +03", "2026-11-22 12:51:56.4", "2026-11-22 12:51:56.41299999999999999 Z",
	"2026-11-22 12:51:56 m=", "2026-11-22 12:51:56.4+00:00", "2026-11-22 12:51:56.04Z", "0000-01-01 00:00:00.001", "0000-01-01 00:00:00 +00:01", "0000-02-29 00:00:00",
	"1969-12-31 23:59:59.999", "1960-02-29T00:00:00.001-0130", "9999-12-31 23:59:59.999", "9999-12-31 23:59:59.999999 -00:00", "9999-12-31 23:59:59 -23:59",
	"2026-02-29 00:00:00", "2028-02-29 00:00:00", "2100-02-29 00:00:00", "2026-04-31 00:00:00", "2026-00-10 00:00:00", "2026-01-00 00:00:00", "2026-11-22 24:00:00",
	"2026-11-22 23:60:00", "2026-11-22 23:59:60", "2026-11-22 12:51:56 +24:00", "2026-11-22 12:51:56 +14:60", "2026-11-22", "2026-11-22 12:51", "", " ", "now", "2461000.5",
	"2026-11-22 12:51:56 ", " 2026-11-22 12:51:56", "2026-11-22 12:51:56  Z", "2026-11-22 12:51:56. Z", "2026-11-22 12:51:56 CET", "2026-11-22 12:51:56Z UTC",
	"-2026-11-22 12:51:56", "12026-11-22 12:51:56", "2026-11-22 12:51:56 +1:00", "2026-11-22 12:51:56 +01:00:00", "2026-11-22 12:51:56+00:0:0", "2026-11-22 12:51:56\x00", "2026-11-22 12:51:56 m=\x00",
	"2026-11-22 12:51:56\n", "2026-11-22 12:51:56.\u0661 Z", "\xff026-11-22 12:51:56",
}

// momentNumbers are of the units that servers use, and of others.
var momentNumbers = []any{
	int64(0), int64(-1), int64(1795351916), int64(1795351916412), int64(253402300799), int64(253402300800), int64(253402300799999), int64(253402300800000),
	int64(-62167219200), int64(-62167219201), int64(-62167219200000), int64(-62167219200001), int64(math.MaxInt64), int64(math.MinInt64), int64(math.MaxInt64 / 1000),
	int64(1) << 53, 0.0, -0.0005, 5.0, 0.5, -1.0, 1795351916.4126136, 1795351916.412, 1795351916.0, 1795351916412.0, 1795351916412.5, 9007199254740993.0, 1e17, 1e300, -1e300,
	9.2233720368547758e18, math.Inf(1), math.Inf(-1), 253402300799.999, 253402300799.9999, -62167219200.001,
}

// engine returns what an expression of one parameter is in the engine.
func engine(t testing.TB, expression string) func(v any) any {
	t.Helper()
	pool := plainPool(t, serverDB(t, filepath.Join(ownDir(t), "x.db"), "delete"))
	s, err := pool.Prepare("SELECT " + expression)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return func(v any) (result any) {
		if err := s.QueryRow(v).Scan(&result); err != nil {
			t.Fatal(err)
		}
		return result
	}
}

// sameMoment tells whether the engine takes v for the moment that we do.
func sameMoment(t testing.TB, codec string, v, got any) {
	t.Helper()
	var at keys.Instant
	err := codecs[codec].bounded(false).decode(v, &at)
	text := fmt.Sprintf("%s: %#v is %v in SQL, and %s (%v) here", codec, v, got, at, err)
	ms, real := got.(int64)
	if f, ok := got.(float64); ok {
		ms, real = saturated(f), true
	}
	switch {
	case real == at.IsNone(), real && !isOdd(err) && ms != at.Millis():
		t.Error(text)
	case isOdd(err) && ms <= latest.Millis() && ms >= earliest.Millis():
		t.Error(text)
	case isOdd(err) && (ms > latest.Millis()) != (at == latest):
		t.Error(text)
	}
}

func momentCodecs() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(codecs)) {
		if codecs[name].moment != nil {
			names = append(names, name)
		}
	}
	return names
}

// A list and its statuses come from the engine, a verdict from here: of any value
// both say the same.
func TestEveryMomentIsOneInSQL(t *testing.T) {
	for _, codec := range momentCodecs() {
		in := engine(t, codecs[codec].moment("?1"))
		for _, v := range append(slices.Clone(momentNumbers), nil, []byte("2026-11-22 12:51:56")) {
			sameMoment(t, codec, v, in(v))
		}
		for _, s := range momentTexts {
			sameMoment(t, codec, s, in(s))
		}
		own := fieldOf(codec).(*keys.Instant)
		for ms := int64(someMs); ms < someMs+1100; ms += 11 {
			*own = keys.Millis(ms)
			sameMoment(t, codec, codecs[codec].encode(own), in(codecs[codec].encode(own)))
		}
	}
}

// One character more, less or other in any place.
func TestNoTextIsAMomentInSQLAlone(t *testing.T) {
	in := engine(t, inText("?1"))
	for _, s := range momentTexts[:9] {
		for i := range len(s) + 1 {
			for _, c := range append(strings.Split(" T:+-.Z0259aUm=/;", ""), "\x00", "\u00e9", "\xff", "") {
				for _, rest := range []int{i, min(i+1, len(s))} {
					text := s[:i] + c + s[rest:]
					sameMoment(t, "iso", text, in(text))
				}
			}
		}
	}
}

func FuzzTextMoments(f *testing.F) {
	for _, s := range momentTexts {
		f.Add(s)
	}
	in := engine(f, inText("?1"))
	f.Fuzz(func(t *testing.T, s string) { sameMoment(t, "go", s, in(s)) })
}

// momentsLab has keys with each of the values as their end, beginning and last use.
func momentsLab(t *testing.T, codec, affinity string) tableLab {
	t.Helper()
	l := proxyosLayout()
	l.Columns = append(l.Columns[:4:4], Column{Field: keys.FieldExpiresAt, Name: "x", Codec: codec}, Column{Field: keys.FieldNotBefore, Name: "y", Codec: codec},
		Column{Field: keys.FieldLastUsedAt, Name: "z", Codec: codec, AsCreated: true}, Column{Field: keys.FieldCreatedAt, Name: "c", Codec: codec},
		Column{Field: keys.FieldEnabled, Name: "e", Codec: "flag"}, Column{Field: keys.FieldRevokedUntil, Name: "u", Codec: codec})
	l.Rules.Revoke, l.Rules.Hash = keys.RevokeFlag, keys.HashRules{Scheme: keys.Clear}
	lab := labOver(t, l, strings.NewReplacer("#", affinity).Replace("CREATE TABLE api_keys (id TEXT PRIMARY KEY, name, key_hash, scopes, x #, y #, z #, c #, e, u #)"))
	values := append([]any{nil}, momentNumbers...)
	for _, s := range momentTexts {
		values = append(values, s)
	}
	tx, err := lab.server.Begin()
	if err != nil {
		t.Fatal(err)
	}
	insert := func(statement string, args ...any) {
		if _, err := tx.Exec(statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range values {
		for place, row := range []string{"?, NULL, NULL, ?", "NULL, ?, NULL, ?", "NULL, NULL, ?, '2026-11-22 12:51:56'", "NULL, NULL, ?, ?"} {
			args := []any{fmt.Sprintf("%d.%d", i, place), fmt.Sprint(i, place), v, v}[:2+strings.Count(row, "?")]
			insert("INSERT INTO api_keys VALUES (?, '', ?, '[]', "+row+", 1, NULL)", args...)
		}
		insert("INSERT INTO api_keys VALUES (?, '', ?, '[]', NULL, NULL, NULL, NULL, 0, ?)", fmt.Sprint(i, ".u"), fmt.Sprint(i, "u"), v)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return lab
}

// What is listed, counted and guarded by is what the keys themselves say.
func TestConditionsOnMomentsAgree(t *testing.T) {
	for _, codec := range momentCodecs() {
		for _, affinity := range []string{"", "DATETIME", "TEXT"} {
			if affinity != "" && codec != "unix-seconds" && codec != "sequelize" {
				continue
			}
			lab := momentsLab(t, codec, affinity)
			all := lab.page(keys.Query{})
			for _, now := range []int64{someMs - 1, someMs, -1} {
				at := keys.Millis(now)
				lab.agree(fmt.Sprint(codec, " in ", affinity, " at ", at), at)
				for name, c := range map[string]struct {
					q  keys.Query
					in func(k *keys.Key) bool
				}{
					"expiring": {keys.Query{ExpiresBy: at}, func(k *keys.Key) bool { return k.ExpiresAt.Reached(at) }},
					"unused": {keys.Query{UnusedBy: at}, func(k *keys.Key) bool {
						idle := func(since keys.Instant) bool { return since.IsNone() || since.Reached(at) }
						return k.CreatedAt.Reached(at) && idle(k.LastUsedAt) && idle(k.NotBefore) && idle(k.RevokedUntil)
					}},
				} {
					var want []keys.Key
					for _, k := range all {
						if c.in(&k) {
							want = append(want, k)
						}
					}
					if got := lab.page(c.q); idsOf(got) != idsOf(want) {
						t.Errorf("%s in %s: %s at %s are %q, by Go %q", codec, affinity, name, at, idsOf(got), idsOf(want))
					}
				}
			}
			lab.surviveAlone(all, keys.Millis(someMs))
		}
	}
}

// surviveAlone asks of each key whether it survives where there is no other.
func (l tableLab) surviveAlone(all []keys.Key, now keys.Instant) {
	l.Helper()
	lasting := now.Add(keys.GuardHorizon)
	var ids []string
	for _, k := range all {
		ids = append(ids, k.ID)
	}
	for i, k := range all {
		if i%9 > 0 {
			continue
		}
		sound := !slices.ContainsFunc(k.Damage, func(d keys.Damage) bool { return !d.Odd })
		want := sound && k.Status(now) == keys.Active && !k.ExpiresAt.Reached(lasting)
		if got, err := l.Survivor(l.Context(), now, "", slices.Delete(slices.Clone(ids), i, i+1)); got != want || err != nil {
			l.Errorf("%+v survives: %t, %v", k, got, err)
		}
	}
}

// An end that is the creation is none, also in two ways of writing.
func TestNoEndAsCreatedInSQL(t *testing.T) {
	l := proxyosLayout()
	l.Columns[5].Codec, l.Columns[5].AsCreated = "iso", true
	lab := labOver(t, l, proxyosTable, `INSERT INTO api_keys VALUES ('a', '', 'h', '[]', NULL, '1970-01-01 01:00:05 +01:00', 5), ('b', '', 'i', '[]', NULL, '1970-01-01 01:00:05', 5)`)
	lab.agree("ends", keys.Millis(someMs))
	if a, b := lab.key("a"), lab.key("b"); !a.ExpiresAt.IsNone() || b.ExpiresAt.IsNone() {
		t.Errorf("%+v %+v", a, b)
	}
}

// What is beyond the years of a key is noted, and no key is lost for it.
func TestMomentsBeyondTheYears(t *testing.T) {
	ctx, now := t.Context(), keys.Millis(someMs)
	l := proxyosLayout()
	l.Columns[4].Field = keys.FieldNotBefore
	lab := labOver(t, l, proxyosTable, `INSERT INTO api_keys VALUES ('a', '', 'h', '[]', NULL, 1795371601000, 1), ('b', '', 'i', '[]', 1795371601000, NULL, 1795371601000),
		('c', '', 'j', '[]', NULL, -99999999999999, 1795371602000)`)
	a, b, c := lab.key("a"), lab.key("b"), lab.key("c")
	const late = "is a moment after the year 9999, as milliseconds would be where seconds belong"
	if !a.ExpiresAt.IsNone() || a.Status(now) != keys.Active || a.Unreadable() || len(a.Damage) != 1 || a.Damage[0] != (keys.Damage{Field: keys.FieldExpiresAt, Column: "expires_at", Problem: late, Odd: true}) {
		t.Errorf("%+v", a)
	}
	if b.NotBefore != latest || b.Status(now) != keys.Pending || b.CreatedAt.String() != "9999-12-31T23:59:59.999Z" || b.Unreadable() {
		t.Errorf("%+v", b)
	}
	if c.Status(now) != keys.Expired || c.Damage[0].Problem != "is a moment before the year 0" || c.Unreadable() {
		t.Errorf("%+v", c)
	}
	for size := 1; size < 4; size++ {
		if got := idsOf(lab.pages(keys.Query{}, size)); got != "c b a" {
			t.Errorf("pages of %d are %q", size, got)
		}
	}
	a.Label = "kept"
	if err := lab.Replace(ctx, &a); err != nil || lab.row("a") != "'a' 'kept' 'h' '[]' NULL 1795371601000 1" {
		t.Errorf("%s, %v", lab.row("a"), err)
	}
	a.ExpiresAt = now
	if err := lab.Replace(ctx, &a); err != nil || lab.row("a") != "'a' 'kept' 'h' '[]' NULL 1795351916 1" || len(a.Damage) > 0 {
		t.Errorf("%s, %+v, %v", lab.row("a"), a, err)
	}
}

// The drivers of applications bring engines of their own.
func TestAnotherEngineReadsTheSameMoments(t *testing.T) {
	var rows []string
	for _, s := range momentTexts {
		rows = append(rows, "(CAST(x'"+fmt.Sprintf("%x", s)+"' AS TEXT))")
	}
	query := "SELECT coalesce(group_concat(ms, ' '), '') FROM (SELECT coalesce(" + inText("column1") + ", 'none') AS ms FROM (VALUES " + strings.Join(rows, ", ") + "))"
	var ours string
	if err := plainPool(t, serverDB(t, filepath.Join(ownDir(t), "x.db"), "delete")).QueryRow(query).Scan(&ours); err != nil {
		t.Fatal(err)
	}
	if theirs := shell(t, ":memory:", query); theirs != ours || strings.Count(ours, "none") < 20 || strings.Count(ours, "none") > 40 {
		t.Errorf("another engine reads\n%s, and ours\n%s", theirs, ours)
	}
}
