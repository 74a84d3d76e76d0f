package keys

import (
	"bytes"
	"maps"
	"net/netip"
	"slices"
	"unicode"
	"unicode/utf8"
)

// AppendJSON appends the field's value in k as JSON, without its name. An empty
// text, an absent moment and a zero rate are null, lists without members [] and
// metadata without entries {}. The status is that at now. The hash is always
// null: nothing may print it.
func (f Field) AppendJSON(b []byte, k *Key, now Instant) []byte {
	switch f {
	case FieldStatus:
		return AppendString(b, string(k.Status(now)))
	case FieldHash:
		return append(b, "null"...)
	}
	switch v := f.Ref(k).(type) {
	case *string:
		return appendText(b, *v)
	case *Instant:
		return appendInstant(b, *v)
	case *bool:
		return appendBool(b, *v)
	case *Rate:
		return appendText(b, v.String())
	case *[]string:
		return appendList(b, *v, AppendString)
	case *[]netip.Prefix:
		return appendList(b, *v, appendPrefix)
	case *map[string]string:
		return appendMap(b, *v)
	}
	return append(b, "null"...)
}

func appendText(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return AppendString(b, s)
}

func appendInstant(b []byte, i Instant) []byte {
	if i.IsNone() {
		return append(b, "null"...)
	}
	return append(i.AppendFormat(append(b, '"')), '"')
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, "true"...)
	}
	return append(b, "false"...)
}

func appendPrefix(b []byte, p netip.Prefix) []byte {
	return append(p.AppendTo(append(b, '"')), '"')
}

func appendList[T any](b []byte, list []T, item func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, v)
	}
	return append(b, ']')
}

func appendMap(b []byte, m map[string]string) []byte {
	if len(m) == 0 {
		return append(b, "{}"...) // most keys: spares the sorting
	}
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, name), ':')
		b = AppendString(b, m[name])
	}
	return append(b, '}')
}

// AppendString appends s as a JSON string. Control and format characters, which
// could act on a terminal, are escaped, and that leaves the value as it is; bytes
// that are no UTF-8 become U+FFFD. HTML is not escaped.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	done := 0
	for i := 0; i < len(s); {
		size := 1
		if !plainByte(s[i]) {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); mustEscape(r, size) {
				b = appendEscape(append(b, s[done:i]...), r)
				done = i + size
			}
		}
		i += size
	}
	return append(append(b, s[done:]...), '"')
}

func plainByte(c byte) bool { return c >= ' ' && c < 0x7f && c != '"' && c != '\\' }

// mustEscape keeps to the basic plane, whose escapes are a single \uXXXX: YAML
// reads those as JSON does, but not pairs of surrogates.
func mustEscape(r rune, size int) bool {
	switch r {
	case '"', '\\', '\u2028', '\u2029':
		return true
	case utf8.RuneError:
		return size == 1
	}
	return r <= 0xffff && unicode.Is(unicode.C, r)
}

func appendEscape(b []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// Diff returns the stored fields that differ between two states of a key, as
// one JSON object for each state, for the audit. A nil state is a key that does
// not exist: its object is "" and the other holds every field that is set. Of
// the hash nothing is said, not even that it differs, and nothing of a state in
// which a field could not be read.
func Diff(before, after *Key) (b, a string) {
	was, is := diffFields(orZero(before), orZero(after))
	if before != nil {
		b = string(was)
	}
	if after != nil {
		a = string(is)
	}
	return b, a
}

func orZero(k *Key) *Key {
	if k == nil {
		return &Key{}
	}
	return k
}

func diffFields(before, after *Key) (was, is []byte) {
	was = append(make([]byte, 0, 512), '{')
	is = append(make([]byte, 0, 512), '{')
	for f := range fieldCount {
		if f == FieldStatus || f == FieldHash {
			continue
		}
		w, i := len(was), len(is)
		was, is = appendMember(was, f, before), appendMember(is, f, after)
		comma := []byte{','} // only one of them may have told something yet
		same := bytes.Equal(bytes.TrimPrefix(was[w:], comma), bytes.TrimPrefix(is[i:], comma))
		if same || before.untold(f) {
			was = was[:w]
		}
		if same && !before.untold(f) || after.untold(f) {
			is = is[:i]
		}
	}
	return append(was, '}'), append(is, '}')
}

func appendMember(b []byte, f Field, k *Key) []byte {
	if len(b) > 1 {
		b = append(b, ',')
	}
	b = append(append(append(b, '"'), f.String()...), `":`...)
	return f.AppendJSON(b, k, Instant{})
}
