package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// doubledMost is how many values are told that several keys have.
const doubledMost = 10

// doubles looks for keys that only one of should be: with one hash, which one token
// opens, and with one label, which names neither.
func (x *examination) doubles(ctx context.Context, d *DB) error {
	before := len(x.Findings)
	var policy keys.Policy
	var labels [][]keys.Key
	err := d.View(ctx, func(r keys.Reader) error {
		t := r.(*tx)
		if !t.checked { // else an index keeps them apart
			if err := x.sameHash(ctx, &t.rows); err != nil {
				return err
			}
		}
		var err error
		policy, err = r.Policy(ctx)
		if errors.Is(err, &keys.Error{Reason: keys.ReasonPolicy}) {
			err = nil // a finding of its own; what is understood of it counts
		}
		if err != nil || t.lacks(keys.FieldLabel) {
			return err
		}
		labels, err = t.doubled(ctx, keys.FieldLabel, x.Now)
		return err
	})
	if err == nil {
		err = x.sameLabels(ctx, d, policy, labels)
	}
	if err == nil && len(x.Findings) == before {
		x.fine("duplicates", "no two keys in use have one hash or one label", "")
	}
	return err
}

func (x *examination) sameHash(ctx context.Context, r *rows) error {
	shared, err := r.doubled(ctx, keys.FieldHash, x.Now)
	for _, list := range shared[:min(len(shared), doubledMost)] {
		x.add(keys.Finding{
			Check: "duplicates", Level: keys.Warning, Key: list[0].ID, Mend: switchOff(r.Rules.Revoke, list[0].ID),
			Reason: fmt.Sprintf("key %s has the hash of key %s: one token opens both, and to revoke one of them is not enough", list[0].ID, list[1].ID),
		})
	}
	return err
}

// sameLabels is about keys that nothing replaces: a label means these. Where an audit
// alone tells which those are, and cannot be read, all of them are taken for some.
func (x *examination) sameLabels(ctx context.Context, d *DB, p keys.Policy, labels [][]keys.Key) error {
	left, err := (&keys.Service{Store: d}).Unreplaced(ctx, labels)
	if errors.Is(err, &keys.Error{Reason: keys.ReasonAudit}) {
		left, err = labels, nil // that is a finding of its own
	}
	told := 0
	for _, list := range left {
		if len(list) > 1 && told < doubledMost {
			x.sameLabel(&d.table.Rules, list, p)
			told++
		}
	}
	return err
}

func (x *examination) sameLabel(r *keys.Rules, list []keys.Key, p keys.Policy) {
	k, level := list[0], keys.Notice
	if p.UniqueLabels {
		level = keys.Warning
	}
	f := keys.Finding{
		Check: "duplicates", Level: level, Key: k.ID,
		Reason: fmt.Sprintf("%d keys in use have the label %s, which so names none of them", len(list), keys.PrintableText(k.Label)),
	}
	if own := k.Label + "-" + k.ID; r.TakesLabel(own, p) {
		f.Mend = []string{"update", k.ID, "--label", own}
	}
	x.add(f)
}

func switchOff(kind keys.RevokeKind, id string) []string {
	if kind == keys.RevokeNone {
		return []string{"delete", id}
	}
	return []string{"revoke", id}
}

// doubled returns the keys in use that share a value, the newest first.
func (r *rows) doubled(ctx context.Context, f keys.Field, now keys.Instant) (lists [][]keys.Key, err error) {
	name := r.exactly(f)
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s IS NOT NULL AND %s <> '' GROUP BY 1 HAVING count(*) > 1 LIMIT %d",
		name, quote(r.Table), name, name, 10*doubledMost)
	var values []any
	err = r.session.each(ctx, query, nil, func(v []driver.Value) error {
		values = append(values, v[0])
		return nil
	})
	if err != nil {
		return nil, wrap(err, r.path, "looking for duplicates")
	}
	for _, value := range values {
		shared, err := r.sharing(ctx, name, value, now)
		if err != nil {
			return nil, err
		}
		if len(shared) > 1 {
			lists = append(lists, shared)
		}
	}
	return lists, nil
}

// sharing returns the keys in use that have this value, some of them if there are many.
func (r *rows) sharing(ctx context.Context, name string, value any, now keys.Instant) (list []keys.Key, err error) {
	tail := " WHERE " + name + " = ?"
	if !r.lacks(keys.FieldCreatedAt) {
		tail += " ORDER BY " + r.exactly(keys.FieldCreatedAt) + " DESC"
	}
	found, err := r.fetch(ctx, 0, tail+" LIMIT 100", value)
	for i := range found {
		if s := found[i].Status(now); (s == keys.Active || s == keys.Pending) && found[i].Successor == "" {
			list = append(list, found[i])
		}
	}
	return list, err
}
