package db

import (
	"context"
	"database/sql/driver"
	"math"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// foreignLedger is that of another server's database: the claim and the lockouts
// are in the tables that its layout names, the policy is the server's rules, and
// the audit is a file.
type foreignLedger struct {
	layout  *Layout
	session session
	path    string
	upheld
	audit  *auditLog  // nil for none
	change *auditHold // of a change; nil for none
	events []keys.Event
	entry  *auditEntry // written before the commit
}

func newForeignLedger(d *DB, s session) ledger {
	return &foreignLedger{layout: d.table.Layout, session: s, path: d.options.Path, audit: d.audit}
}

// Claimed implements [keys.LedgerReader]. Where the moment is not recorded, or
// cannot be read, it is 1970: the claim still stands.
func (l *foreignLedger) Claimed(ctx context.Context) (at keys.Instant, err error) {
	t := l.layout.Claim
	if t == nil {
		return at, nil
	}
	moment := "NULL"
	if t.At != "" {
		moment = "+" + quote(t.At) // an expression: of a declared type, drivers make values of their own
	}
	query := "SELECT " + moment + " FROM " + quote(t.Table) + " WHERE " + quote(t.Column) + " = ?"
	err = l.session.each(ctx, query, []any{t.Value}, func(v []driver.Value) error {
		if t.At == "" || codecs[t.Codec].decode(v[0], &at) != nil || at.IsNone() {
			at = keys.Millis(0)
		}
		return nil
	})
	return at, wrap(err, l.path, "reading the claim")
}

// Claim implements [keys.Ledger]. A claim that exists is kept.
func (l *foreignLedger) Claim(ctx context.Context, at keys.Instant) error {
	held, err := l.Claimed(ctx)
	if err != nil || !held.IsNone() || l.layout.Claim == nil {
		return err
	}
	t := l.layout.Claim
	columns, values, args := quote(t.Column), "?", []any{t.Value}
	if t.At != "" {
		columns, values, args = columns+", "+quote(t.At), "?, ?", append(args, codecs[t.Codec].encode(&at))
	}
	if _, err := l.session.change(ctx, "INSERT INTO "+quote(t.Table)+" ("+columns+") VALUES ("+values+")", args...); err != nil {
		return wrap(err, l.path, "claiming the database")
	}
	return l.hold(ctx, l.claimKept)
}

func (l *foreignLedger) claimKept(ctx context.Context) error {
	at, err := l.Claimed(ctx)
	if err == nil && at.IsNone() {
		return undone(l.path, "keep its claim")
	}
	return err
}

// SetPolicy implements [keys.Ledger].
func (l *foreignLedger) SetPolicy(context.Context, []keys.Setting) error {
	return keys.Errorf(keys.ReasonUnsupported, "the rules of this database are its server's: there is no policy to set").OnPath(l.path)
}

// Policy implements [keys.LedgerReader]: a server's rules leave nothing to set.
func (l *foreignLedger) Policy(context.Context) (keys.Policy, error) {
	p := keys.Policy{UniqueLabels: l.layout.Rules.Label.Unique, SlowKeys: math.MaxInt}
	if l.layout.Rules.Guard == keys.GuardAdmin {
		p.AdminRole = l.layout.Rules.AdminRole
	}
	return p, nil
}

// Record implements [keys.Ledger]. The events are written right before the commit.
func (l *foreignLedger) Record(_ context.Context, events []keys.Event) error {
	l.events = append(l.events, events...)
	return nil
}

// reserve implements [ledger].
func (l *foreignLedger) reserve() *auditHold {
	l.change = l.audit.reserve()
	return l.change
}

// ready implements [ledger]: there is a server's table, or it had not been recognised.
func (l *foreignLedger) ready(context.Context) error { return nil }

// prepare implements [ledger].
func (l *foreignLedger) prepare(context.Context) error { return l.audit.check() }

// tables implements [ledger].
func (l *foreignLedger) tables() (names []string) {
	if t := l.layout.Claim; t != nil {
		names = append(names, t.Table)
	}
	if t := l.layout.Lockouts; t != nil {
		names = append(names, t.Table)
	}
	return names
}

// settle implements [ledger].
func (l *foreignLedger) settle(ctx context.Context, _ bool) error { return l.holds(ctx) }

// committing implements [ledger]: what is about to be done is on disk first.
func (l *foreignLedger) committing(ctx context.Context) (err error) {
	if len(l.events) == 0 || l.change == nil {
		return nil
	}
	var id string
	if err := l.session.queryRow(ctx, "SELECT lower(hex(randomblob(8)))").Scan(&id); err != nil {
		return wrap(err, l.path, "recording the change")
	}
	l.entry, err = l.change.record(id, l.events)
	return err
}

// ended implements [ledger].
func (l *foreignLedger) ended(committed bool) {
	if l.entry != nil {
		l.entry.end(committed)
	}
	l.change.close()
}
