package db

import (
	"context"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// ready implements [ledger]: there must be tables to read, and not too old ones.
// Where there were none, another process may have made them meanwhile.
func (l *nativeLedger) ready(ctx context.Context) error {
	if version := l.db.schema.Load(); version > 0 {
		return l.db.readable(int(version))
	}
	names, err := tableNames(ctx, l.session)
	if err != nil || isNative(names) {
		return wrap(err, l.path, "reading the schema")
	}
	return keys.Errorf(keys.ReasonEmpty, "%s holds no keys yet", l.path).OnPath(l.path)
}

// prepare implements [ledger]: the schema must be the one that this program
// writes. A database that is being bootstrapped gets it now.
func (l *nativeLedger) prepare(ctx context.Context) error {
	if l.db.options.Access == Create {
		if err := l.db.ensureSchema(ctx, l.session); err != nil {
			return err
		}
	}
	version, err := schemaVersion(ctx, l.session)
	if err != nil {
		return wrap(err, l.path, "reading the schema version")
	}
	if version == len(l.db.steps) {
		return nil
	}
	if err := l.db.readable(version); err != nil {
		return err
	}
	return keys.Errorf(keys.ReasonOldSchema, "%s has schema %d: changing it needs %d", l.path, version, len(l.db.steps)).
		OnPath(l.path)
}

// tables implements [ledger].
func (l *nativeLedger) tables() []string {
	return []string{"keyreeve_audit", "keyreeve_state", "keyreeve_lockouts", "keyreeve_settings"}
}

// settle implements [ledger]: it writes what is yet to be recorded, counts the change,
// and looks whether the database kept both.
func (l *nativeLedger) settle(ctx context.Context, changed bool) error {
	if !changed && !l.changed {
		return nil
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	if err := l.count(ctx); err != nil || !l.triggers {
		return err
	}
	if err := l.auditKept(ctx); err != nil {
		return err
	}
	return l.holds(ctx)
}

// count counts the change.
func (l *nativeLedger) count(ctx context.Context) error {
	res, err := l.session.change(ctx, "UPDATE keyreeve_state SET change_counter = change_counter + 1")
	if err != nil {
		return wrap(err, l.path, "counting the change")
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return undone(l.path, "count the change").Because(err)
	}
	return nil
}

func (l *nativeLedger) auditKept(ctx context.Context) error {
	if l.recorded == 0 {
		return nil
	}
	after, err := l.audited(ctx)
	if err == nil && after-l.before != l.recorded {
		return undone(l.path, "keep the audit of the change")
	}
	return err
}

// committing implements [ledger].
func (l *nativeLedger) committing(context.Context) error { return nil }

// reserve implements [ledger]: the audit is in the database.
func (l *nativeLedger) reserve() *auditHold { return nil }

// ended implements [ledger].
func (l *nativeLedger) ended(committed bool) {
	if committed {
		l.db.schema.Store(int64(len(l.db.steps)))
	}
}
