package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// SetPolicy implements [keys.Ledger].
func (l *nativeLedger) SetPolicy(ctx context.Context, settings []keys.Setting) error {
	for _, s := range settings {
		if err := l.set(ctx, s); err != nil {
			return wrap(err, l.path, "writing the policy")
		}
		if err := l.hold(ctx, func(ctx context.Context) error { return l.isSet(ctx, s) }); err != nil {
			return err
		}
	}
	return nil
}

func (l *nativeLedger) set(ctx context.Context, s keys.Setting) (err error) {
	l.changed = true
	if s.Value == "" {
		_, err = l.session.change(ctx, "DELETE FROM keyreeve_settings WHERE name = ?", s.Name)
		return err
	}
	_, err = l.session.change(ctx, "INSERT OR REPLACE INTO keyreeve_settings (name, value) VALUES (?, ?)", s.Name, s.Value)
	return err
}

// isSet makes sure that the database kept a setting.
func (l *nativeLedger) isSet(ctx context.Context, s keys.Setting) error {
	var value string
	err := l.session.queryRow(ctx, "SELECT value FROM keyreeve_settings WHERE name = ?", s.Name).Scan(&value)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return wrap(err, l.path, "reading the policy")
	case value != s.Value:
		return undone(l.path, "keep its policy")
	}
	return nil
}
