package db

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// audit looks at what records changes.
func (x *examination) audit(ctx context.Context, d *DB) error {
	if d.table.ledger != nil {
		return x.ownAudit(ctx, d)
	}
	a := d.audit
	switch {
	case a == nil:
		x.add(keys.Finding{Check: "audit", Level: keys.Warning, Shell: "export KEYREEVE_AUDIT_LOG=$PWD/audit.jsonl",
			Reason: "there is no place for the audit of changes: without HOME it must be named by --audit-log"})
		return nil
	case a.file == "":
		x.fine("audit", "changes are recorded on standard error", "")
		return nil
	}
	x.auditFile(a)
	return x.outcomes(ctx, a)
}

// ownAudit is in the database.
func (x *examination) ownAudit(ctx context.Context, d *DB) error {
	var last, some int
	s, err := d.session(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	err = d.reading(ctx, func() error {
		return s.queryRow(ctx, "SELECT (SELECT coalesce(max(seq), 0) FROM keyreeve_audit), EXISTS (SELECT 1 FROM keyreeve_keys)").Scan(&last, &some)
	})
	switch {
	case err != nil:
		return err
	case last == 0 && some > 0:
		x.add(keys.Finding{Check: "audit", Level: keys.Warning, Path: x.l.Path, Reason: "there are keys, and the audit does not tell how they came to be: somebody has emptied it"})
	default:
		x.fine("audit", fmt.Sprintf("the database records its changes itself: %d of them so far", last), x.l.Path)
	}
	return nil
}

// auditFile looks at the file.
func (x *examination) auditFile(a *auditLog) {
	f := keys.Finding{Check: "audit", Level: keys.Fine, Path: a.file, Reason: "changes are recorded in the file"}
	path, there, err := a.place()
	if err == nil {
		err = a.writable()
	}
	switch {
	case err != nil:
		f.Level, f.Reason = keys.Warning, a.refusal(err).Message
		if errors.Is(err, fs.ErrPermission) && there != nil && there.Mode()&0o200 == 0 {
			f.Shell = shellLine("chmod", "u+w", path)
		}
	case there == nil:
		f.Reason = "no change is recorded yet; the file is made with the first"
	case there.Mode()&0o022 != 0:
		f.Level, f.Reason, f.Shell = keys.Warning, "others may write the file, and so change what it tells", shellLine("chmod", "go-w", path)
	case there.Mode()&0o004 != 0:
		f.Level, f.Reason, f.Shell = keys.Notice, "every user can read who changed which key", shellLine("chmod", "o-r", path)
	}
	x.add(f)
}

// openMost is how many changes without an outcome are counted, of those looked at last.
const openMost = 1000

// outcomes looks for changes that were begun and of which nothing more is told: a
// crash came before, or after, the commit.
func (x *examination) outcomes(ctx context.Context, a *auditLog) error {
	ended, open := map[string]bool{}, map[string]*auditLine{}
	var latest *auditLine
	database := inJSON(a.database)
	err := a.read(func(text []byte) bool {
		var l auditLine
		if !database.in(text) || !bytes.HasPrefix(text, []byte("{")) || json.Unmarshal(text, &l) != nil || l.Database != database.read {
			return ctx.Err() == nil
		}
		switch {
		case l.Phase != phaseIntent:
			ended[l.Tx] = true
		case !ended[l.Tx] && open[l.Tx] == nil:
			if open[l.Tx] = &l; latest == nil {
				latest = &l
			}
		}
		return len(open) < openMost && len(ended) < 100*openMost && ctx.Err() == nil
	})
	if err != nil || latest == nil {
		return ctx.Err() // that it cannot be read was said already
	}
	f := keys.Finding{Check: "audit", Level: keys.Notice, Path: a.file, Key: latest.Key, Reason: fmt.Sprintf(
		"the audit does not tell the outcome of changes before a crash, only the keys do: %d, the last of them %s at %s", len(open), latest.Action, latest.At)}
	if latest.Key != "" {
		f.Mend = []string{"show", latest.Key}
	}
	x.add(f)
	return ctx.Err()
}
