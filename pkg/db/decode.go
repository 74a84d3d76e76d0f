package db

import (
	"database/sql/driver"
	"net/netip"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// decode reads a row into k, which is new. What cannot be read is noted, so that it
// hides neither the rest of the key nor other keys.
func (t *table) decode(p projection, values []driver.Value, k *keys.Key) {
	for i := range p.columns {
		read := &p.columns[i]
		if err := read.decode(values[i], read.field.Ref(k)); err != nil {
			c := &t.Columns[read.column]
			k.Damage = append(k.Damage, keys.Damage{Field: c.Field, Column: c.Name, Problem: err.Error(), Odd: isOdd(err)})
		}
	}
	t.derive(k)
	if p.revoked >= 0 { // whatever it is, it is no NULL
		k.Enabled = values[p.revoked] == nil
	}
	t.remark(k, p.odd)
}

// remark notes what the server takes in a way of its own.
func (t *table) remark(k *keys.Key, read keys.Fields) {
	if read == 0 {
		return
	}
	for _, d := range t.Rules.Oddities(k, read) {
		d.Column = t.columnName(d.Field)
		k.Damage = append(k.Damage, d)
	}
}

// derive fills in what no column tells.
func (t *table) derive(k *keys.Key) {
	for _, i := range t.asCreated {
		if at, ok := t.Columns[i].Field.Ref(k).(*keys.Instant); ok && *at == k.CreatedAt {
			*at = keys.Instant{}
		}
	}
	if t.schemeless && k.Scheme == "" {
		k.Scheme = t.schemeOf(k.Hash)
	}
	if t.flagless {
		k.Enabled = t.Rules.Revoke != keys.RevokeTime || k.RevokedAt.IsNone()
	}
}

// schemeOf returns the scheme of a stored hash where no column tells it: the first
// that could have made it, of those that the server accepts.
func (t *table) schemeOf(hash string) keys.Scheme {
	rules := &t.Rules.Hash
	if hash == "" || len(rules.Legacy) == 0 || rules.Scheme.Check(hash) == nil {
		return rules.Scheme
	}
	for _, s := range rules.Legacy {
		if s.Check(hash) == nil {
			return s
		}
	}
	return rules.Scheme
}

// keep makes k what the table keeps of it, once it is written.
func (t *table) keep(k *keys.Key) {
	for _, f := range t.absent {
		reset(f.Ref(k))
	}
	for _, i := range t.lossy {
		ref := t.Columns[i].Field.Ref(k)
		_ = t.codecs[i].decode(t.codecs[i].encode(ref), ref) // its own writing
	}
	t.derive(k)
}

// values returns what a new row of k holds.
func (t *table) values(k *keys.Key) []any {
	values := make([]any, 0, len(t.Columns)+len(t.Copies)+len(t.Constants))
	for i := range t.Columns {
		values = append(values, t.value(i, k))
	}
	for i, c := range t.Copies {
		values = append(values, t.copies[i].encode(c.Of.Ref(k)))
	}
	for _, c := range t.Constants {
		values = append(values, c.Value)
	}
	return values
}

// value returns what the column holds of k.
func (t *table) value(i int, k *keys.Key) any {
	c := &t.Columns[i]
	ref := c.Field.Ref(k)
	if at, ok := ref.(*keys.Instant); ok && c.AsCreated && at.IsNone() {
		ref = &k.CreatedAt
	}
	return t.codecs[i].encode(ref)
}

// holds refuses a value that its column has no form for.
func (t *table) holds(i int, value any, k *keys.Key) error {
	c := &t.Columns[i]
	if value != nil || isNone(c.Field.Ref(k)) {
		return nil
	}
	return keys.Errorf(keys.ReasonUnsupported, "the column %s of %s cannot hold this %s: it is kept there as %s",
		c.Name, t.Table, c.Field, c.Codec).OnKey(k.ID)
}

// isNone tells whether a field has no value. Truth values always are one.
func isNone(ref any) bool {
	switch v := ref.(type) {
	case *string:
		return *v == ""
	case *keys.Instant:
		return v.IsNone()
	case *keys.Rate:
		return v.IsZero()
	case *[]string:
		return len(*v) == 0
	case *[]netip.Prefix:
		return len(*v) == 0
	case *map[string]string:
		return len(*v) == 0
	}
	return false
}

func reset(ref any) {
	switch v := ref.(type) {
	case *string:
		*v = ""
	case *keys.Instant:
		*v = keys.Instant{}
	case *keys.Rate:
		*v = keys.Rate{}
	case *[]string:
		*v = nil
	case *[]netip.Prefix:
		*v = nil
	case *map[string]string:
		*v = nil
	}
}
