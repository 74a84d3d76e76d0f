package db

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestLookSeesJournalMode(t *testing.T) {
	for journal, wal := range map[string]bool{"delete": false, "wal": true} {
		t.Run(journal, func(t *testing.T) {
			dir := ownDir(t)
			path := serverDB(t, filepath.Join(dir, "a.db"), journal)
			l, err := lookAt(path)
			if err != nil {
				t.Fatal(err)
			}
			if l.WAL != wal || l.Empty || l.Missing || !l.Writable || !l.DirWritable || l.Size == 0 {
				t.Errorf("looked like %+v", l)
			}
			if l.SHM || l.WALFile || l.Journal || l.Hot {
				t.Errorf("sees files that are not there: %+v", l)
			}
			if diff := cmp.Diff([]string{"a.db"}, namesIn(t, dir)); diff != "" {
				t.Errorf("a look left files:\n%s", diff)
			}
		})
	}
}

func TestLookSeesOpenDatabase(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "wal")
	mustExec(t, serverPool(t, path, "wal"), "INSERT INTO t (b) VALUES ('more')")
	l, err := lookAt(path)
	if err != nil || !l.SHM || !l.WALFile || l.Journal {
		t.Errorf("looked like %+v, %v", l, err)
	}
}

func TestLookSeesChangeInProgress(t *testing.T) {
	path := serverDB(t, filepath.Join(ownDir(t), "a.db"), "persist")
	if l, err := lookAt(path); err != nil || !l.Journal || l.Hot {
		t.Errorf("a finished journal looked like %+v, %v", l, err)
	}
	hot := filepath.Join(ownDir(t), "hot.db")
	crash(t, hot)
	if l, err := lookAt(hot); err != nil || !l.Hot {
		t.Errorf("an unfinished journal looked like %+v, %v", l, err)
	}
}

func TestLookAtMissing(t *testing.T) {
	dir := ownDir(t)
	for _, tt := range []struct {
		path       string
		dirMissing bool
	}{
		{"none.db", false},
		{filepath.Join("none", "none.db"), true},
	} {
		l, err := lookAt(filepath.Join(dir, tt.path))
		if err != nil || !l.Missing || l.DirMissing != tt.dirMissing {
			t.Errorf("%s looked like %+v, %v", tt.path, l, err)
		}
		if l.Path != filepath.Join(dir, tt.path) {
			t.Errorf("path %s", l.Path)
		}
	}
	if names := namesIn(t, dir); names != nil {
		t.Errorf("a look made %v", names)
	}
}

func TestLookAtEmpty(t *testing.T) {
	l, err := lookAt(write(t, filepath.Join(ownDir(t), "a.db"), nil))
	if err != nil || !l.Empty || l.Missing {
		t.Errorf("looked like %+v, %v", l, err)
	}
}

func TestLookRefusesWhatIsNoDatabase(t *testing.T) {
	dir := ownDir(t)
	text := write(t, filepath.Join(dir, "text"), bytes.Repeat([]byte("no database\n"), 500))
	short := write(t, filepath.Join(dir, "short"), []byte("abc"))
	zeros := write(t, filepath.Join(dir, "zeros"), make([]byte, 4096))
	cut := write(t, filepath.Join(dir, "cut"), []byte(databaseMagic))
	for path, want := range map[string]keys.Reason{
		dir:                         keys.ReasonNotDatabase,
		text:                        keys.ReasonNotDatabase,
		short:                       keys.ReasonNotDatabase,
		zeros:                       keys.ReasonNotDatabase,
		cut:                         keys.ReasonNotDatabase,
		filepath.Join(text, "a.db"): keys.ReasonMissing,
	} {
		l, err := lookAt(path)
		if got := reasonOf(err); got != want && !(want == keys.ReasonMissing && l.Missing) {
			t.Errorf("%s: reason %q, want %q (%v)", path, got, want, err)
		}
	}
}

func TestLookFollowsLinks(t *testing.T) {
	dir, elsewhere := ownDir(t), ownDir(t)
	path := serverDB(t, filepath.Join(dir, "real.db"), "wal")
	link, toDir, dangling := filepath.Join(elsewhere, "a.db"), filepath.Join(elsewhere, "d"), filepath.Join(elsewhere, "no.db")
	for to, from := range map[string]string{path: link, dir: toDir, filepath.Join(dir, "gone"): dangling} {
		if err := os.Symlink(to, from); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	for given, want := range map[string]string{
		link:                             path,
		filepath.Join(toDir, "real.db"):  path,
		filepath.Join(toDir, "other.db"): filepath.Join(dir, "other.db"),
	} {
		if l, err := lookAt(given); err != nil || l.Path != want || l.Dir != dir {
			t.Errorf("%s is %s in %s (%v), want %s", given, l.Path, l.Dir, err, want)
		}
	}
	_, err := lookAt(dangling)
	wantReason(t, err, keys.ReasonMissing)
}
