package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func isReason(err error, r keys.Reason) bool { return errors.Is(err, &keys.Error{Reason: r}) }

// onlyFiles checks that the directory of the first path holds these and no more.
func onlyFiles(t *testing.T, paths ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(paths[0]))
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{}
	for _, path := range paths {
		wanted[filepath.Base(path)] = true
	}
	for _, e := range entries {
		if !wanted[e.Name()] {
			t.Errorf("%s was left behind", e.Name())
		}
		delete(wanted, e.Name())
	}
	for name := range wanted {
		t.Errorf("%s is missing", name)
	}
}

func mustStage(t *testing.T, target, content string) *staged {
	t.Helper()
	s, err := stage(target, []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStagedFileIsPrivateAndNamedAfterItsTarget(t *testing.T) {
	target := filepath.Join(t.TempDir(), "token")
	s := mustStage(t, target, "secret\n")
	if filepath.Dir(s.path) != filepath.Dir(target) || !strings.Contains(filepath.Base(s.path), "token.keyreeve-") {
		t.Errorf("staged at %s", s.path)
	}
	info, err := os.Stat(s.path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the target is there before it is published: %v", err)
	}
	s.discard()
	if _, err := os.Lstat(s.path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the staged file is there after it was given up: %v", err)
	}
}

func TestStagedFileIsPublished(t *testing.T) {
	for name, publish := range map[string]func(*staged) error{"link": (*staged).link, "rename": (*staged).rename} {
		target := filepath.Join(t.TempDir(), "token")
		if err := publish(mustStage(t, target, "secret\n")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := readText(t, target); got != "secret\n" {
			t.Errorf("%s: the file is %q", name, got)
		}
		onlyFiles(t, target)
	}
}

// A file that appeared after the commit is not overwritten, and the token not lost.
func TestLinkSparesWhatHasAppeared(t *testing.T) {
	target := filepath.Join(t.TempDir(), "token")
	s := mustStage(t, target, "secret\n")
	writeFile(t, target, "theirs")
	err := s.link()
	if !isReason(err, keys.ReasonOutput) || !strings.Contains(err.Error(), s.path) || !strings.HasPrefix(err.Error(), "created, but ") {
		t.Errorf("%v", err)
	}
	if got := readText(t, target); got != "theirs" {
		t.Errorf("the file became %q", got)
	}
	if got := readText(t, s.path); got != "secret\n" {
		t.Errorf("the staged file is %q", got)
	}
}

func TestRenameThatFailsKeepsTheToken(t *testing.T) {
	target := filepath.Join(t.TempDir(), "env")
	s := mustStage(t, target, "secret\n")
	if err := os.MkdirAll(filepath.Join(target, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.rename(); !isReason(err, keys.ReasonOutput) || !strings.Contains(err.Error(), s.path) {
		t.Errorf("%v", err)
	}
	if got := readText(t, s.path); got != "secret\n" {
		t.Errorf("the staged file is %q", got)
	}
}

func TestNothingIsStagedWhereNothingCanBe(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "file"), "")
	for _, target := range []string{
		filepath.Join(dir, "no", "token"), filepath.Join(dir, "file", "token"), filepath.Join(dir, strings.Repeat("x", 250)),
	} {
		s, err := stage(target, []byte("secret\n"))
		if s != nil || !isReason(err, keys.ReasonOutput) || !strings.HasSuffix(err.Error(), "; nothing was changed") {
			t.Errorf("%.80s: %v", target, err)
		}
		if err != nil && strings.Contains(err.Error(), ".keyreeve-") {
			t.Errorf("the message names a file that nobody asked for: %v", err)
		}
	}
	onlyFiles(t, filepath.Join(dir, "file"))
}
