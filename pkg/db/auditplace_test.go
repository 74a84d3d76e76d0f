package db

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Only the default place gets its directory: a named one may be mistyped.
func TestAuditDirectory(t *testing.T) {
	dir := ownDir(t)
	file := filepath.Join(dir, "state", "keyreeve", "audit.jsonl")
	d, _ := audited(t, Options{AuditLog: file, AuditMust: true})
	wantReason(t, record(t.Context(), d, clubEvent(keys.ActionCreate, "a")), keys.ReasonAudit)
	if _, err := d.audit.open(); err == nil {
		t.Error("opened")
	}
	if names := namesIn(t, dir); len(names) > 0 {
		t.Errorf("made %v", names)
	}
	d, warnings := audited(t, Options{AuditLog: file})
	if err := record(t.Context(), d, clubEvent(keys.ActionCreate, "a")); err != nil || len(*warnings) > 0 {
		t.Fatal(err, *warnings)
	}
	for name, want := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700 | os.ModeDir} {
		info, err := os.Stat(name)
		if err != nil || worldWritable(0o002) && info.Mode() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if _, err := lastIn(t, d.audit, keys.ActionCreate, "a"); err != nil {
		t.Error(err)
	}
}

func TestAuditLogMayBeALink(t *testing.T) {
	dir := ownDir(t)
	file := write(t, filepath.Join(dir, "real.jsonl"), nil)
	d, _ := audited(t, Options{AuditLog: linked(t, os.Symlink, file, dir), AuditMust: true})
	if err := record(t.Context(), d, clubEvent(keys.ActionCreate, "a")); err != nil || len(linesOf(t, file)) != 2 {
		t.Error(err)
	}
}

func TestAuditStream(t *testing.T) {
	var out bytes.Buffer
	d, _ := audited(t, Options{AuditLog: "-", AuditTo: &out, AuditMust: true})
	if err := record(t.Context(), d, clubEvent(keys.ActionCreate, "a")); err != nil || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%v, %s", err, &out)
	}
	_, err := lastIn(t, d.audit, keys.ActionCreate, "a")
	wantReason(t, err, keys.ReasonNotFound)
	for must, want := range map[bool]keys.Reason{true: keys.ReasonAudit, false: ""} {
		for _, to := range []io.Writer{nil, failing{}} {
			d, warnings := audited(t, Options{AuditLog: "-", AuditTo: to, AuditMust: must})
			wantReason(t, record(t.Context(), d, clubEvent(keys.ActionCreate, "a")), want)
			if (len(*warnings) == 1) == must {
				t.Errorf("warned with %q", *warnings)
			}
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("closed") }

// A library need not have one.
func TestNoAudit(t *testing.T) {
	d, _ := audited(t, Options{})
	if err := record(t.Context(), d, clubEvent(keys.ActionCreate, "a")); err != nil {
		t.Error(err)
	}
	if found, err := d.Last(t.Context(), keys.ActionCreate, "a"); len(found) > 0 || err != nil {
		t.Errorf("%+v, %v", found, err)
	}
}

// The handle's own name of the file is the one that is recorded.
func TestAuditOfAHandle(t *testing.T) {
	path := clubFile(t, "delete")
	d := &DB{pool: plainPool(t, path), options: Options{Access: ReadWrite, Timeout: patience, AuditLog: filepath.Join(ownDir(t), "audit.jsonl")}}
	d.use(clubLayout())
	s, err := d.session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.openAudit(t.Context(), s); err != nil || d.audit.database != path {
		t.Errorf("%+v, %v", d.audit, err)
	}
	s.close()
	if err := record(t.Context(), d, clubEvent(keys.ActionCreate, "a")); err != nil {
		t.Error(err)
	}
}

// keyreeve's own tables hold their audit themselves.
func TestNoAuditFileOfOwnTables(t *testing.T) {
	dir := ownDir(t)
	for _, file := range []string{filepath.Join(dir, "audit.jsonl"), filepath.Join(dir, "no", "audit.jsonl")} {
		d := mustOpen(t, Options{Path: nativeFile(t), Access: ReadWrite, AuditLog: file, AuditMust: true})
		if err := record(t.Context(), d, clubEvent(keys.ActionCreate, "a")); err != nil {
			t.Error(err)
		}
	}
	if names := namesIn(t, dir); len(names) > 0 {
		t.Errorf("made %v", names)
	}
}

// What root records in somebody's directory belongs to that one.
func TestAuditBelongsToTheDirectorysOwner(t *testing.T) {
	if !currentIdentity().givesAway() {
		t.Skip("not root")
	}
	const somebody = 4711
	for _, must := range []bool{true, false} {
		home := ownDir(t)
		if err := os.Chown(home, somebody, somebody); err != nil {
			t.Skip(err)
		}
		file := filepath.Join(home, "audit.jsonl")
		if !must {
			file = filepath.Join(home, "state", "keyreeve", "audit.jsonl")
		}
		d, _ := audited(t, Options{AuditLog: file, AuditMust: must})
		if err := record(t.Context(), d, clubEvent(keys.ActionCreate, "a")); err != nil {
			t.Fatal(err)
		}
		for name := file; name != home; name = filepath.Dir(name) {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if uid, gid := ownerOf(info); uid != somebody || gid != somebody {
				t.Errorf("%s belongs to %d, %d", name, uid, gid)
			}
		}
	}
}
