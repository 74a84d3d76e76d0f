package db

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// damage is what no server of the three wrote, in rows that are nobody's subject.
func (f fixture) damage() []string {
	damaged := map[string][]string{
		"apikey": {
			"INSERT INTO apikey VALUES (101, x'00ff', 'garbage', 'true', 'yesterday')", "INSERT INTO apikey VALUES (102, 'big', '', 2, 1e300)",
			"INSERT INTO apikey VALUES (103, 'whole', '$2x$04$', 0, 1795351916)", "INSERT INTO authlockout VALUES (x'01', 'many', 'never')",
		},
		"entities": {
			"UPDATE entities SET is_active = NULL, description = NULL WHERE id = 3", "UPDATE entities SET is_active = 'true', created_at = 1795351916 WHERE id = 4",
			"UPDATE entities SET name = x'00ff', updatedAt = 'nonsense', last_used = NULL, api_key_hash = '' WHERE id = 5",
		},
		"api_keys": {
			"INSERT INTO api_keys VALUES ('--odd', x'00ff', 'GARBAGE', 'not json', 'never', 1.5, 'yesterday')",
			"INSERT INTO api_keys VALUES ('', '', '', '', NULL, 1776384000123, 1776384000123)", "INSERT INTO api_keys VALUES (NULL, 'no id', 'x', '[]', NULL, NULL, 1)",
		},
	}
	return damaged[f.table]
}

// Rows that make no sense are named, and hide none that do.
func TestDamagedRowsHideNoOthers(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.title(), func(t *testing.T) {
			path := f.make(t, f.some(5)...)
			id, shown := f.rowID(9)
			pool := plainPool(t, path)
			mustExec(t, pool, append(f.damage(), f.rowOfToken(id))...)
			g := f.visitor(t, path)
			listed := map[string]keys.Key{}
			err := g.s.List(t.Context(), keys.Query{}, func(page []keys.Key) error {
				for _, k := range page {
					listed[k.ID] = k
				}
				return nil
			})
			var n int
			if e := pool.QueryRow("SELECT count(*) FROM " + f.table + " WHERE id IS NOT NULL").Scan(&n); e != nil || err != nil || len(listed) < n {
				t.Errorf("%d of %d keys are listed, %v %v", len(listed), n, err, e)
			}
			if k := listed[shown]; len(k.Damage) > 0 {
				t.Errorf("a good row has the damage %+v", k.Damage)
			}
			v, err := g.s.Verify(t.Context(), f.token, keys.Request{})
			if err != nil || !v.Accepted || v.Key.ID != shown {
				t.Errorf("the token of a good row is answered with %+v, %v", v, err)
			}
			g.damagedAreNamed(listed)
		})
	}
}

// damagedAreNamed checks that damage is told of without the value.
func (g operator) damagedAreNamed(listed map[string]keys.Key) {
	g.t.Helper()
	bad := map[string]string{"apikey": "101", "entities": "4", "api_keys": "--odd"}[g.f.table]
	k, ok := listed[bad]
	if !ok || len(k.Damage) == 0 {
		g.t.Fatalf("the damaged key %s is %+v, listed: %t", bad, k, ok)
	}
	for _, d := range k.Damage {
		for _, value := range []string{"yesterday", "garbage", "GARBAGE", "not json", "true", "never", "1795351916"} {
			if strings.Contains(d.Problem, value) {
				g.t.Errorf("the damage of %s tells its value: %q", d.Column, d.Problem)
			}
		}
	}
}

// rowOfToken is the row of the fixture's token, as the server writes it.
func (f fixture) rowOfToken(id string) string {
	statement := f.row(fixtureRow{id: id, label: "'known'", hash: f.crypt, on: true})
	if f.seen == "" {
		return statement
	}
	from := run(11, len(id)+int(id[0])) + fmt.Sprintf("%05s", strings.Trim(id, "'"))
	return strings.ReplaceAll(statement, from, f.token[3:19])
}
