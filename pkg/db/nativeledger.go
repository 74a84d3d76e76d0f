package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// nativeLedger keeps the claim, the policy, the audit and the lockouts in
// keyreeve's own tables.
type nativeLedger struct {
	db      *DB
	session session
	path    string
	upheld
	changed  bool
	before   int          // events there were before ours, where there are triggers
	pending  []keys.Event // are yet to be written
	recorded int          // events of this transaction that were
}

func newNativeLedger(d *DB, s session) ledger {
	return &nativeLedger{db: d, session: s, path: d.options.Path}
}

// Claimed implements [keys.LedgerReader].
func (l *nativeLedger) Claimed(ctx context.Context) (keys.Instant, error) {
	var at sql.NullInt64
	err := l.session.queryRow(ctx, "SELECT claimed_at FROM keyreeve_state").Scan(&at)
	if err != nil || !at.Valid {
		return keys.Instant{}, wrap(err, l.path, "reading the claim")
	}
	return keys.Millis(at.Int64), nil
}

// Claim implements [keys.Ledger].
func (l *nativeLedger) Claim(ctx context.Context, at keys.Instant) error {
	_, err := l.session.change(ctx, "UPDATE keyreeve_state SET claimed_at = ? WHERE claimed_at IS NULL", at.Millis())
	l.changed = true
	if err != nil {
		return wrap(err, l.path, "claiming the database")
	}
	return l.hold(ctx, func(ctx context.Context) error {
		held, err := l.Claimed(ctx)
		if err == nil && held.IsNone() {
			return undone(l.path, "keep its claim")
		}
		return err
	})
}

// Policy implements [keys.LedgerReader].
func (l *nativeLedger) Policy(ctx context.Context) (keys.Policy, error) {
	p := keys.DefaultPolicy()
	rs, err := l.session.query(ctx, "SELECT name, value FROM keyreeve_settings")
	if err != nil {
		return p, wrap(err, l.path, "reading the policy")
	}
	defer rs.Close()
	var stored []keys.Setting
	for rs.Next() {
		var set keys.Setting
		if err := rs.Scan(&set.Name, &set.Value); err != nil {
			return p, wrap(err, l.path, "reading the policy")
		}
		stored = append(stored, set)
	}
	if err := rs.Err(); err != nil {
		return p, wrap(err, l.path, "reading the policy")
	}
	err = p.SetAll(stored)
	return p, onPath(err, l.path)
}

const (
	eventColumns = "at, action, key_id, user, claimed_user, host, process, reason, forced, before, after"
	recordEvent  = "INSERT INTO keyreeve_audit (" + eventColumns + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	lastEvent    = "SELECT " + eventColumns + " FROM keyreeve_audit WHERE key_id = ? AND action = ? ORDER BY seq DESC LIMIT 1"
)

// Record implements [keys.Ledger]. Events are written many at once. Where a trigger
// could refuse or undo one, each call writes its own: also a dry run, which ends before
// the rest would be written, is to tell of that.
func (l *nativeLedger) Record(ctx context.Context, events []keys.Event) error {
	l.changed = true
	l.pending = append(l.pending, events...)
	if len(l.pending) < atATime && !l.triggers && *l.session.failed == nil {
		return wrap(ctx.Err(), l.path, "recording the change")
	}
	return l.flush(ctx)
}

// flush writes the events that wait.
func (l *nativeLedger) flush(ctx context.Context) (err error) {
	if len(l.pending) == 0 {
		return nil
	}
	if l.recorded == 0 && l.triggers {
		if l.before, err = l.audited(ctx); err != nil {
			return err
		}
	}
	l.recorded += len(l.pending)
	err = l.session.changeEach(ctx, recordEvent, len(l.pending), func(i int) []any {
		e := &l.pending[i]
		return []any{e.At.Millis(), string(e.Action), null(e.KeyID), e.Actor.User, null(e.Actor.Claimed),
			e.Actor.Host, e.Actor.Process, null(e.Reason), e.Forced, null(e.Before), null(e.After)}
	}, func(int, driver.Result) error { return nil })
	l.pending = l.pending[:0]
	if err != nil || !l.triggers {
		return wrap(err, l.path, "recording the change")
	}
	return l.auditKept(ctx)
}

func (l *nativeLedger) audited(ctx context.Context) (n int, err error) {
	err = l.session.queryRow(ctx, "SELECT count(*) FROM keyreeve_audit").Scan(&n)
	return n, wrap(err, l.path, "reading the audit")
}

// last returns the latest event of this action on each of these keys.
func (l *nativeLedger) last(ctx context.Context, action keys.Action, ids []string) (map[string]keys.Event, error) {
	found := map[string]keys.Event{}
	for _, id := range ids {
		e, err := l.lastOf(ctx, action, id)
		switch {
		case err == nil:
			found[id] = e
		case !errors.Is(err, sql.ErrNoRows):
			return nil, wrap(err, l.path, "reading the audit")
		}
	}
	return found, nil
}

func (l *nativeLedger) lastOf(ctx context.Context, action keys.Action, id string) (e keys.Event, err error) {
	var at int64
	var key, claimed, reason, before, after sql.NullString
	err = l.session.queryRow(ctx, lastEvent, id, string(action)).Scan(&at, &e.Action, &key, &e.Actor.User,
		&claimed, &e.Actor.Host, &e.Actor.Process, &reason, &e.Forced, &before, &after)
	e.At, e.KeyID, e.Actor.Claimed, e.Reason = keys.Millis(at), key.String, claimed.String, reason.String
	e.Before, e.After = before.String, after.String
	return e, err
}

// null binds an empty text as NULL.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}
