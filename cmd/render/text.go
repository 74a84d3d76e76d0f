package render

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// none is what people see where a value is missing.
const none = "-"

// cell returns the field as people read it in a table.
func (o *Options) cell(f keys.Field, k *keys.Key) string {
	text := o.fieldText(f, k, ",")
	switch {
	case len(k.Damage) > 0 && damaged(k).Has(f):
		return unreadable
	case text != "":
		return text
	case f == keys.FieldExpiresAt:
		return "never"
	}
	return none
}

func (o *Options) fieldText(f keys.Field, k *keys.Key, comma string) string {
	switch v := f.Ref(k).(type) {
	case *string:
		return keys.PrintableText(*v)
	case *keys.Instant:
		return o.moment(*v)
	case *keys.Rate:
		return v.String()
	case *[]string:
		return keys.PrintableText(strings.Join(*v, comma))
	case *[]netip.Prefix:
		return joinPrefixes(*v, comma)
	case *map[string]string:
		return keys.PrintableText(joinMap(*v, comma))
	}
	return Paint(*o, k.Status(o.Now))
}

// moment returns a time as a table shows it, "" for none.
func (o *Options) moment(i keys.Instant) string {
	if o.Terminal {
		return Relative(i, o.Now)
	}
	return wholeSecond(i)
}

// wholeSecond returns RFC 3339 without the milliseconds, which no person needs.
func wholeSecond(i keys.Instant) string {
	if i.IsNone() {
		return ""
	}
	return i.Time().Format(time.RFC3339)
}

// plainText returns a value of a [Pair] without anything added for people.
func plainText(value any) string {
	switch v := value.(type) {
	case nil, Unread:
		return ""
	case keys.Instant:
		return v.String()
	}
	return fmt.Sprint(value)
}

func joinPrefixes(list []netip.Prefix, sep string) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.String()
	}
	return strings.Join(texts, sep)
}

func joinMap(m map[string]string, sep string) string {
	texts := make([]string, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		texts = append(texts, name+"="+m[name])
	}
	return strings.Join(texts, sep)
}
