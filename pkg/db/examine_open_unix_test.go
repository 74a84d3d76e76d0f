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

	"github.com/google/go-cmp/cmp"

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

// leftLog makes what a killed server leaves beside a database in WAL mode: files of
// these suffixes.
func leftLog(t *testing.T, suffixes ...string) (path string) {
	t.Helper()
	live := nativeFile(t)
	pool := plainPool(t, live)
	mustExec(t, pool, "UPDATE keyreeve_state SET change_counter = change_counter + 1")
	path = filepath.Join(ownDir(t), "a.db")
	for _, suffix := range append(suffixes, "") {
		copyFile(t, live+suffix, path+suffix)
	}
	pool.Close()
	return path
}

// filesOf are the database and its log, but not the index of that, which is scratch.
func filesOf(t *testing.T, path string) map[string]string {
	t.Helper()
	held := map[string]string{}
	for _, name := range namesIn(t, filepath.Dir(path)) {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(path), name))
		if err != nil {
			t.Fatal(err)
		}
		if held[name] = string(text); strings.HasSuffix(name, "-shm") {
			held[name] = ""
		}
	}
	return held
}

// A log that a crash left is another command's to put into the database.
func TestExaminationLeavesALogAsItIs(t *testing.T) {
	for _, c := range []struct {
		suffixes []string
		level    keys.Level
		opened   bool
	}{
		{[]string{"-wal", "-shm"}, keys.Notice, true},
		{[]string{"-wal"}, keys.Warning, false},
		{[]string{"-shm"}, keys.Warning, false},
	} {
		path := leftLog(t, c.suffixes...)
		before := filesOf(t, path)
		x := examinedAs(t, Options{Path: path}, Examiner{})
		if x.Info != nil != c.opened || len(x.Failures) > 0 {
			t.Errorf("%v: opened: %v, %+v", c.suffixes, x.Info != nil, x.Failures)
		}
		if found := x.failing("open"); len(found) != 1 || found[0].Level != c.level || !slices.Equal(found[0].Mend, []string{"status"}) {
			t.Errorf("%v: found: %+v", c.suffixes, found)
		}
		if diff := cmp.Diff(before, filesOf(t, path)); diff != "" {
			t.Errorf("%v: the examination changed the files", c.suffixes)
		}
		mustOpen(t, Options{Path: path, Access: ReadOnly}).Close() // as the command does
		if found := examinedAs(t, Options{Path: path}, Examiner{}).failing("open"); len(found) > 0 {
			t.Errorf("%v: found: %+v", c.suffixes, found)
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
