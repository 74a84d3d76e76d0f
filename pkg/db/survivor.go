package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Survivor implements [keys.Reader]. Of what the columns let through, a key counts
// only if it reads as one that a server accepts.
func (r *rows) Survivor(ctx context.Context, now keys.Instant, role string, except []string) (bool, error) {
	lasting := now.Add(keys.GuardHorizon)
	conds := []cond{
		all(not(r.compare(keys.FieldExpiresAt, "<=", &lasting)), not(r.compare(keys.FieldNotBefore, ">", &now))),
	}
	if name, ok := r.column[keys.FieldResource]; ok && r.checked {
		conds = append(conds, cond{sql: name + " IS NULL"})
	}
	if role != "" {
		conds = append(conds, r.compare(keys.FieldRole, "=", &role))
	}
	lasts := func(k *keys.Key) bool {
		return r.usable(k, now) && !k.ExpiresAt.Reached(lasting) && k.Resource == "" && (role == "" || k.Role == role)
	}
	for _, on := range r.switchedOn(now) {
		found, err := r.outside(ctx, all(append(conds, on)...), except, lasts)
		if found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// usable tells whether a server could accept the key's token at now.
func (r *rows) usable(k *keys.Key, now keys.Instant) bool {
	if k.Status(now) != keys.Active || slices.ContainsFunc(k.Damage, func(d keys.Damage) bool { return !d.Odd }) {
		return false
	}
	return r.lacks(keys.FieldHash) || r.Rules.Hash.Compares(k.Scheme, k.Hash)
}

// switchedOn returns the ways not to be revoked at now, each for a query of its
// own. The literal lets the partial index of enabled keys serve the common case.
func (r *rows) switchedOn(now keys.Instant) []cond {
	var ways []cond
	switch enabled := r.column[keys.FieldEnabled]; {
	case enabled != "" && r.codecOf(keys.FieldEnabled).nullIsOn:
		ways = []cond{{sql: enabled + " = 0"}, {sql: enabled + " IS NULL"}}
	case enabled != "":
		ways = []cond{{sql: enabled + " = 1"}}
	case r.Rules.Revoke == keys.RevokeTime:
		ways = []cond{{sql: r.column[keys.FieldRevokedAt] + " IS NULL"}}
	default:
		return []cond{always(true)}
	}
	switch until := r.column[keys.FieldRevokedUntil]; {
	case until == "":
	case r.checked: // by its index
		ways = append(ways, cond{until + " <= ?", []any{r.bind(keys.FieldRevokedUntil, &now)}})
	default:
		ways = append(ways, r.compare(keys.FieldRevokedUntil, "<=", &now))
	}
	return ways
}

// errEnough ends a read that has found what it looked for.
var errEnough = errors.New("enough")

// outside tells whether a key of the condition is not in except, which may be
// longer than a statement's list of parameters, and lasts.
func (r *rows) outside(ctx context.Context, c cond, except []string, lasts func(*keys.Key) bool) (bool, error) {
	excepted := make(map[string]bool, len(except))
	for _, id := range except {
		excepted[id] = true
	}
	err := r.session.each(ctx, r.every.selects+" WHERE "+c.sql, c.args, func(values []driver.Value) error {
		var k keys.Key
		if r.decode(r.every, values, &k); !excepted[k.ID] && lasts(&k) {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return true, nil
	}
	return false, wrap(err, r.path, "looking for another key")
}
