package db

import (
	"context"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// selects tells whether tokens of this form have a part by which their key is found.
// Keys of our own form say so one by one, see [keys.Key.HasSelector].
func selects(form *keys.TokenForm) bool {
	if form == nil {
		return false
	}
	return form.Selector.Bytes > 0 || form.Selector.Chars > 0 ||
		form.Pattern != nil && form.Pattern.SubexpIndex("selector") >= 0
}

// Candidates implements [keys.Reader].
func (r *rows) Candidates(ctx context.Context, p keys.Presented) ([]keys.Key, error) {
	for _, d := range p.Digests {
		found, err := r.digested(ctx, d)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	var found []keys.Key
	if p.Selector != "" {
		var err error
		if found, err = r.selected(ctx, p.Selector); err != nil {
			return nil, err
		}
	}
	if !p.Scan {
		return found, nil
	}
	slow, err := r.SlowKeys(ctx)
	return append(found, toScan(slow, found, p)...), err
}

// toScan returns the slow keys that a token is tried on besides those found, active
// ones first.
func toScan(slow, found []keys.Key, p keys.Presented) []keys.Key {
	var active, rest []keys.Key
	for _, k := range slow {
		switch {
		case slices.ContainsFunc(found, func(f keys.Key) bool { return f.ID == k.ID }):
		case k.Status(p.Now) == keys.Active:
			active = append(active, k)
		case p.Inactive:
			rest = append(rest, k)
		}
	}
	return append(active, rest...)
}

// digested returns the keys with this hash. Where no column tells the scheme, it is
// the one that led there.
func (r *rows) digested(ctx context.Context, d keys.Digested) ([]keys.Key, error) {
	hash := r.bind(keys.FieldHash, &d.Hash)
	if hash == nil {
		return nil, nil
	}
	tail := " WHERE " + r.column[keys.FieldHash] + " = ?"
	if !r.schemeless {
		return r.fetch(ctx, 1, tail+" AND "+r.column[keys.FieldScheme]+" = ?", hash, string(d.Scheme))
	}
	found, err := r.fetch(ctx, 1, tail, hash)
	for i := range found {
		found[i].Scheme = d.Scheme
	}
	return found, err
}

// selected returns the key that a token's selector names, unless its digest would
// have found it.
func (r *rows) selected(ctx context.Context, selector string) ([]keys.Key, error) {
	bound := r.bind(r.Selector, &selector)
	if bound == nil {
		return nil, nil
	}
	tail := " WHERE " + r.exactly(r.Selector) + " = ?"
	if !r.schemeless {
		tail += " AND NOT " + r.column[keys.FieldScheme] + " = '" + string(keys.SHA256) + "'"
	}
	return r.fetch(ctx, 1, tail, bound)
}

// SlowKeys implements [keys.Reader].
func (r *rows) SlowKeys(ctx context.Context) ([]keys.Key, error) {
	if r.selects || r.schemeless && !r.slowRules() {
		return nil, nil
	}
	tail := ""
	if !r.schemeless {
		tail = " WHERE " + r.column[keys.FieldScheme] + " <> '" + string(keys.SHA256) + "'"
	}
	found, err := r.fetch(ctx, 0, tail)
	return slices.DeleteFunc(found, func(k keys.Key) bool { return !k.Scheme.Slow() || k.HasSelector() }), err
}

// slowRules tells whether the server has keys that only a slow hash finds.
func (r *rows) slowRules() bool {
	return r.Rules.Hash.Scheme.Slow() || slices.ContainsFunc(r.Rules.Hash.Legacy, keys.Scheme.Slow)
}
