package db

import (
	"bytes"
	"path/filepath"
	"testing"
)

// Whether an audit can be asked later is a fact of the open database: requests that
// only it would know again are refused by it.
func TestInfoTellsWhetherAnAuditIsKept(t *testing.T) {
	dir := ownDir(t)
	there := write(t, filepath.Join(dir, "there.jsonl"), nil)
	below := filepath.Join(there, "audit.jsonl") // a file is no directory
	for name, tt := range map[string]struct {
		o    Options
		want bool
	}{
		"none":                {Options{}, false},
		"a stream":            {Options{AuditLog: "-", AuditTo: new(bytes.Buffer)}, false},
		"a stream, named":     {Options{AuditLog: "-", AuditTo: new(bytes.Buffer), AuditMust: true}, false},
		"a file":              {Options{AuditLog: there}, true},
		"the default place":   {Options{AuditLog: filepath.Join(dir, "state", "audit.jsonl")}, true},
		"no place":            {Options{AuditLog: below}, false},
		"no place, but named": {Options{AuditLog: below, AuditMust: true}, true}, // each change is refused, and says why
	} {
		if d, _ := audited(t, tt.o); d.Info().Recalls != tt.want {
			t.Errorf("%s: %v", name, !tt.want)
		}
	}
	if d := mustOpen(t, Options{Path: nativeFile(t), Access: ReadWrite}); !d.Info().Recalls {
		t.Error("keyreeve's own tables hold their audit themselves")
	}
}

// Who may only read what somebody else records is told of it all the same.
func TestReadersNeedNotWriteTheAudit(t *testing.T) {
	file := write(t, filepath.Join(ownDir(t), "audit.jsonl"), nil)
	a := &auditLog{file: file, database: filepath.Join(t.TempDir(), "x.db")}
	if !a.recalls(ReadOnly) {
		t.Error("a file that is there")
	}
	a.file = filepath.Join(file, "below")
	if a.recalls(ReadOnly) {
		t.Error("a file that cannot be")
	}
}
