//go:build unix

package db

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func examinedAs(t *testing.T, o Options, e Examiner) *Examination {
	t.Helper()
	if e.Now.IsNone() {
		e.Now = keys.At(time.Now())
	}
	o.Timeout = 100 * time.Millisecond
	x, err := Examine(t.Context(), o, e)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// mend runs the command of a finding; that of the sqlite3 shell in the engine that is
// linked, where the shell is missing.
func mend(t *testing.T, f keys.Finding) {
	t.Helper()
	if f.Shell == "" {
		t.Fatalf("no command for: %s", f.Reason)
	}
	f.Shell = strings.ReplaceAll(f.Shell, "sudo ", "") // the test is root already
	if strings.HasPrefix(f.Shell, "sqlite3 ") {
		_, statement, _ := strings.Cut(f.Shell, " '")
		pool := plainPool(t, f.Path)
		mustExec(t, pool, strings.ReplaceAll(strings.TrimSuffix(statement, "'"), `'\''`, "'"))
		pool.Close()
		return
	}
	if out, err := exec.Command("sh", "-c", f.Shell).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", f.Shell, err, out)
	}
}

// Of each thing that is wrong there is a finding, and its command ends it.
func TestFindingsAndTheirCommands(t *testing.T) {
	write := func(statement string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			pool := plainPool(t, path)
			mustExec(t, pool, statement)
			pool.Close()
		}
	}
	chmod := func(mode os.FileMode, suffix string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if suffix != "" {
				if err := os.WriteFile(path+suffix, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(path+suffix, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name, check string
		level       keys.Level
		spoil       func(t *testing.T, path string)
	}{
		{"read by all", "files", keys.Warning, chmod(0o604, "")},
		{"written by all", "files", keys.Problem, chmod(0o606, "")},
		{"read by the group", "files", keys.Notice, chmod(0o640, "")},
		{"written by the group", "files", keys.Warning, chmod(0o660, "")},
		{"sidecar its owner cannot write", "files", keys.Problem, chmod(0o400, "-journal")},
		{"sidecar read by all", "files", keys.Warning, chmod(0o644, "-journal")},
		{"no view", "schema", keys.Problem, write("DROP VIEW keyreeve_usable_keys")},
		{"other view", "schema", keys.Warning, write("DROP VIEW keyreeve_usable_keys; CREATE VIEW keyreeve_usable_keys AS SELECT * FROM keyreeve_keys")},
		{"no index", "schema", keys.Problem, write("DROP INDEX keyreeve_keys_newest")},
		{"trigger", "schema", keys.Warning, write("CREATE TRIGGER \"o'x\" AFTER UPDATE ON keyreeve_keys BEGIN SELECT 1; END")},
		{"slow journal", "journal", keys.Notice, write("PRAGMA journal_mode = DELETE")},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := nativeFile(t)
			openToAll(t, path)
			if found := examinedAs(t, Options{Path: path}, Examiner{}).failing(c.check); len(found) > 0 {
				t.Fatalf("before anything was done: %v", found)
			}
			c.spoil(t, path)
			names := namesIn(t, filepath.Dir(path))
			found := examinedAs(t, Options{Path: path}, Examiner{}).failing(c.check)
			if len(found) != 1 || found[0].Level != c.level || found[0].Reason == "" {
				t.Fatalf("found: %+v", found)
			}
			if diff := cmp.Diff(names, namesIn(t, filepath.Dir(path))); diff != "" {
				t.Errorf("the examination left or took files:\n%s", diff)
			}
			mend(t, found[0])
			if again := examinedAs(t, Options{Path: path}, Examiner{}).failing(c.check); len(again) > 0 {
				t.Errorf("after %s: %+v", found[0].Shell, again)
			}
		})
	}
}

// openToAll makes every directory above one that everybody can get into, as far as
// it belongs to the test.
func openToAll(t *testing.T, path string) {
	t.Helper()
	for dir := filepath.Dir(path); dir != filepath.Clean(os.TempDir()) && len(dir) > 1; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Skip("no directory of its own")
		}
	}
	if !reachable(filepath.Dir(path)) {
		t.Skip("nobody else gets into the directory for temporary files")
	}
}

func TestFilesOfRootAreGivenBack(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root makes such files")
	}
	dir := serverDir(t, 0, 0o700)
	path := serverDB(t, filepath.Join(dir, "a.db"), "delete")
	if err := os.WriteFile(path+"-journal", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path+"-journal", strangerUID, -1); err != nil {
		t.Fatal(err)
	}
	found := examinedAs(t, Options{Path: path}, Examiner{}).failing("files")
	if len(found) != 2 {
		t.Fatalf("found: %+v", found)
	}
	for _, f := range found {
		mend(t, f)
	}
	if x := examinedAs(t, Options{Path: path}, Examiner{}).failing("files"); len(x) > 0 {
		t.Errorf("found: %+v", x)
	}
}
