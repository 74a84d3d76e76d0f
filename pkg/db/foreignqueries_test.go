package db

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// pages returns all keys of a query, read in pages of this size.
func (l tableLab) pages(q keys.Query, size int) (list []keys.Key) {
	l.Helper()
	q.Limit = size
	for range 100 {
		page := l.page(q)
		if len(page) == 0 {
			return list
		}
		list = append(list, page...)
		q.After = &list[len(list)-1]
	}
	l.Error("the pages do not end")
	return list
}

// Rows that cannot be read, or that differ by less than a millisecond, neither hide
// others nor come twice, wherever a page ends.
func TestPagesHoldEveryKeyOnce(t *testing.T) {
	proxbox := labOver(t, proxboxLayout(), strings.ReplaceAll(proxboxTable, "created_at FLOAT NOT NULL", "created_at FLOAT"),
		`INSERT INTO apikey VALUES (1, 'a', 'h', 1, 1795351916.4126136), (2, 'a', 'h', 1, 1795351916.4126136), (3, 'a', 'h', 1, 1795351916.4121),
		(4, 'a', 'h', 1, 1795351916.412), (5, 'a', 'h', 1, 'text'), (6, 'a', 'h', 1, NULL), (7, 'a', 'h', 1, x'01'), (8, 'a', 'h', 1, 1795351917.0),
		(9, 'a', 'h', 1, NULL), (10, 'a', 'h', 1, 'text'), (11, 'a', 'h', 1, -1), (12, 'a', 'h', 1, 9e999)`)
	zoneweaver := labOver(t, zoneweaverLayout(), zoneweaverTable, zoneweaverRow+
		`(1, 'a', 'k1', 'h', '', 'admin', 1, '2026-11-22 12:51:56.412 +00:00', 1, 1, 1), (2, 'a', 'k2', 'h', '', 'admin', 1, '2026-11-22 12:51:56', 1, 1, 1),
		(3, 'a', 'k3', 'h', '', 'admin', 1, '2026-11-22T12:51:56Z', 1, 1, 1), (4, 'a', 'k4', 'h', '', 'admin', 1, 12345, 1, 1, 1),
		(5, 'a', 'k5', 'h', '', 'admin', 1, NULL, 1, 1, 1), (6, 'a', 'k6', 'h', '', 'admin', 1, '', 1, 1, 1), (7, 'a', 'k7', 'h', '', 'admin', 1, NULL, 1, 1, 1),
		(8, 'a', 'k8', 'h', '', 'admin', 1, 'nonsense', 1, 1, 1), (10, 'a', 'k9', 'h', '', 'admin', 1, '2026-11-22 12:51:56', 1, 1, 1)`)
	for want, lab := range map[string]tableLab{"7 5 10 12 8 1 2 3 4 11 6 9": proxbox, "8 3 1 2 10 6 4 5 7": zoneweaver} {
		for size := 1; size <= 13; size++ {
			for name, q := range map[string]keys.Query{"all": {}, "by label": {Ref: &keys.RefQuery{Label: "a"}}, "by glob": {LabelGlob: "a"}} {
				if got := idsOf(lab.pages(q, size)); got != want {
					t.Errorf("pages of %d, %s, are\n%s, want\n%s", size, name, got, want)
				}
			}
		}
	}
}

func TestRowsWithoutAProperIDComeLast(t *testing.T) {
	l := proxyosLayout()
	lab := labOver(t, l, "CREATE TABLE api_keys (id PRIMARY KEY, name, key_hash, scopes, last_used, expires_at, created_at)",
		`INSERT INTO api_keys VALUES ('b', 'x', 'h', '[]', NULL, NULL, 5), (NULL, 'x', 'h', '[]', NULL, NULL, 9), (12, 'x', 'h', '[]', NULL, NULL, 7),
		('a', 'x', 'h', '[]', NULL, NULL, 5), (x'01', 'x', 'h', '[]', NULL, NULL, 1), ('c', 'x', NULL, '[]', NULL, NULL, 1)`)
	for size := 1; size <= 7; size++ {
		list := lab.pages(keys.Query{}, size)
		if len(list) < 4 || idsOf(list[:3]) != "a b c" || damageOf(list[2]) != "hash" {
			t.Fatalf("pages of %d are %q", size, idsOf(list))
		}
		for _, k := range list[3:] {
			if damageOf(k) != "id" || k.Label != "x" {
				t.Errorf("%+v", k)
			}
		}
		if size > 3 && len(list) < size-1 {
			t.Errorf("pages of %d hold %d keys", size, len(list))
		}
	}
	if all := lab.pages(keys.Query{}, 100); len(all) != 6 || !strings.Contains(idsOf(all), "12") {
		t.Errorf("%q", idsOf(all))
	}
}

// What SQL selects is what Go says of the keys, whatever the rows hold.
func TestStatusesAgree(t *testing.T) {
	odd := []string{"0", "1", "2", "NULL", "'true'", "'1'", "1.0", "0.5", "x'01'", "''", "'2026-11-22 12:51:56.412 +00:00'", "'2020-01-01'", "1795351916", "1795351916.4", "99999999999", "'zz'"}
	now := keys.Millis(someMs)
	for kind, change := range map[string]func(l *Layout){
		"flag":      func(l *Layout) { l.Columns[3] = Column{Field: keys.FieldEnabled, Name: "x", Codec: "flag"} },
		"inverted":  func(l *Layout) { l.Columns[3] = Column{Field: keys.FieldEnabled, Name: "x", Codec: "inverted-flag"} },
		"seconds":   func(l *Layout) { revokedBy(l, "unix-seconds") },
		"text":      func(l *Layout) { revokedBy(l, "sequelize") },
		"expiry":    func(l *Layout) { timed(l, keys.FieldExpiresAt, "real-seconds") },
		"text end":  func(l *Layout) { timed(l, keys.FieldExpiresAt, "sequelize") },
		"start":     func(l *Layout) { timed(l, keys.FieldNotBefore, "unix-seconds") },
		"lifting":   func(l *Layout) { lifting(l, "unix-seconds") },
		"text lift": func(l *Layout) { lifting(l, "sequelize") },
	} {
		for _, affinity := range []string{"", "INTEGER", "TEXT", "DATETIME", "FLOAT", "BOOLEAN"} {
			l := proxyosLayout()
			l.Rules.Revoke = keys.RevokeFlag
			change(l)
			lab := labOver(t, l, "CREATE TABLE api_keys (id TEXT PRIMARY KEY, name, key_hash, x "+affinity+", last_used, expires_at, created_at)")
			for i, v := range odd {
				if v == "'1'" && affinity == "" { // 1 in a column of text, and nothing in one of no type
					continue
				}
				mustExec(t, lab.server, fmt.Sprintf("INSERT INTO api_keys (id, name, key_hash, x, created_at) VALUES ('%d', '', 'h', %s, 1)", i, v))
			}
			lab.agree(kind+" in "+affinity, now)
		}
	}
}

func revokedBy(l *Layout, codec string) {
	l.Rules.Revoke = keys.RevokeTime
	timed(l, keys.FieldRevokedAt, codec)
}

// lifting has the fourth column tell until when a key is revoked, and none is enabled.
func lifting(l *Layout, codec string) {
	timed(l, keys.FieldRevokedUntil, codec)
	l.Columns = append(l.Columns, Column{Field: keys.FieldEnabled, Name: "expires_at", Codec: "flag"})
}

// timed has the fourth column hold a moment, and none other that decides.
func timed(l *Layout, f keys.Field, codec string) {
	l.Columns[3] = Column{Field: f, Name: "x", Codec: codec}
	l.Columns = slices.DeleteFunc(l.Columns, func(c Column) bool { return c.Name == "expires_at" })
}

func (l tableLab) agree(what string, now keys.Instant) {
	l.Helper()
	counts, err := l.Count(l.Context(), now)
	if err != nil {
		l.Fatal(err)
	}
	all := l.page(keys.Query{})
	for _, s := range keys.Statuses() {
		var want []keys.Key
		for _, k := range all {
			if k.Status(now) == s {
				want = append(want, k)
			}
		}
		if got := l.page(keys.Query{Now: now, Statuses: []keys.Status{s}}); idsOf(got) != idsOf(want) || counts[s] != len(want) {
			l.Errorf("%s: %s are %q (%d), and by Go %q", what, s, idsOf(got), counts[s], idsOf(want))
		}
	}
	l.agreeOn(what+": endless ones", all, keys.Query{Now: now, Endless: true}, func(k *keys.Key) bool { return k.ExpiresAt.IsNone() })
	l.agreeOn(what+": holding ones", all, keys.Query{Now: now, Holding: true}, func(k *keys.Key) bool {
		return !k.ExpiresAt.Reached(now) && (k.Enabled || !k.RevokedUntil.IsNone())
	})
	l.agreeOn(what+": revoked ones", all, keys.Query{Now: now, RevokedBy: now}, func(k *keys.Key) bool {
		return k.Status(now) == keys.Revoked && k.RevokedAt.Reached(now)
	})
}

func (l tableLab) agreeOn(what string, all []keys.Key, q keys.Query, wanted func(*keys.Key) bool) {
	l.Helper()
	var want []keys.Key
	for _, k := range all {
		if wanted(&k) {
			want = append(want, k)
		}
	}
	if got := l.page(q); idsOf(got) != idsOf(want) {
		l.Errorf("%s are %q, and by Go %q", what, idsOf(got), idsOf(want))
	}
}

func TestRevocationByAMoment(t *testing.T) {
	l := proxyosLayout()
	revokedBy(l, "iso")
	lab := labOver(t, l, "CREATE TABLE api_keys (id TEXT PRIMARY KEY, name TEXT, key_hash TEXT, x DATETIME, last_used INTEGER, created_at INTEGER)",
		"INSERT INTO api_keys VALUES ('a', 'n', 'h', NULL, NULL, 1), ('b', 'n', 'h', 'whenever', NULL, 1)")
	a, b := lab.key("a"), lab.key("b")
	if !a.Enabled || b.Enabled || damageOf(b) != "revoked_at" {
		t.Errorf("%+v %+v", a, b)
	}
	for _, step := range []struct {
		k    *keys.Key
		do   func(k *keys.Key)
		want string
	}{
		{&a, func(k *keys.Key) { k.Enabled, k.RevokedAt = false, keys.Millis(someMs) }, "'a' 'n' 'h' '2026-11-22T12:51:56.412Z' NULL 1"},
		{&a, func(k *keys.Key) { k.Enabled, k.RevokedAt = true, keys.Instant{} }, "'a' 'n' 'h' NULL NULL 1"},
		{&b, func(k *keys.Key) { k.Label = "m" }, "'b' 'm' 'h' 'whenever' NULL 1"},
		{&b, func(k *keys.Key) { k.Enabled = true }, "'b' 'm' 'h' NULL NULL 1"},
	} {
		step.do(step.k)
		if err := lab.Replace(t.Context(), step.k); err != nil {
			t.Fatal(err)
		}
		if got := lab.row(step.k.ID); got != step.want {
			t.Errorf("the row is %s, want %s", got, step.want)
		}
		if read := lab.key(step.k.ID); fmt.Sprint(read) != fmt.Sprint(*step.k) {
			t.Errorf("the key became\n%+v, and is read as\n%+v", *step.k, read)
		}
	}
	some := lab.page(keys.Query{Fields: keys.FieldsOf(keys.FieldEnabled)})
	if len(some) != 2 || !some[0].Enabled || some[0].Label != "" {
		t.Errorf("%+v", some)
	}
}

// A guard counts on nothing that the server would refuse.
func TestSurvivorsAreKeysThatTheServerAccepts(t *testing.T) {
	now, ctx := keys.Millis(someMs), t.Context()
	for row, want := range map[string]bool{
		"'" + bcryptText("2b") + "', 1, 1.0": true,
		"'" + bcryptText("2a") + "', 1, 1.0": true,
		"'" + bcryptText("2x") + "', 1, 1.0": false,
		"'garbage', 1, 1.0":                  false,
		"'" + bcryptText("2b") + "', 2, 1.0": false,
		"'" + bcryptText("2b") + "', 0, 1.0": false,
		"'" + bcryptText("2b") + "', 1, 'x'": false,
		"x'00', 1, 1.0":                      false,
	} {
		lab := labOver(t, proxboxLayout(), proxboxTable, "INSERT INTO apikey VALUES (1, '', '"+bcryptText("2b")+"', 1, 1.0)", "INSERT INTO apikey VALUES (2, '', "+row+")")
		if got, err := lab.Survivor(ctx, now, "", []string{"1"}); got != want || err != nil {
			t.Errorf("a key of %s survives: %t, %v", row, got, err)
		}
		if got, err := lab.Survivor(ctx, now, "", []string{"1", "2"}); got || err != nil {
			t.Errorf("nobody survives: %t, %v", got, err)
		}
	}
	for value, want := range map[string]bool{"0": true, "NULL": true, "1": false, "2": false} {
		l := proxboxLayout()
		l.Columns[3] = Column{Field: keys.FieldEnabled, Name: "revoked", Codec: "inverted-flag"}
		lab := labOver(t, l, strings.Replace(proxboxTable, "is_active BOOLEAN NOT NULL", "revoked BOOLEAN", 1), "INSERT INTO apikey VALUES (1, '', '"+bcryptText("2b")+"', "+value+", 1.0)")
		if got, err := lab.Survivor(ctx, now, "", nil); got != want || err != nil {
			t.Errorf("a key with %s for revoked survives: %t, %v", value, got, err)
		}
	}
	admin := strings.Replace(zoneweaverRow, "VALUES", "VALUES (1, 'a', 'k1', '"+bcryptText("2b")+"', '', '%s', 1, NULL, NULL, 1, 1)", 1)
	for role, want := range map[string]bool{"admin": true, "Admin": false, "": false, "viewer": false} {
		l := zoneweaverLayout()
		l.Columns = slices.DeleteFunc(l.Columns, func(c Column) bool { return c.Field == keys.FieldUpdatedAt })
		lab := labOver(t, l, zoneweaverTable, fmt.Sprintf(admin, role))
		if got, err := lab.Survivor(ctx, now, "admin", nil); got != want || err != nil {
			t.Errorf("a key of the role %q survives: %t, %v", role, got, err)
		}
	}
}

func TestCandidatesOfServers(t *testing.T) {
	ctx, now := t.Context(), keys.Millis(someMs)
	o := labOver(t, proxyosLayout(), proxyosTable, "INSERT INTO api_keys VALUES ('a', '', 'aa', '[]', NULL, NULL, 1), ('b', '', 'bb', '[]', NULL, NULL, 1)")
	both := []keys.Digested{{Scheme: keys.HMACSHA256, Hash: "aa"}, {Scheme: keys.SHA256, Hash: "bb"}}
	for want, p := range map[string]keys.Presented{
		"a hmac-sha256": {Digests: both}, "b sha256": {Digests: both[1:], Scan: true}, "": {Digests: []keys.Digested{{Scheme: keys.SHA256, Hash: "cc"}}, Scan: true},
	} {
		list, err := o.Candidates(ctx, p)
		if got := strings.TrimSpace(idsOf(list) + " " + schemesOf(list)); got != want || err != nil {
			t.Errorf("candidates are %q, want %q (%v)", got, want, err)
		}
	}
	z := labOver(t, zoneweaverLayout(), zoneweaverTable, zoneweaverRow+"(1, 'a', 'AAAAAAAAAAAAAAAA', 'h', '', 'admin', 0, 1, 1, 1, 1)")
	for selector, want := range map[string]string{"hw_AAAAAAAAAAAAAAAA…": "1", "AAAAAAAAAAAAAAAA": "", "hw_BAAAAAAAAAAAAAAA…": "", "": ""} {
		if list, err := z.Candidates(ctx, keys.Presented{Selector: selector, Scan: true, Now: now}); idsOf(list) != want || err != nil {
			t.Errorf("%q finds %q, %v", selector, idsOf(list), err)
		}
	}
	b := labOver(t, proxboxLayout(), proxboxTable, "INSERT INTO apikey VALUES (1, '', 'h', 0, 1.0), (2, '', 'h', 1, 1.0), (3, '', 'h', 'true', 'x')")
	for inactive, want := range map[bool]string{false: "2", true: "2 1 3"} {
		if list, err := b.Candidates(ctx, keys.Presented{Scan: true, Inactive: inactive, Now: now}); idsOf(list) != want || err != nil {
			t.Errorf("scanning finds %q, %v", idsOf(list), err)
		}
	}
	for want, lab := range map[int]tableLab{0: o, 3: b} {
		if list, err := lab.SlowKeys(ctx); len(list) != want || err != nil {
			t.Errorf("%d slow keys, want %d (%v)", len(list), want, err)
		}
	}
	if list, err := z.SlowKeys(ctx); len(list) > 0 || err != nil {
		t.Errorf("%d slow keys beside selectors, %v", len(list), err)
	}
}

func schemesOf(list []keys.Key) (text string) {
	for _, k := range list {
		text += string(k.Scheme)
	}
	return text
}

// Hashes are found in whatever form a column has them.
func TestHashesAreFoundInTheirForm(t *testing.T) {
	for codec, literal := range map[string]string{
		"raw": "x'" + hexDigest + "'", "base64": "'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg='", "base64url": "'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'",
		"text": "'" + hexDigest + "'", "blob": "CAST('" + hexDigest + "' AS BLOB)",
	} {
		l := proxyosLayout()
		l.Columns[2].Codec = codec
		lab := labOver(t, l, strings.Replace(proxyosTable, "key_hash TEXT", "key_hash BLOB", 1), "INSERT INTO api_keys VALUES ('a', '', "+literal+", '[]', NULL, NULL, 1)")
		list, err := lab.Candidates(t.Context(), keys.Presented{Digests: []keys.Digested{{Scheme: keys.SHA256, Hash: hexDigest}}})
		if len(list) != 1 || list[0].Hash != hexDigest || err != nil {
			t.Errorf("%s: %+v, %v", codec, list, err)
		}
		k := fullKey(hexDigest)
		k.ID = "b"
		wantReason(t, lab.Insert(t.Context(), []keys.Key{k}), keys.ReasonTokenTaken)
	}
}

func TestRefsAndFilters(t *testing.T) {
	z := labOver(t, zoneweaverLayout(), zoneweaverTable, zoneweaverRow+
		`(1, 'ci-1', 'AAAAAAAAAAAAAAAA', 'h', '', 'admin', 1, '2026-11-22 12:51:56.412 +00:00', '2026-11-22 12:51:56.412 +00:00', 1, 1),
		(2, 'ci-2', 'BBBBBBBBBBBBBBBB', 'h', '', 'viewer', 1, '2026-11-22 12:51:56.412 +00:00', '2026-11-23 12:51:56.412 +00:00', 1, 1),
		(3, '', 'CCCCCCCCCCCCCCCC', 'h', '', 'viewer', 1, '2026-11-20 12:51:56.412 +00:00', '2026-11-20 12:51:56.412 +00:00', 1, 1)`)
	at := keys.Millis(someMs)
	for want, q := range map[string]keys.Query{
		"1": {Ref: &keys.RefQuery{Masked: "hw_AAAAAAAAAAAAAAAA…"}}, "2": {Ref: &keys.RefQuery{Label: "ci-2", ID: "ci-2"}},
		"1 2": {Ref: &keys.RefQuery{LabelPrefix: "ci"}}, "2 3": {Role: "viewer"}, "1 2 ": {LabelGlob: "*"},
		"1 3": {UnusedBy: at}, "3": {UnusedBy: at.Add(-1e9)}, "": {Ref: &keys.RefQuery{Masked: "AAAAAAAAAAAAAAAA"}},
	} {
		if got := idsOf(z.page(q)); got != strings.TrimSpace(want) {
			t.Errorf("%+v finds %q, want %q", q, got, want)
		}
	}
	b := labOver(t, proxboxLayout(), proxboxTable, "INSERT INTO apikey VALUES (1, '', 'h', 1, 1.0)")
	if got := idsOf(b.page(keys.Query{Ref: &keys.RefQuery{ID: "1", Masked: "1", Label: "1"}})); got != "1" {
		t.Errorf("1 names %q where nothing is masked", got)
	}
	l := proxyosLayout()
	l.Columns[3].Codec = "comma-list"
	lists := map[string]tableLab{
		"json": labOver(t, proxyosLayout(), proxyosTable, `INSERT INTO api_keys VALUES ('a', '', 'a', '["read","rea"]', NULL, NULL, 1), ('b', '', 'b', '[ "rea" ]', NULL, NULL, 1), ('c', '', 'c', '["*"]', NULL, NULL, 1)`),
		"commas": labOver(t, l, strings.Replace(proxyosTable, "scopes TEXT NOT NULL", "scopes TEXT", 1),
			`INSERT INTO api_keys VALUES ('a', '', 'a', 'read, rea', NULL, NULL, 1), ('b', '', 'b', 'rea', NULL, NULL, 1), ('c', '', 'c', ' * ', NULL, NULL, 1), ('d', '', 'd', NULL, NULL, NULL, 1)`),
	}
	for name, lab := range lists {
		for scope, want := range map[string]string{"read": "a c", "rea": "a b c", "r": "c", "": "", "read,rea": "c"} {
			if got := idsOf(lab.page(keys.Query{Scope: scope})); scope != "" && got != want {
				t.Errorf("%s: the scope %s has %q, want %q", name, scope, got, want)
			}
		}
	}
}

// What servers have an index for is looked up by it, also in the exact comparisons.
func TestForeignLookupsUseTheIndex(t *testing.T) {
	z := labOver(t, zoneweaverLayout(), zoneweaverTable, "CREATE INDEX theirs ON entities (name)")
	for _, tail := range []string{
		z.byID(), " WHERE " + z.exactly(keys.FieldMasked) + " = ?", " WHERE " + z.exactly(keys.FieldLabel) + " = ?",
		" WHERE " + z.reference(&keys.RefQuery{ID: "1", Label: "1", Masked: "hw_x…"}).sql,
	} {
		args := slices.Repeat([]any{"1"}, strings.Count(tail, "?"))
		rs, err := z.server.Query("EXPLAIN QUERY PLAN "+z.every.selects+tail, args...)
		if err != nil {
			t.Fatal(err)
		}
		for rs.Next() {
			var id, parent, unused int
			var step string
			if err := rs.Scan(&id, &parent, &unused, &step); err != nil || strings.HasPrefix(step, "SCAN") {
				t.Errorf("%s: %s, %v", tail, step, err)
			}
		}
		rs.Close()
	}
}
