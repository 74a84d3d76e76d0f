//go:build unix

package db

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What cannot be opened is told of, with all that files tell.
func TestExaminationWithoutADatabase(t *testing.T) {
	dir := ownDir(t)
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	open := ownDir(t)
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path string
		want keys.Reason
	}{
		"no database":     {write("text", strings.Repeat("no database ", 9), 0o600), keys.ReasonNotDatabase},
		"empty":           {write("empty", "", 0o600), keys.ReasonEmpty},
		"directory":       {dir, keys.ReasonNotDatabase},
		"for everybody":   {serverDB(t, filepath.Join(open, "a.db"), "delete"), keys.ReasonUnsafeDir},
		"of nobody known": {serverDB(t, filepath.Join(ownDir(t), "a.db"), "delete"), keys.ReasonUnknownLayout},
	} {
		x := examinedAs(t, Options{Path: c.path}, Examiner{})
		if len(x.Failures) != 1 || x.Failures[0].Check != "open" || x.Failures[0].Err.Reason != c.want || x.Info != nil {
			t.Errorf("%s: %+v", name, x.Failures)
		}
	}
	_, err := Examine(t.Context(), Options{Path: filepath.Join(dir, "missing")}, Examiner{})
	wantReason(t, err, keys.ReasonMissing)
	_, err = Examine(t.Context(), Options{Path: filepath.Join(dir, "text"), Layout: "nosuch"}, Examiner{})
	wantReason(t, err, keys.ReasonInvalid)
}

// A journal that a crash left is another command's to play back.
func TestExaminationLeavesACrashAsItIs(t *testing.T) {
	path := filepath.Join(ownDir(t), "a.db")
	crash(t, path)
	before := []string{path, path + "-journal"}
	var held [][]byte
	for _, p := range before {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, text)
	}
	found := examinedAs(t, Options{Path: path}, Examiner{}).failing("open")
	if len(found) != 1 || found[0].Level != keys.Warning || !slices.Equal(found[0].Mend, []string{"status"}) {
		t.Errorf("found: %+v", found)
	}
	for i, p := range before {
		if text, err := os.ReadFile(p); err != nil || string(text) != string(held[i]) {
			t.Errorf("%s was changed, %v", p, err)
		}
	}
}

func TestDamagedFileIsFound(t *testing.T) {
	path := nativeFile(t)
	d := mustOpen(t, Options{Path: path, Access: ReadWrite, Timeout: patience})
	svc := &keys.Service{Store: d, Now: time.Now, Rand: rand.Reader}
	if _, err := svc.Create(t.Context(), keys.CreateRequest{Count: 500}, quiet{}); err != nil {
		t.Fatal(err)
	}
	d.Close()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := f.Stat()
	if _, err := f.WriteAt(make([]byte, 4096), info.Size()/2/4096*4096); err != nil {
		t.Fatal(err)
	}
	f.Close()
	x := examinedAs(t, Options{Path: path}, Examiner{})
	if found := x.failing("integrity"); len(found) == 0 || found[0].Level != keys.Problem {
		t.Errorf("found: %+v, %+v", found, x.Failures)
	}
}

func TestRoomAndRemoteFileSystems(t *testing.T) {
	for _, c := range []struct {
		free, size uint64
		want       keys.Level
	}{
		{1 << 40, 1 << 30, keys.Fine}, {1 << 26, 1 << 20, keys.Fine}, {1<<26 - 1, 1 << 10, keys.Warning},
		{5 << 30, 1 << 30, keys.Notice}, {1 << 30, 1 << 30, keys.Warning},
	} {
		if f := (disk{known: true, free: c.free}).room("/x y", c.size); f.Level != c.want || (f.Shell == "df -h '/x y'") == (c.want == keys.Fine) {
			t.Errorf("%d free for %d: %+v", c.free, c.size, f)
		}
	}
	for _, c := range []struct {
		kind string
		wal  bool
		want keys.Level
	}{{"", true, keys.Fine}, {"NFS", false, keys.Warning}, {"NFS", true, keys.Problem}} {
		if f := (disk{known: true, kind: c.kind}).remote("/x", c.wal); f.Level != c.want {
			t.Errorf("%+v", f)
		}
	}
}
