package keystest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What the reads of a store mean, in Go. It is written to be obvious.

// newest orders keys as pages do.
func newest(a, b keys.Key) int {
	return cmp.Or(cmp.Compare(b.CreatedAt.Millis(), a.CreatedAt.Millis()), compareIDs(a.ID, b.ID))
}

// compareIDs orders integers by value: the longer one is the greater. Where ids
// are text, they are all of one length.
func compareIDs(a, b string) int {
	if len(a) != len(b) && isNumber(a) && isNumber(b) {
		return cmp.Compare(len(a), len(b))
	}
	return strings.Compare(a, b)
}

func isNumber(id string) bool { return strings.Trim(id, "0123456789") == "" }

// pageOf returns what Page must.
func pageOf(all []keys.Key, q keys.Query, prefixID bool, size int) []keys.Key {
	var page []keys.Key
	for _, k := range slices.SortedFunc(slices.Values(all), newest) {
		if matches(&k, q) && (q.Ref == nil || named(&k, q.Ref, prefixID)) && (q.After == nil || newest(k, *q.After) > 0) {
			page = append(page, k)
		}
	}
	if q.Limit > 0 {
		size = q.Limit
	}
	return page[:min(size, len(page))]
}

// named tells whether any part of a REF names k.
func named(k *keys.Key, q *keys.RefQuery, prefixID bool) bool {
	current := k.Successor == "" && k.Label != ""
	return q.ID != "" && k.ID == q.ID ||
		prefixID && q.IDPrefix != "" && strings.HasPrefix(k.ID, q.IDPrefix) ||
		current && q.Label != "" && k.Label == q.Label ||
		current && q.LabelPrefix != "" && strings.HasPrefix(k.Label, q.LabelPrefix) ||
		q.Masked != "" && k.Masked == q.Masked
}

// survives tells whether a guard may count on some key outside except.
func survives(all []keys.Key, at keys.Instant, role string, except []string) bool {
	return slices.ContainsFunc(all, func(k keys.Key) bool {
		return k.Status(at) == keys.Active && !k.ExpiresAt.Reached(at.Add(keys.GuardHorizon)) &&
			k.Resource == "" && (role == "" || k.Role == role) && !slices.Contains(except, k.ID)
	})
}

// selector returns the part of a token that finds k, "" if none does.
func selector(i keys.Info, k *keys.Key) string {
	form := rulesOf(i).Form
	switch {
	case form == nil && k.HasSelector(), form != nil && fromToken(i.Rules.IDs):
		return k.ID
	case form != nil && form.MaskText != "":
		return k.Masked
	}
	return ""
}

// costly tells whether a wrong token must be tried on k.
func costly(i keys.Info, k *keys.Key) bool { return k.Scheme.Slow() && selector(i, k) == "" }

// digested tells whether k has one of the hashes. Where the table keeps no
// schemes, a hash tells its own.
func digested(i keys.Info, k *keys.Key, list []keys.Digested) bool {
	return slices.ContainsFunc(list, func(d keys.Digested) bool {
		return d.Hash == k.Hash && (d.Scheme == k.Scheme || i.Rules != nil && !i.Fields.Has(keys.FieldScheme))
	})
}

// candidatesOf returns what Candidates must, in any order.
func candidatesOf(i keys.Info, all []keys.Key, p keys.Presented) []keys.Key {
	var digest, selected, slow []keys.Key
	for _, k := range all {
		switch {
		case digested(i, &k, p.Digests):
			digest = append(digest, k)
		case p.Selector != "" && (k.ID == p.Selector || selector(i, &k) == p.Selector) && k.Scheme != keys.SHA256:
			selected = append(selected, k)
		case p.Scan && costly(i, &k) && (p.Inactive || k.Status(p.Now) == keys.Active):
			slow = append(slow, k)
		}
	}
	switch {
	case len(digest) > 0:
		return digest
	case p.Selector != "" && !p.Scan:
		return selected
	}
	return append(selected, slow...)
}
