package db

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// linesOf reads an audit file, each line of which must be whole.
func linesOf(t testing.TB, file string) (lines []auditLine) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(bytes.NewReader(text))
	for s.Scan() {
		var l auditLine
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatalf("%q: %v", s.Text(), err)
		}
		lines = append(lines, l)
	}
	return lines
}

// auditedIn returns the events of a database that were committed, in order.
func auditedIn(t testing.TB, file, path string) (events []keys.Event) {
	t.Helper()
	lines := linesOf(t, file)
	committed := map[string]bool{}
	for _, l := range lines {
		if l.Phase == phaseCommitted {
			committed[l.Tx] = true
		}
	}
	for _, l := range lines {
		if l.Phase == phaseIntent && l.Database == path && committed[l.Tx] {
			events = append(events, l.event())
		}
	}
	return events
}

// audited opens a club's database whose changes are recorded.
func audited(t testing.TB, o Options) (d *DB, warnings *[]string) {
	t.Helper()
	if o.Path == "" {
		o.Path = clubFile(t, "delete")
	}
	warnings = new([]string)
	o.Access, o.Warn = ReadWrite, func(text string) { *warnings = append(*warnings, text) }
	return mustClub(t, o), warnings
}

func record(ctx context.Context, d *DB, events ...keys.Event) error {
	return d.Update(ctx, func(tx keys.Tx) error { return tx.Record(ctx, events) })
}

func TestAuditLines(t *testing.T) {
	file := filepath.Join(ownDir(t), "audit.jsonl")
	d, _ := audited(t, Options{AuditLog: file, AuditMust: true})
	events := []keys.Event{
		{At: keys.Millis(1_800_000_000_123), Action: keys.ActionRevoke, KeyID: "a", Actor: clubActor, Reason: "<left> \u2028&", Forced: true,
			Before: `{"enabled":true}`, After: `{"enabled":false,"label":"a<b\u2028"}`},
		{At: keys.Millis(1_800_000_000_000), Action: keys.ActionUnlock, Actor: keys.Actor{User: "u", Host: "h", Process: "p"}, Before: "no\nJSON"},
	}
	if err := record(t.Context(), d, events...); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tx := linesOf(t, file)[0].Tx
	want := `{"at":"2027-01-15T08:00:00.123Z","phase":"intent","tx":"TX","database":"DB","layout":"club/text","action":"revoke","key":"a",` +
		`"user":"root","claimed_user":"ann","host":"h","process":"test[1]","reason":"<left> \u2028&","forced":true,"before":{"enabled":true},"after":{"enabled":false,"label":"a<b\u2028"}}
{"at":"2027-01-15T08:00:00Z","phase":"intent","tx":"TX","database":"DB","layout":"club/text","action":"unlock","user":"u","host":"h","process":"p","before":"no\nJSON"}
{"at":"2027-01-15T08:00:00Z","phase":"committed","tx":"TX","database":"DB","layout":"club/text"}
`
	want = strings.NewReplacer("TX", tx, "DB", d.options.Path).Replace(want)
	if diff := cmp.Diff(want, string(text)); diff != "" || len(tx) != 16 {
		t.Error(diff)
	}
	got, err := d.audit.last(keys.ActionRevoke, "a")
	if !reflect.DeepEqual(got, events[0]) {
		t.Errorf("read back as %+v, %v", got, err)
	}
}

// What is refused, rehearsed or changes nothing leaves no trace, not even a file.
func TestAuditOfNothing(t *testing.T) {
	for name, fn := range map[string]func(context.Context, keys.Tx) error{
		"no change": func(context.Context, keys.Tx) error { return nil },
		"dry run": func(ctx context.Context, tx keys.Tx) error {
			return errors.Join(enter(ctx, tx, "a"), errors.New("dry run"))
		},
	} {
		for _, must := range []bool{true, false} {
			dir := ownDir(t)
			d, warnings := audited(t, Options{AuditLog: filepath.Join(dir, "audit.jsonl"), AuditMust: must})
			_ = d.Update(t.Context(), func(tx keys.Tx) error { return fn(t.Context(), tx) })
			if names := namesIn(t, dir); len(names) > 0 || len(*warnings) > 0 {
				t.Errorf("%s: %v, %v", name, names, *warnings)
			}
		}
	}
}

func TestAuditOfCommitThatFails(t *testing.T) {
	file := filepath.Join(ownDir(t), "audit.jsonl")
	d, _ := audited(t, Options{AuditLog: file, AuditMust: true})
	mustExec(t, plainPool(t, d.options.Path), "CREATE TABLE owed (m REFERENCES members (id) DEFERRABLE INITIALLY DEFERRED)",
		"CREATE TRIGGER owing AFTER INSERT ON members BEGIN INSERT INTO owed VALUES ('nobody'); END")
	before := contents(t, d.options.Path)
	if err := d.Update(t.Context(), func(tx keys.Tx) error { return enter(t.Context(), tx, "a") }); err == nil {
		t.Fatal("committed")
	}
	lines := linesOf(t, file)
	if len(lines) != 2 || lines[0].Phase != phaseIntent || lines[1].Phase != phaseFailed || lines[0].Tx != lines[1].Tx {
		t.Errorf("%+v", lines)
	}
	_, err := d.audit.last(keys.ActionCreate, "a")
	wantReason(t, err, keys.ReasonNotFound)
	if diff := cmp.Diff(before, contents(t, d.options.Path)); diff != "" {
		t.Error(diff)
	}
}

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
			_, err = d.audit.last(keys.ActionCreate, "a")
			wantReason(t, err, keys.ReasonNotFound)
		})
	}
}

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
	if _, err := d.audit.last(keys.ActionCreate, "a"); err != nil {
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
	_, err := d.audit.last(keys.ActionCreate, "a")
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
	err := d.View(t.Context(), func(r keys.Reader) error {
		_, err := r.Last(t.Context(), keys.ActionCreate, "a")
		return err
	})
	wantReason(t, err, keys.ReasonNotFound)
}

func TestAuditThatIsLocked(t *testing.T) {
	file := write(t, filepath.Join(ownDir(t), "audit.jsonl"), nil)
	holder, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil || lockFile(holder) != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	path := clubFile(t, "delete")
	before := contents(t, path)
	d, _ := audited(t, Options{Path: path, AuditLog: file, AuditMust: true, Timeout: 20 * time.Millisecond})
	if d.audit.patiently(t.Context(), func() error { return lockFile(reopened(t, file)) }) == nil {
		t.Skip("there is no lock here")
	}
	err = d.Update(t.Context(), func(tx keys.Tx) error { return enter(t.Context(), tx, "a") })
	if e := (*keys.Error)(nil); !errors.As(err, &e) || e.Reason != keys.ReasonBusy || e.Path != file {
		t.Error(err)
	}
	if diff := cmp.Diff(before, contents(t, path)); diff != "" {
		t.Error(diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d, warnings := audited(t, Options{Path: path, AuditLog: file, Timeout: patience})
	time.AfterFunc(20*time.Millisecond, cancel)
	wantReason(t, record(ctx, d, clubEvent(keys.ActionCreate, "a")), keys.ReasonInterrupted)
	time.AfterFunc(20*time.Millisecond, func() { unlockFile(holder) })
	if err := record(t.Context(), d, clubEvent(keys.ActionCreate, "a")); err != nil || len(*warnings) > 0 || len(linesOf(t, file)) != 2 {
		t.Error(err, *warnings)
	}
}

func reopened(t *testing.T, file string) *os.File {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
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
