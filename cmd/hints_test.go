package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The line must work as it stands: sudo takes the caller's variables and home away.
func TestWrongUserIsToldTheExactCommand(t *testing.T) {
	for _, c := range []struct {
		args       []string
		owner, say string
	}{
		{[]string{"list"}, "app", "sudo -u app keyreeve --db '/srv/my app/keys.db' list"},
		{[]string{"revoke", "ci", "--reason", "it's old"}, "#4242", `sudo -u '#4242' keyreeve --db '/srv/my app/keys.db' revoke ci --reason 'it'\''s old'`},
		{[]string{"--db", "k.db", "list"}, "app", "sudo -u app keyreeve --db k.db list"},
		{[]string{"list", "--db=k.db"}, "app", "sudo -u app keyreeve list --db=k.db"},
	} {
		g := newGlobals(&Env{})
		g.args = c.args
		for _, reason := range []keys.Reason{keys.ReasonWrongUser, keys.ReasonReadOnly, keys.ReasonUnreadable, keys.ReasonHotJournal} {
			got := g.hints(&keys.Error{Reason: reason, Path: "/srv/my app/keys.db", Owner: c.owner})
			if want := []string{"run it as the owner of the file: " + c.say}; !slices.Equal(got, want) {
				t.Errorf("%s of %q:\n%q, want\n%q", reason, c.args, got, want)
			}
		}
	}
}

// Its owner cannot be told to become the owner.
func TestOwnerIsToldToMakeTheFileWritable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.db")
	for mode, want := range map[os.FileMode]bool{0o400: true, 0o600: false} {
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		got := newGlobals(&Env{}).hints(&keys.Error{Reason: keys.ReasonReadOnly, Path: path})
		if slices.Contains(got, "let its owner write the file: chmod u+w "+path) != want {
			t.Errorf("mode %o: %q", mode, got)
		}
		os.Remove(path)
	}
}

// A line to type again has no flag twice, and none where it would be a REF.
func TestAgainAddsWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		args, more []string
		want       string
	}{
		{[]string{"restore", "f"}, []string{"--dry-run", "--force"}, "keyreeve restore f --dry-run --force"},
		{[]string{"restore", "f", "--dry-run"}, []string{"--dry-run", "--force"}, "keyreeve restore f --dry-run --force"},
		{[]string{"rotate", "--finish", "ci", "--force"}, []string{"--force"}, "keyreeve rotate --finish ci --force"},
		{[]string{"delete", "--", "-x"}, []string{"--yes"}, "keyreeve delete --yes -- -x"},
		{[]string{"delete", "--", "--yes"}, []string{"--yes"}, "keyreeve delete --yes -- --yes"},
		{[]string{"rotate", "ci"}, []string{"--out", "FILE"}, "keyreeve rotate ci --out FILE"},
	} {
		g := newGlobals(&Env{})
		g.args = c.args
		if got := g.again(c.more...); got != c.want {
			t.Errorf("%q and %q: %s, want %s", c.args, c.more, got, c.want)
		}
	}
}
