package db

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

const zoneweaverRow = "INSERT INTO entities (id, name, key_id, api_key_hash, description, role, is_active, created_at, last_used, createdAt, updatedAt) VALUES "

// rows as the servers write them.
func TestRowsOfServersAreRead(t *testing.T) {
	z := labOver(t, zoneweaverLayout(), zoneweaverTable, zoneweaverRow+
		`(7, 'host-1', 'AAAAAAAAAAAAAAAA', 'h', NULL, 'viewer', 1, '2026-11-22 12:51:56.412 +00:00', '2026-11-22 12:51:56.412 +00:00', '2026-11-22 12:51:56.412 +00:00', '2026-11-23 00:00:00.000 +00:00'),
		(8, 'host-2', 'BBBBBBBBBBBBBBBB', 'h', '', 'admin', NULL, '2026-11-22 12:51:56', '2026-11-24 00:00:00.001 +00:00', 'x', 'x')`)
	k := z.key("7")
	if k.Label != "host-1" || k.Masked != "hw_AAAAAAAAAAAAAAAA…" || k.Scheme != keys.Bcrypt72 || k.Role != "viewer" || !k.Enabled ||
		k.CreatedAt != keys.Millis(someMs) || !k.LastUsedAt.IsNone() || k.UpdatedAt.String() != "2026-11-23T00:00:00Z" || len(k.Damage) > 0 {
		t.Errorf("%+v", k)
	}
	if k := z.key("8"); k.CreatedAt != keys.Millis(someMs-412) || k.LastUsedAt.String() != "2026-11-24T00:00:00.001Z" || damageOf(k) != "enabled updated_at" || k.Enabled {
		t.Errorf("%+v", k)
	}
	b := labOver(t, proxboxLayout(), proxboxTable, "INSERT INTO apikey VALUES (2, '', 'h', 1, 1795351916.4126136), (3, 'x', 'h', 0, 1795351916)")
	if k := b.key("2"); k.Label != "" || !k.Enabled || k.CreatedAt != keys.Millis(someMs) || k.Scheme != keys.Bcrypt || len(k.Damage) > 0 {
		t.Errorf("%+v", k)
	}
	if k := b.key("3"); k.Enabled || k.CreatedAt != keys.Millis(someMs-412) {
		t.Errorf("%+v", k)
	}
	o := labOver(t, proxyosLayout(), proxyosTable, `INSERT INTO api_keys VALUES ('-V1StGXR8_Z5jdHi6B-my', 'ci', 'h', '["read","health:read"]', NULL, 1795351916, 1795351000)`)
	k = o.key("-V1StGXR8_Z5jdHi6B-my")
	if !k.Enabled || strings.Join(k.Scopes, " ") != "read health:read" || k.ExpiresAt != keys.Millis(someMs-412) || k.Scheme != keys.HMACSHA256 ||
		k.Status(k.ExpiresAt) != keys.Expired || len(k.Damage) > 0 {
		t.Errorf("%+v", k)
	}
}

// Columns of these types come back as times and truth values unless they are asked for
// as expressions.
func TestDeclaredTypesChangeNothing(t *testing.T) {
	l := proxyosLayout()
	l.Columns[1].Codec, l.Columns[6].Codec = "text", "iso"
	lab := labOver(t, l, "CREATE TABLE api_keys (id TIMESTAMP PRIMARY KEY, name DATE, key_hash DATETIME, scopes TIMESTAMP, last_used BOOLEAN, expires_at DATETIME, created_at TIMESTAMP)",
		`INSERT INTO api_keys VALUES ('2026-01-01', '2026-01-02', '2026-01-03 00:00:00', '[]', 1, 77, '2026-01-04T00:00:00.000Z')`)
	k := lab.key("2026-01-01")
	if k.ID != "2026-01-01" || k.Label != "2026-01-02" || k.Hash != "2026-01-03 00:00:00" || k.LastUsedAt != keys.Millis(1000) ||
		k.ExpiresAt != keys.Millis(77000) || k.CreatedAt.String() != "2026-01-04T00:00:00Z" || len(k.Damage) > 0 {
		t.Errorf("%+v", k)
	}
}

func fullKey(hash string) keys.Key {
	return keys.Key{
		Label: "ci", Masked: "hw_AAAAAAAAAAAAAAAA…", Description: "d", Role: "operator", Hash: hash, Enabled: true, Scopes: []string{"read", "routes"},
		CreatedAt: keys.Millis(someMs), UpdatedAt: keys.Millis(someMs), ExpiresAt: keys.Millis(someMs + 999), CreatedBy: "ann", Owner: "ops",
	}
}

func TestNewRowsAreWhatServersWrite(t *testing.T) {
	for _, tt := range []struct {
		layout *Layout
		table  string
		id     string
		want   string
	}{
		{zoneweaverLayout(), zoneweaverTable, "", "1 'ci' 'AAAAAAAAAAAAAAAA' 'h' 'd' 'operator' 1 '2026-11-22 12:51:56.412 +00:00' '2026-11-22 12:51:56.412 +00:00' '2026-11-22 12:51:56.412 +00:00' '2026-11-22 12:51:56.412 +00:00'"},
		{proxboxLayout(), proxboxTable, "", "1 'ci' 'h' 1 1795351916.412"},
		{proxboxLayout(), proxboxTable, "42", "42 'ci' 'h' 1 1795351916.412"},
		{proxyosLayout(), proxyosTable, "-x", `'-x' 'ci' 'h' '["read","routes"]' NULL 1795351917 1795351916`},
	} {
		lab := labOver(t, tt.layout, tt.table)
		k := fullKey("h")
		k.ID = tt.id
		list := lab.mustInsert(k)
		if got := lab.row(list[0].ID); got != tt.want {
			t.Errorf("the row is\n%s, want\n%s", got, tt.want)
		}
		read := lab.key(list[0].ID)
		if fmt.Sprint(read) != fmt.Sprint(list[0]) {
			t.Errorf("the key became\n%+v, and is read as\n%+v", list[0], read)
		}
	}
}

// Nothing else of a row changes than what was to be changed, whatever it holds.
func TestOnlyWhatChangedIsWritten(t *testing.T) {
	lab := labOver(t, zoneweaverLayout(), zoneweaverTable, zoneweaverRow+
		`(7, 'a', 'AAAAAAAAAAAAAAAA', x'00', NULL, x'01', 1, 12345, 'never', '2026-11-22 12:51:56', 'soon')`)
	want := "7 'a' 'AAAAAAAAAAAAAAAA' X'00' NULL X'01' 1 12345 'never' '2026-11-22 12:51:56' 'soon'"
	for _, step := range []struct {
		change   func(k *keys.Key)
		old, new string
		damage   string
	}{
		{func(*keys.Key) {}, "", "", "hash role created_at last_used_at updated_at"},
		{func(k *keys.Key) { k.Enabled = false }, "X'01' 1", "X'01' 0", "hash role created_at last_used_at updated_at"},
		{func(k *keys.Key) { k.Label, k.UpdatedAt = "b'", keys.Millis(someMs) }, "'a' 'AAAAAAAAAAAAAAAA'", "'b''' 'AAAAAAAAAAAAAAAA'", "hash role created_at last_used_at"},
		{func(k *keys.Key) { k.Description, k.Role = "d", "viewer" }, "NULL X'01'", "'d' 'viewer'", "hash created_at last_used_at"},
	} {
		k := lab.key("7")
		step.change(&k)
		if err := lab.Replace(t.Context(), &k); err != nil {
			t.Fatal(err)
		}
		want = strings.Replace(want, step.old, step.new, 1)
		if !k.UpdatedAt.IsNone() {
			want = strings.Replace(want, "'soon'", "'2026-11-22 12:51:56.412 +00:00'", 1)
		}
		if got := lab.row("7"); got != want {
			t.Errorf("the row is\n%s, want\n%s", got, want)
		}
		if read := lab.key("7"); damageOf(k) != step.damage || fmt.Sprint(read) != fmt.Sprint(k) {
			t.Errorf("the key became\n%+v, and is read as\n%+v", k, read)
		}
	}
}

func TestCopiesFollowWhereTheyShould(t *testing.T) {
	l := proxyosLayout()
	l.Copies = []Copy{{Of: keys.FieldLabel, Name: "shown", Codec: "text", Always: true}, {Of: keys.FieldCreatedAt, Name: "made", Codec: "iso"}}
	l.Constants = []Constant{{Name: "kind", Value: "cli"}, {Name: "level", Value: int64(3)}, {Name: "blank", Value: nil}}
	lab := labOver(t, l, strings.Replace(proxyosTable, "created_at INTEGER NOT NULL", "created_at INTEGER NOT NULL, shown TEXT NOT NULL, made TEXT, kind TEXT, level INT, blank TEXT DEFAULT 'x'", 1))
	k := fullKey("h")
	k.ID = "a"
	lab.mustInsert(k)
	tail := func(text string) { // from the creation on
		t.Helper()
		if _, got, _ := strings.Cut(lab.row("a"), " NULL 1795351917 "); got != text {
			t.Errorf("the row ends in %s, want %s", got, text)
		}
	}
	tail("1795351916 'ci' '2026-11-22T12:51:56.412Z' 'cli' 3 NULL")
	mustExec(t, lab.server, "UPDATE api_keys SET made = 'theirs', shown = 'theirs'")
	k = lab.key("a")
	k.Scopes, k.CreatedAt = nil, keys.Millis(5000)
	if err := lab.Replace(t.Context(), &k); err != nil {
		t.Fatal(err)
	}
	tail("5 'theirs' 'theirs' 'cli' 3 NULL")
	k.Label = "new"
	if err := lab.Replace(t.Context(), &k); err != nil {
		t.Fatal(err)
	}
	tail("5 'new' 'theirs' 'cli' 3 NULL")
}

// An id is the text that is shown, and no other that the engine could take for it.
func TestIDsAreExact(t *testing.T) {
	lab := labOver(t, proxboxLayout(), proxboxTable, "INSERT INTO apikey VALUES (7, '7', 'h', 1, 1.0), (8, 'x', 'h', 1, 2.0)")
	ctx := t.Context()
	for _, id := range []string{"", "07", "007", "+7", "7 ", " 7", "7.0", "abc", "9", "7; --"} {
		_, err := lab.Key(ctx, id)
		wantReason(t, err, keys.ReasonNotFound)
		wantReason(t, lab.Delete(ctx, id), keys.ReasonNotFound)
		k := keys.Key{ID: id}
		wantReason(t, lab.Replace(ctx, &k), keys.ReasonNotFound)
		if id != "" && id != "9" {
			wantReason(t, lab.Insert(ctx, []keys.Key{{ID: id, Hash: "h"}}), keys.ReasonUnsupported)
		}
		if found := lab.page(keys.Query{Ref: &keys.RefQuery{ID: id}}); len(found) > 0 {
			t.Errorf("%q names %s", id, idsOf(found))
		}
	}
	if got := idsOf(lab.page(keys.Query{Ref: &keys.RefQuery{ID: "7", Label: "7", IDPrefix: "7"}})); got != "7" {
		t.Errorf("7 names %q", got)
	}
	wantReason(t, lab.Insert(ctx, []keys.Key{{ID: "7", Hash: "other", CreatedAt: keys.Millis(1)}}), keys.ReasonTokenTaken)
}

func TestTextIsComparedExactly(t *testing.T) {
	l := proxyosLayout()
	lab := labOver(t, l, "CREATE TABLE api_keys (id TEXT PRIMARY KEY COLLATE NOCASE, name TEXT COLLATE NOCASE, key_hash TEXT, scopes TEXT, last_used INTEGER, expires_at INTEGER, created_at INTEGER)",
		"INSERT INTO api_keys VALUES ('Ab', 'Ci', 'h', '[]', NULL, NULL, 1)")
	_, err := lab.Key(t.Context(), "aB")
	wantReason(t, err, keys.ReasonNotFound)
	wantReason(t, lab.Delete(t.Context(), "AB"), keys.ReasonNotFound)
	for label, want := range map[string]string{"Ci": "Ab", "ci": ""} {
		if got := idsOf(lab.page(keys.Query{Ref: &keys.RefQuery{Label: label, ID: label}})); got != want {
			t.Errorf("%s names %q", label, got)
		}
	}
	if got := idsOf(lab.page(keys.Query{Ref: &keys.RefQuery{LabelPrefix: "c"}})); got != "" {
		t.Errorf("c begins the label of %q", got)
	}
}

func TestWhatATableCannotTakeIsRefused(t *testing.T) {
	ctx := t.Context()
	lab := labOver(t, zoneweaverLayout(), zoneweaverTable)
	k := fullKey("h")
	k.Masked = "wh_AAAA…"
	wantReason(t, lab.Insert(ctx, []keys.Key{k}), keys.ReasonUnsupported)
	lab.unfilled = []string{"owner_id", "kind"}
	err := lab.Insert(ctx, []keys.Key{fullKey("h")})
	wantReason(t, err, keys.ReasonUnsupported)
	if !strings.Contains(err.Error(), "owner_id, kind") {
		t.Error(err)
	}
	o := labOver(t, proxyosLayout(), proxyosTable)
	wantReason(t, o.Insert(ctx, []keys.Key{fullKey("h")}), keys.ReasonInvalid) // no id
	// An id that is not the engine's row number stays NULL.
	n := labOver(t, proxboxLayout(), strings.Replace(strings.Replace(proxboxTable, "id INTEGER NOT NULL", "id INT", 1), ", PRIMARY KEY (id)", "", 1))
	wantReason(t, n.Insert(ctx, []keys.Key{fullKey("h")}), keys.ReasonUnsupported)
}

// A token must not be that of two keys, also where no index says so.
func TestHashesAreUniqueWhereTokensAreFoundByThem(t *testing.T) {
	ctx := t.Context()
	lab := labOver(t, proxyosLayout(), proxyosTable)
	keyOf := func(id, hash string) keys.Key {
		k := fullKey(hash)
		k.ID = id
		return k
	}
	lab.mustInsert(keyOf("a", "one"))
	wantReason(t, lab.Insert(ctx, []keys.Key{keyOf("b", "two"), keyOf("c", "one")}), keys.ReasonTokenTaken)
	wantReason(t, lab.Insert(ctx, []keys.Key{keyOf("b", "two"), keyOf("c", "two")}), keys.ReasonTokenTaken)
	lab.mustInsert(keyOf("b", "two"))
	k := lab.key("b")
	k.Hash = "one"
	wantReason(t, lab.Replace(ctx, &k), keys.ReasonTokenTaken)
	many := make([]keys.Key, atATime+100)
	for i := range many {
		many[i] = keyOf(fmt.Sprint(i), fmt.Sprint("hash", i))
	}
	if err := lab.unusedHashes(ctx, many); err != nil {
		t.Error(err)
	}
	many[len(many)-1].Hash = "one"
	wantReason(t, lab.unusedHashes(ctx, many), keys.ReasonTokenTaken)
	salted := labOver(t, proxboxLayout(), proxboxTable)
	salted.mustInsert(fullKey("same"), fullKey("same"))
}

// Triggers that keep the moment of a change are no obstacle, others are.
func TestTriggersOfServers(t *testing.T) {
	ctx := t.Context()
	for trigger, undone := range map[string]bool{
		"AFTER UPDATE ON entities BEGIN UPDATE entities SET updatedAt = CURRENT_TIMESTAMP WHERE id = NEW.id; END": false,
		"AFTER UPDATE ON entities BEGIN UPDATE entities SET role = 'admin' WHERE id = NEW.id; END":                true,
		"AFTER UPDATE ON entities BEGIN UPDATE entities SET last_used = 5 WHERE id = NEW.id; END":                 true,
		"BEFORE UPDATE ON entities BEGIN SELECT RAISE(IGNORE); END":                                               true,
		"BEFORE INSERT ON entities BEGIN SELECT RAISE(IGNORE); END":                                               true,
		"AFTER INSERT ON entities BEGIN UPDATE entities SET is_active = 0; END":                                   true,
	} {
		lab := labOver(t, zoneweaverLayout(), zoneweaverTable, "CREATE TRIGGER theirs "+trigger)
		lab.triggers = true
		list := []keys.Key{fullKey("h")}
		err := lab.Insert(ctx, list)
		if err == nil {
			k := lab.key(list[0].ID)
			k.Role = "viewer"
			err = lab.Replace(ctx, &k)
		}
		if got := reasonOf(err) == keys.ReasonUndone; got != undone {
			t.Errorf("%s gives %v", trigger, err)
		}
	}
}
