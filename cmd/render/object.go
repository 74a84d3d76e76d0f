package render

import (
	"fmt"
	"strconv"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// pairs writes members whose values are as [Pair] allows.
func (t *tree) pairs(o *Options, pairs []Pair) {
	for _, p := range pairs {
		switch v := p.Value.(type) {
		case []Pair:
			t.nest(p.Name)
			t.pairs(o, v)
			t.end()
		case *keys.Key:
			t.keyPair(o, p.Name, v)
		case []keys.Key:
			fields := o.columns(keys.ShownFields())
			t.each(p.Name, len(v), func(i int) { t.keyObject(o, fields, &v[i], nil) })
		case Records:
			t.each(p.Name, len(v.Rows), func(i int) { t.pairs(o, v.pairs(i)) })
		default:
			start := t.value(p.Name)
			t.b = appendValue(t.b, v)
			t.settle(start)
		}
	}
}

func (t *tree) keyPair(o *Options, name string, k *keys.Key) {
	if k == nil {
		t.value(name)
		t.b = appendValue(t.b, nil)
		return
	}
	t.nest(name)
	t.keyObject(o, o.columns(keys.ShownFields()), k, nil)
	t.end()
}

// keyObject writes the members of a key object: its fields, then what else there
// is to say of it. Advice is the last, and always there unless columns were
// chosen. A field whose value cannot be read is null, and the advice says so.
func (t *tree) keyObject(o *Options, fields []keys.Field, k *keys.Key, extra []Pair) {
	bad := damaged(k)
	for _, f := range fields {
		start := t.value(f.String())
		if bad.Has(f) {
			t.b = append(t.b, "null"...)
		} else {
			t.b = f.AppendJSON(t.b, k, o.Now)
		}
		t.settle(start)
	}
	t.pairs(o, extra)
	if len(o.Columns) == 0 && !named(extra, "advice") {
		t.value("advice")
		t.b = appendTexts(t.b, damageAdvice(k))
	}
}

func named(pairs []Pair, name string) bool {
	for _, p := range pairs {
		if p.Name == name {
			return true
		}
	}
	return false
}

func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case nil, Unread:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case keys.Instant:
		return appendText(b, v.String())
	case []string:
		return appendTexts(b, v)
	case Sentences:
		return appendTexts(b, v)
	}
	return appendText(b, fmt.Sprint(value))
}

func appendText(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return keys.AppendString(b, s)
}

func appendTexts(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = keys.AppendString(b, s)
	}
	return append(b, ']')
}
