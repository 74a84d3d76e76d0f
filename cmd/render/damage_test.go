package render_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// damagedKeys are a sound one, and one whose expiry and networks nobody can read.
func damagedKeys() []keys.Key {
	bad := keys.Key{ID: "12", Label: "old", Enabled: true, CreatedAt: now, Damage: []keys.Damage{
		{Field: keys.FieldExpiresAt, Column: "expires_at", Problem: "a number expected, found text"},
		{Field: keys.FieldNetworks, Column: "nets", Problem: "is no JSON list"},
	}}
	return []keys.Key{{ID: "11", Label: "sound", Enabled: true, CreatedAt: now}, bad}
}

// What cannot be read must not look like "never" or "any address".
func TestDamageIsSeenInTables(t *testing.T) {
	want := `ID  LABEL  STATUS  OWNER  EXPIRES  LAST USED  DAMAGED
11  sound  active  -      never    -          -
12  old    active  -      ?        -          expires_at,nets
`
	if got := list(t, options(render.Table), damagedKeys()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if wide := list(t, options(render.Wide), damagedKeys()); !strings.Contains(lines(wide)[0], "NETWORKS") {
		t.Errorf("wide leaves out a column with nothing but damage:\n%s", wide)
	}
	if sound := list(t, options(render.Table), damagedKeys()[:1]); strings.Contains(sound, "DAMAGED") {
		t.Errorf("a column for damage where there is none:\n%s", sound)
	}
	o := options(render.Table)
	o.Columns = []string{"id", "networks"}
	if got := list(t, o, damagedKeys()); got != "ID  NETWORKS\n11  -\n12  ?\n" {
		t.Errorf("with chosen columns:\n%s", got)
	}
}

func TestDamageIsAdviceForMachines(t *testing.T) {
	var objects []map[string]any
	decode(t, list(t, options(render.JSON), damagedKeys()), &objects)
	if sound := objects[0]["advice"].([]any); len(sound) != 0 {
		t.Errorf("advice on a sound key: %v", sound)
	}
	want := []any{"column expires_at: a number expected, found text", "column nets: is no JSON list"}
	if got := objects[1]["advice"].([]any); !slices.Equal(got, want) {
		t.Errorf("advice is %v, want %v", got, want)
	}
	if got := objects[1]["networks"]; got != nil {
		t.Errorf("networks that cannot be read are %v: they look like no limit", got)
	}
	var one map[string]any
	r := render.Result{Key: damagedKeys()[1], Result: "changed", Advice: []string{"restart it"}}
	decode(t, results(t, options(render.JSON), true, r), &one)
	if got := one["advice"].([]any); !slices.Equal(got, append([]any{"restart it"}, want...)) {
		t.Errorf("advice of a result is %v", got)
	}
}

func TestDetailListsDamage(t *testing.T) {
	got := detail(t, options(render.Table), damagedKeys()[1])
	want := "damaged columns:\n  expires_at:  a number expected, found text\n  nets:        is no JSON list\n"
	if !strings.HasSuffix(got, want) || !strings.Contains(got, "networks:   ?\n") || !strings.Contains(got, "expires:    ?\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestListCountsDamage(t *testing.T) {
	for _, f := range render.Formats() {
		l := render.NewKeyList(&strings.Builder{}, options(f))
		for range 2 {
			if err := l.Page(damagedKeys()); err != nil {
				t.Fatal(err)
			}
		}
		if l.Damaged != 2 || l.FirstDamaged != "12" {
			t.Errorf("%s: %d damaged, the first %q", f, l.Damaged, l.FirstDamaged)
		}
	}
}
