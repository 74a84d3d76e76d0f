package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func successorOf(old, label string) keys.Issued {
	return keys.Issued{
		Key: keys.Key{ID: "new-" + old, Label: label}, Token: "token-of-" + old,
		Rotated: &keys.Rotated{Old: keys.Key{ID: old, Label: label}, Result: keys.Created},
	}
}

func TestFilesAreNamedByPlainLabels(t *testing.T) {
	for _, c := range []struct {
		why  string
		keys []keys.Issued
		want []string
	}{
		{"plain", []keys.Issued{successorOf("1", "ci"), successorOf("2", "web.prod_2")}, []string{"ci", "web.prod_2"}},
		{"none", []keys.Issued{successorOf("1", "")}, []string{"1"}},
		{"the same", []keys.Issued{successorOf("1", "ci"), successorOf("2", "ci")}, []string{"1", "2"}},
		{"the same to some file systems", []keys.Issued{successorOf("1", "ci"), successorOf("2", "CI")}, []string{"1", "2"}},
		{"another's id", []keys.Issued{successorOf("1", "2"), successorOf("2", "web")}, []string{"1", "web"}},
		{"out of the directory", []keys.Issued{successorOf("1", "../ci"), successorOf("2", "..")}, []string{"1", "2"}},
		{"hidden, a flag, a space", []keys.Issued{successorOf("1", ".ci"), successorOf("2", "-rf"), successorOf("3", "a b")}, []string{"1", "2", "3"}},
		{"too long", []keys.Issued{successorOf("1", strings.Repeat("x", 101))}, []string{"1"}},
		{"ids of any text", []keys.Issued{successorOf("../1", "a/b"), successorOf("-x", "")}, []string{"key-..%2F1", "key--x"}},
		{"the old key is gone", []keys.Issued{{Key: keys.Key{ID: "7"}, Rotated: &keys.Rotated{}}}, []string{"7"}},
	} {
		if got := fileNames(c.keys); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestDirectoryIsMadeButNotItsParent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	d := newDelivery(writer(func(b []byte) (int, error) { return len(b), nil }), false)
	d.outDir = filepath.Join(dir, "deep")
	list := []keys.Issued{successorOf("1", "ci"), successorOf("2", "web")}
	if err := d.Stage(list); !isReason(err, keys.ReasonOutput) {
		t.Errorf("without a parent: %v", err)
	}
	d.outDir = dir
	if err := d.Stage(list); err != nil {
		t.Fatal(err)
	}
	if seen, err := d.Deliver(); seen || err != nil {
		t.Errorf("%t, %v", seen, err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "ci")); err == nil {
		t.Error("a token is in its place before the commit")
	}
	d.Discard()
	if _, err := os.Lstat(dir); err == nil {
		t.Error("the directory is left behind")
	}
	if err := d.Stage(list); err != nil {
		t.Fatal(err)
	}
	if err := d.Publish(); err != nil {
		t.Fatal(err)
	}
	onlyFiles(t, filepath.Join(dir, "ci"), filepath.Join(dir, "web"))
	if text, err := os.ReadFile(filepath.Join(dir, "web")); err != nil || string(text) != "token-of-2\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// One file that cannot be put in its place must not keep the others from theirs.
func TestEveryFileIsPublished(t *testing.T) {
	dir := t.TempDir()
	d := newDelivery(writer(func(b []byte) (int, error) { return len(b), nil }), false)
	d.outDir = dir
	if err := d.Stage([]keys.Issued{successorOf("1", "ci"), successorOf("2", "web")}); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "ci"), "theirs")
	if err := d.Publish(); !isReason(err, keys.ReasonOutput) || !strings.Contains(err.Error(), "what belongs there is in "+d.bundle.files[0].path) {
		t.Errorf("%v", err)
	}
	for name, want := range map[string]string{"ci": "theirs", "web": "token-of-2\n"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(text) != want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

func TestLeftoversAreRecognised(t *testing.T) {
	for name, want := range map[string]string{
		".env.keyreeve-123": "env", "..env.keyreeve-9": ".env", ".a.keyreeve-1.keyreeve-2": "a.keyreeve-1",
		".env.keyreeve-12x": "", "env.keyreeve-123": "", ".keyreeve-1": "", ".env": "", "": "",
	} {
		if got := targetOf(name); got != want {
			t.Errorf("%q is staged for %q, want %q", name, got, want)
		}
	}
	s, err := stage(filepath.Join(t.TempDir(), "target"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := targetOf(filepath.Base(s.path)); got != "target" {
		t.Errorf("%s is not recognised", s.path)
	}
}
