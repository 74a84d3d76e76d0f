package db

import (
	"context"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// ledger is what stands beside the keys of a database, in one transaction: its
// claim, policy, audit and lockouts, and what these ask of the transaction.
type ledger interface {
	keys.Ledger
	// reserve comes before a change, and opens what records it besides the
	// database: nil for nothing.
	reserve() *auditHold
	// ready makes sure that there is something to read.
	ready(ctx context.Context) error
	// prepare makes sure, under the write lock, that the database can be changed,
	// and the change recorded.
	prepare(ctx context.Context) error
	// tables names those that the ledger writes.
	tables() []string
	// distrust says that triggers could undo what is written.
	distrust()
	// settle ends the work of the transaction, which changed keys or did not.
	settle(ctx context.Context, changed bool) error
	// committing comes right before the commit, which it can refuse.
	committing(ctx context.Context) error
	// ended comes last: after the commit, or after the rollback.
	ended(committed bool)
}

// newLedger makes the ledger of one transaction.
type newLedger func(d *DB, s session) ledger

// use settles whose key table this is, and with it the ledger.
func (d *DB) use(l *Layout) {
	d.table, d.newLedger = newTable(l), l.ledger
	if d.newLedger == nil {
		d.newLedger = newForeignLedger
	}
}

// upheld are checks of what a ledger wrote. Where triggers could undo it behind our
// back, they are made again at the end of the change.
type upheld struct {
	triggers bool
	checks   []func(context.Context) error
}

// distrust implements [ledger].
func (u *upheld) distrust() { u.triggers = true }

// hold makes a check, now and, if need be, at the end.
func (u *upheld) hold(ctx context.Context, check func(context.Context) error) error {
	if u.triggers {
		u.checks = append(u.checks, check)
	}
	return check(ctx)
}

// holds makes all checks again.
func (u *upheld) holds(ctx context.Context) error {
	for _, check := range u.checks {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// undone says what the database did not do, such as "keep its claim".
func undone(path, what string) *keys.Error {
	return keys.Errorf(keys.ReasonUndone, "the database did not %s: a trigger of its own may forbid it", what).OnPath(path)
}
