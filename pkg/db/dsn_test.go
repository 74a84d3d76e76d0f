package db

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func uriEscaped(path string) string { return (&url.URL{Path: uriPath(path)}).EscapedPath() }

// decoded reads the path out of a DSN by SQLite's rules for URI file names, not by
// net/url's: up to the first ? or #, and %HH is one byte.
func decoded(t testing.TB, name string) string {
	t.Helper()
	rest, ok := strings.CutPrefix(name, "file://")
	if !ok {
		t.Fatalf("%q is no file URI without an authority", name)
	}
	rest = rest[:strings.IndexAny(rest+"?", "?#")]
	var path []byte
	for i := 0; i < len(rest); i++ {
		b := rest[i]
		if b == '%' {
			high, low := strings.IndexByte("0123456789ABCDEF", rest[i+1]), strings.IndexByte("0123456789ABCDEF", rest[i+2])
			b = byte(high<<4 | low)
			i += 2
		}
		path = append(path, b)
	}
	return string(path)
}

var oddNames = []string{
	"plain.db", "with space.db", "we?ird.db", "ha#sh.db", "per%41cent.db", "100%.db", "café.db", "a&b=c;d+e.db",
	"co:lon.db", "quo'te\".db", "back\\slash.db", "?mode=memory", "-dash.db", "bad\xffutf8.db", "new\nline.db",
}

func FuzzDSNNamesOneFile(f *testing.F) {
	for _, name := range oddNames {
		f.Add("/srv/" + name)
	}
	f.Fuzz(func(t *testing.T, path string) {
		abs, err := filepath.Abs(path)
		if err != nil || strings.Contains(path, "\x00") {
			t.Skip("no path")
		}
		if got := decoded(t, dsn(path, ReadOnly, true, nil)); got != uriPath(abs) {
			t.Errorf("%q opens %q", path, got)
		}
	})
}

func TestDSNParameters(t *testing.T) {
	for _, tt := range []struct {
		name     string
		access   Access
		writable bool
		wal      bool
		mode     []string
		txlock   []string
		pragmas  []string
	}{
		{"reader who may write", ReadOnly, true, false, []string{"rw"}, nil,
			[]string{"busy_timeout(1500)", "trusted_schema(0)", "query_only(1)"}},
		{"reader who may not", ReadOnly, false, false, []string{"ro"}, nil,
			[]string{"busy_timeout(1500)", "trusted_schema(0)", "query_only(1)"}},
		{"writer", ReadWrite, true, true, []string{"rw"}, []string{"immediate"},
			[]string{"busy_timeout(1500)", "trusted_schema(0)", "foreign_keys(1)", "synchronous(2)"}},
		{"writer without a log", Create, false, false, []string{"rw"}, []string{"immediate"},
			[]string{"busy_timeout(1500)", "trusted_schema(0)", "foreign_keys(1)", "synchronous(2)", "cache_spill(0)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, err := url.Parse(dsn("/a.db", tt.access, tt.writable, pragmas(tt.access, tt.wal, 1500*time.Millisecond)))
			if err != nil {
				t.Fatal(err)
			}
			want := url.Values{"mode": tt.mode, "_pragma": tt.pragmas, "_defensive": {"1"}, "_dqs": {"0"}}
			if tt.txlock != nil {
				want["_txlock"] = tt.txlock
			}
			if diff := cmp.Diff(want, u.Query()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRelativePathIsMadeAbsolute(t *testing.T) {
	dir := ownDir(t)
	t.Chdir(dir)
	if got := decoded(t, dsn("a.db", ReadOnly, true, nil)); got != uriPath(filepath.Join(dir, "a.db")) {
		t.Errorf("a.db opens %q", got)
	}
}
