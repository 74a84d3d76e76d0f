package db

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// unwritable are names of files, in a directory and beside a database, that
// nothing may be recorded in.
var unwritable = map[string]func(t *testing.T, dir, path string) string{
	"a directory":          func(_ *testing.T, dir, _ string) string { return dir },
	"below a file":         func(_ *testing.T, _, path string) string { return filepath.Join(path, "audit.jsonl") },
	"the database":         func(_ *testing.T, _, path string) string { return path },
	"its log":              func(_ *testing.T, _, path string) string { return path + "-wal" },
	"its journal":          func(_ *testing.T, _, path string) string { return path + "-journal" },
	"its memory":           func(_ *testing.T, _, path string) string { return path + "-shm" },
	"a link to it":         func(t *testing.T, dir, path string) string { return linked(t, os.Symlink, path, dir) },
	"a hard link to it":    func(t *testing.T, dir, path string) string { return linked(t, os.Link, path, filepath.Dir(path)) },
	"a link to nothing":    func(t *testing.T, dir, _ string) string { return linked(t, os.Symlink, filepath.Join(dir, "no"), dir) },
	"a link to its future": func(t *testing.T, dir, path string) string { return linked(t, os.Symlink, path+"-journal", dir) },
	"a device":             func(*testing.T, string, string) string { return os.DevNull },
}

func linked(t *testing.T, link func(string, string) error, to, dir string) string {
	t.Helper()
	name := filepath.Join(dir, "audit.jsonl")
	if err := link(to, name); err != nil {
		t.Skip(err)
	}
	return name
}

func TestAuditThatCannotBeWritten(t *testing.T) {
	for name, place := range unwritable {
		t.Run(name, func(t *testing.T) {
			path, dir := clubFile(t, "delete"), ownDir(t)
			file, before := place(t, dir, path), contents(t, path)
			d, warnings := audited(t, Options{Path: path, AuditLog: file, AuditMust: true})
			err := d.Update(t.Context(), func(keys.Tx) error { t.Error("the function ran"); return nil })
			if e := (*keys.Error)(nil); !errors.As(err, &e) || e.Reason != keys.ReasonAudit || e.Path != file || len(*warnings) > 0 {
				t.Errorf("%v, %v", err, *warnings)
			}
			d.Close()
			d, warnings = audited(t, Options{Path: path, AuditLog: file})
			if diff := cmp.Diff(before, contents(t, path)); diff != "" {
				t.Error(diff)
			}
			for _, id := range []string{"a", "b"} {
				if err := d.Update(t.Context(), func(tx keys.Tx) error { return enter(t.Context(), tx, id) }); err != nil {
					t.Error(err)
				}
			}
			if len(*warnings) != 1 || !strings.Contains((*warnings)[0], file) || !strings.Contains((*warnings)[0], "not recorded") {
				t.Errorf("warned with %q", *warnings)
			}
			if got := one(t, path, "SELECT count(*) || (SELECT quick_check FROM pragma_quick_check) FROM members"); got != "2ok" {
				t.Error(got)
			}
			if e, err := lastIn(t, d.audit, keys.ActionCreate, "a"); err == nil {
				t.Errorf("read back as %+v", e)
			}
		})
	}
}
