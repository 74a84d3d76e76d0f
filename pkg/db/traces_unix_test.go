//go:build darwin || dragonfly || freebsd || linux || netbsd

package db

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Files of a log are taken away where they are empty, new, and nobody's.
func TestTracesAreTakenAway(t *testing.T) {
	all := []string{"a.db", "a.db-shm", "a.db-wal"}
	make := func(log string) string {
		path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "wal")
		writeTo(t, path+"-wal", log)
		writeTo(t, path+"-shm", "")
		return path
	}
	left := func(why, path string, l look, want ...string) {
		t.Helper()
		l.Path = path
		l.takeTraces()
		if diff := cmp.Diff(want, namesIn(t, filepath.Dir(path))); diff != "" {
			t.Errorf("%s:\n%s", why, diff)
		}
	}
	left("empty", make(""), look{}, "a.db")
	left("a log that holds something", make("x"), look{}, all...)
	left("they were there", make(""), look{SHM: true, WALFile: true}, all...)
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "wal")
	stop := serve(t, order{UID: os.Getuid(), GID: os.Getgid(), Path: path})
	defer stop()
	left("a server has it open", path, look{}, all...)
}

func writeTo(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
