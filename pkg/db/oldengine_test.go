package db

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// documented returns the SELECT of a recipe in the manual page of the schema.
func documented(t *testing.T, recipe string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "man", "keyreeve-schema.5"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), `.\" recipe: `+recipe+"\n")
	_, rest, begins := strings.Cut(rest, ".EX\n")
	example, _, ends := strings.Cut(rest, ".EE\n")
	if !ok || !begins || !ends {
		t.Fatalf("the manual page has no recipe %s", recipe)
	}
	return strings.NewReplacer(`\(aq`, "'", `\-`, "-", `\e`, `\`).Replace(example)
}

// shell runs statements in another SQLite, the one that this machine has.
func shell(t *testing.T, path, statements string) string {
	t.Helper()
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Skip("no sqlite3 shell here")
	}
	cmd := exec.Command(program, "-batch", "-bail", "-init", os.DevNull, path)
	cmd.Stdin = strings.NewReader(statements + "\n;\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestAnotherEngineReadsTheRecipes runs the SELECTs that the manual page gives to
// servers, in an engine that is not ours.
func TestAnotherEngineReadsTheRecipes(t *testing.T) {
	path := nativeFile(t)
	s := serviceOver(mustOpen(t, Options{Path: path, Access: ReadWrite}))
	create := func(k keys.Key) keys.Issued {
		issued, err := s.Create(t.Context(), keys.CreateRequest{Key: k}, quiet{})
		if err != nil {
			t.Fatal(err)
		}
		return issued[0]
	}
	free := create(keys.Key{Label: "free", Owner: "ops", Role: "reader", Scopes: []string{"read"}})
	bound := create(keys.Key{Label: "bound", Resource: "tv/1", RateLimit: keys.Rate{Requests: 5, Window: keys.GuardHorizon}})
	off := create(keys.Key{Label: "off"})
	if _, err := s.Revoke(t.Context(), keys.ChangeRequest{Refs: refsTo(off.Key.ID)}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		recipe string
		key    keys.Issued
		want   string
	}{
		{"sql-simple", free, free.Key.ID + `|free|ops|reader|["read"]`},
		{"sql-simple", bound, ""},
		{"sql-simple", off, ""},
		{"sql-full", free, free.Key.ID + `|ops|reader|["read"]||[]|||`},
		{"sql-full", bound, bound.Key.ID + `|||[]|tv/1|[]|5|3600000|`},
		{"sql-full", off, ""},
	} {
		query := strings.ReplaceAll(documented(t, tt.recipe), ":hash", "'"+keys.Digest(tt.key.Token)+"'")
		if diff := cmp.Diff(tt.want, shell(t, path, query)); diff != "" {
			t.Errorf("%s for %s:\n%s", tt.recipe, tt.key.Key.Label, diff)
		}
	}
}

// TestAnotherEngineFindsTheFileSound has it check the file and rebuild the schema
// from its text.
func TestAnotherEngineFindsTheFileSound(t *testing.T) {
	path := nativeFile(t)
	d := mustOpen(t, Options{Path: path, Access: ReadWrite})
	fill(t, d, 100)
	d.Close()
	for statement, want := range map[string]string{
		"PRAGMA integrity_check":                  "ok",
		"PRAGMA foreign_key_check":                "",
		"SELECT count(*) FROM keyreeve_live_keys": "66",
		"PRAGMA encoding":                         "UTF-8",
		"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT%'": "0",
	} {
		if got := shell(t, path, statement); got != want {
			t.Errorf("%s gives %q, want %q", statement, got, want)
		}
	}
	if got := shell(t, filepath.Join(ownDir(t), "new.db"), strings.Join(migrations(), "\n")+"\nSELECT count(*) FROM keyreeve_usable_keys"); got != "0" {
		t.Errorf("the schema in another engine gives %q", got)
	}
}
