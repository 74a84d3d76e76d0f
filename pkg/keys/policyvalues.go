package keys

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds of settings. What a value must be is said by the error, whose reason is
// that of a value which somebody typed.

// ofWords is one of several words; the first of them is meant where none is set.
func ofWords[T ~string](name, doc string, usual T, values []T, ref func(*Policy) *T) setting {
	var names []string
	for _, v := range values {
		names = append(names, string(v))
	}
	read := func(p *Policy, v string) error {
		if !slices.Contains(names, v) {
			return Errorf(ReasonInvalid, "it is %s, not %s", anyOf(names), quote(v))
		}
		*ref(p) = T(v)
		if T(v) == usual {
			*ref(p) = ""
		}
		return nil
	}
	return setting{SettingInfo{Name: name, Kind: "word", Values: names, Doc: doc}, read, func(p *Policy) string {
		if *ref(p) == "" {
			return string(usual)
		}
		return string(*ref(p))
	}}
}

// ofNumber is a number within bounds. usual is the text of zero.
func ofNumber(name, usual, doc string, least, most int, ref func(*Policy) *int) setting {
	read := func(p *Policy, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < least || n > most {
			return Errorf(ReasonInvalid, "it is a whole number from %d to %d, not %s", least, most, quote(v))
		}
		*ref(p) = n
		if v == usual {
			*ref(p) = 0
		}
		return nil
	}
	return setting{SettingInfo{Name: name, Kind: "number", Doc: doc}, read, func(p *Policy) string {
		if *ref(p) <= 0 {
			return usual
		}
		return strconv.Itoa(*ref(p))
	}}
}

func ofFlag(name, doc string, ref func(*Policy) *bool) setting {
	read := func(p *Policy, v string) (err error) {
		if *ref(p), err = strconv.ParseBool(v); err != nil {
			return Errorf(ReasonInvalid, "it is true or false, not %s", quote(v))
		}
		return nil
	}
	return setting{SettingInfo{Name: name, Kind: "true or false", Values: []string{"true", "false"}, Doc: doc}, read,
		func(p *Policy) string { return strconv.FormatBool(*ref(p)) }}
}

func ofText(name, kind, doc string, valid func(string) error, ref func(*Policy) *string) setting {
	read := func(p *Policy, v string) error {
		*ref(p) = v
		return optional(v, valid)
	}
	return setting{SettingInfo{Name: name, Kind: kind, Doc: doc}, read, func(p *Policy) string { return *ref(p) }}
}

func ofSpan(name, doc string, least, most time.Duration, ref func(*Policy) *time.Duration) setting {
	read := func(p *Policy, v string) error {
		d, err := ParseDuration(v)
		switch {
		case err != nil:
			return err
		case d < least || d > most || d%time.Second != 0:
			return Errorf(ReasonInvalid, "it is a duration of whole seconds from %s to %s, not %s", FormatDuration(least), FormatDuration(most), quote(v))
		}
		*ref(p) = d
		return nil
	}
	return setting{SettingInfo{Name: name, Kind: "duration", Doc: doc}, read, func(p *Policy) string {
		if *ref(p) == 0 {
			return ""
		}
		return FormatDuration(*ref(p))
	}}
}

func ofRate(name, doc string, ref func(*Policy) *Rate) setting {
	read := func(p *Policy, v string) (err error) {
		*ref(p), err = ParseRate(v)
		return err
	}
	return setting{SettingInfo{Name: name, Kind: "rate", Doc: doc}, read, func(p *Policy) string { return ref(p).String() }}
}

func ofList(name, kind, doc string, valid func(string) error, ref func(*Policy) *[]string) setting {
	read := func(p *Policy, v string) error {
		return readList(ref(p), v, func(s string) (string, error) { return s, valid(s) })
	}
	return setting{SettingInfo{Name: name, Kind: kind + " list", Doc: doc}, read, func(p *Policy) string { return strings.Join(*ref(p), ",") }}
}

// readList reads what commas separate, each once.
func readList[T comparable](into *[]T, value string, parse func(string) (T, error)) error {
	var list []T
	for part := range strings.SplitSeq(value, ",") {
		v, err := parse(strings.TrimSpace(part))
		if err != nil {
			return err
		}
		if slices.Contains(list, v) {
			return Errorf(ReasonInvalid, "it names %s twice", quote(strings.TrimSpace(part)))
		}
		list = append(list, v)
	}
	*into = list
	return nil
}

func writeList[T any](list []T, text func(T) string) string {
	var b strings.Builder
	for i, v := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(text(v))
	}
	return b.String()
}

// requirable are the fields that a policy may require.
var requirable = []Field{FieldLabel, FieldDescription, FieldOwner, FieldRole, FieldScopes, FieldResource,
	FieldNetworks, FieldRateLimit, FieldNotBefore, FieldExpiresAt, FieldMetadata}

func fieldNames(list []Field) (names []string) {
	for _, f := range list {
		names = append(names, f.String())
	}
	return names
}

func readRequired(p *Policy, v string) error {
	var list []Field
	err := readList(&list, v, func(s string) (Field, error) {
		for _, f := range requirable {
			if f.String() == s {
				return f, nil
			}
		}
		return 0, Errorf(ReasonInvalid, "a key can be required to have %s, not %s", anyOf(fieldNames(requirable)), quote(s))
	})
	p.Required = FieldsOf(list...)
	return err
}

func readPrefixResources(p *Policy, v string) error {
	return readList(&p.PrefixResources, v, func(s string) (r PrefixResource, err error) {
		prefix, pattern, ok := strings.Cut(s, "=")
		if !ok {
			return r, Errorf(ReasonInvalid, "%s is not prefix=pattern", quote(s))
		}
		if err = ValidatePrefix(prefix); err == nil {
			err = optional(pattern, ValidateResource)
		}
		return PrefixResource{prefix, pattern}, err
	})
}

func writePrefixResources(p *Policy) string {
	return writeList(p.PrefixResources, func(r PrefixResource) string { return r.Prefix + "=" + r.Pattern })
}
