package keystest

import (
	"context"
	"errors"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// failing is a store whose audit fails once it has taken some events.
type failing struct {
	keys.Store
	takes int
}

var errUnrecorded = errors.New("the audit is full")

func (f failing) Update(ctx context.Context, fn func(keys.Tx) error) error {
	return f.Store.Update(ctx, func(tx keys.Tx) error { return fn(&failingTx{tx, f.takes}) })
}

type failingTx struct {
	keys.Tx
	takes int
}

func (t *failingTx) Record(ctx context.Context, events []keys.Event) error {
	if t.takes -= len(events); t.takes < 0 {
		return errUnrecorded
	}
	return t.Tx.Record(ctx, events)
}

func (l *lab) wantUnrecorded(err error, what string) {
	if !errors.Is(err, errUnrecorded) {
		l.errorf("%s that cannot be recorded gives %v, want %v", what, err, errUnrecorded)
	}
}
