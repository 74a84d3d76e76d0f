package db

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// rankedLab is the table of a server that knows three roles.
func rankedLab(t *testing.T, rows ...string) tableLab {
	l := zoneweaverLayout()
	l.Rules.Roles = &keys.RoleRules{Required: true, Words: []string{"admin", "operator", "viewer"}, Ranked: true, Empty: "admin"}
	return labOver(t, l, append([]string{zoneweaverTable}, rows...)...)
}

func rankedRow(id, role, hash string) string {
	at := "'2026-07-08 10:11:12.131 +00:00'"
	return "INSERT INTO entities VALUES (" + id + ", 'key', 'selector" + id + "', '" + hash + "', NULL, " + role + ", 1, " + strings.Join([]string{at, at, at, at}, ", ") + ")"
}

// A role that the server takes in a way of its own is read, and noted.
func TestOddRolesAreNoted(t *testing.T) {
	lab := rankedLab(t, rankedRow("1", "''", bcryptText("2b")), rankedRow("2", "'Admin'", bcryptText("2b")), rankedRow("3", "'viewer'", bcryptText("2b")), rankedRow("4", "7", bcryptText("2b")))
	for id, want := range map[string]string{"1": "empty, which the server takes for admin", "2": "lets the key do nothing", "3": ""} {
		k := lab.key(id)
		if (len(k.Damage) == 1) != (want != "") || k.Unreadable() {
			t.Errorf("%s: %+v", id, k.Damage)
			continue
		}
		if want != "" && (!k.Damage[0].Odd || k.Damage[0].Column != "role" || !strings.Contains(k.Damage[0].Problem, want)) {
			t.Errorf("%s: %+v, want %q", id, k.Damage, want)
		}
	}
	if k := lab.key("2"); k.Role != "Admin" {
		t.Errorf("the role is %q", k.Role)
	}
	for _, k := range lab.page(keys.Query{Fields: keys.FieldsOf(keys.FieldID, keys.FieldLabel)}) {
		if len(k.Damage) > 0 {
			t.Errorf("%s has the damage %+v in what was not read", k.ID, k.Damage)
		}
	}
	k := lab.key("1")
	k.Label = "new"
	if err := lab.Replace(t.Context(), &k); err != nil || damageOf(k) != "role" {
		t.Errorf("changed: %+v, %v", k.Damage, err)
	}
	k.Role = "viewer"
	if err := lab.Replace(t.Context(), &k); err != nil || damageOf(k) != "" || damageOf(lab.key("1")) != "" {
		t.Errorf("mended: %+v, %v", k.Damage, err)
	}
	made := k
	made.ID, made.Masked, made.Role = "9", "hw_selector9…", ""
	if list := lab.mustInsert(made); damageOf(list[0]) != "role" {
		t.Errorf("a new one: %+v", list[0].Damage)
	}
}

// The table of scopes has words, and what is not one of them is noted.
func TestOddScopesAreNoted(t *testing.T) {
	l := proxyosLayout()
	l.Rules.Scopes = &keys.ScopeRules{Words: []string{"read", "admin"}}
	lab := labOver(t, l, proxyosTable, "INSERT INTO api_keys VALUES ('a', 'a', 'x', '[\"read\",\"write\"]', NULL, NULL, 1776384000)",
		"INSERT INTO api_keys VALUES ('b', 'b', 'y', '[\"read\"]', NULL, NULL, 1776384000)")
	if k := lab.key("a"); damageOf(k) != "scopes" || !k.Damage[0].Odd || k.Damage[0].Column != "scopes" || len(k.Scopes) != 2 {
		t.Errorf("%+v", k)
	}
	if k := lab.key("b"); damageOf(k) != "" {
		t.Errorf("%+v", k)
	}
}

// A key with an odd role lets somebody in, and so does one whose hash only the
// server computes.
func TestSurvivorsThatAreOddOrCostly(t *testing.T) {
	costly := strings.Replace(bcryptText("2b"), "$04$", "$16$", 1)
	for name, tt := range map[string]struct {
		role, hash, asked string
		want              bool
	}{
		"an unknown role": {"'Admin'", bcryptText("2b"), "", true}, "one that is no admin": {"'Admin'", bcryptText("2b"), "admin", false},
		"a costly hash": {"'admin'", costly, "admin", true}, "a costly one of another version": {"'admin'", strings.Replace(costly, "2b", "2y", 1), "admin", false},
		"a cut one": {"'admin'", costly[:40], "admin", false},
	} {
		lab := rankedLab(t, rankedRow("1", tt.role, tt.hash))
		if got, err := lab.Survivor(t.Context(), keys.Millis(1795351916000), tt.asked, nil); got != tt.want || err != nil {
			t.Errorf("%s survives: %t, %v", name, got, err)
		}
	}
}

// What could not be read is written over where whoever changes the key says so, and
// only there.
func TestUnreadValuesAreWrittenOver(t *testing.T) {
	inverted, timed := proxboxLayout(), proxboxLayout()
	inverted.Columns[3].Codec = "inverted-flag"
	timed.Rules.Revoke = keys.RevokeTime
	timed.Columns[3] = Column{Field: keys.FieldRevokedAt, Name: "is_active", Codec: "unix-ms"}
	for name, tt := range map[string]struct {
		layout         *Layout
		stored, off, f string
	}{
		"flag": {proxboxLayout(), "'true'", "0", "enabled"}, "inverted": {inverted, "'no'", "1", "enabled"}, "time": {timed, "''", "1795351916000", "revoked_at"},
	} {
		lab := labOver(t, tt.layout, proxboxTable, "INSERT INTO apikey VALUES (1, 'a', '"+bcryptText("2b")+"', "+tt.stored+", 1795351916.5)")
		before, k := lab.row("1"), lab.key("1")
		if damageOf(k) != tt.f || k.Enabled {
			t.Errorf("%s reads as %+v", name, k)
		}
		if err := lab.Replace(t.Context(), &k); err != nil || lab.row("1") != before {
			t.Errorf("%s: nothing was changed, and the row is %s, %v", name, lab.row("1"), err)
		}
		k.Damage, k.RevokedAt = nil, keys.Millis(1795351916000)
		if err := lab.Replace(t.Context(), &k); err != nil || damageOf(k) != "" || damageOf(lab.key("1")) != "" {
			t.Errorf("%s: %+v, %v", name, k, err)
		}
		if want := strings.Replace(before, " "+tt.stored+" ", " "+tt.off+" ", 1); lab.row("1") != want {
			t.Errorf("%s: the row is %s, want %s", name, lab.row("1"), want)
		}
	}
}
