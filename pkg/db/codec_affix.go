package db

import (
	"fmt"
	"strings"
)

// shown is the codec of text whose field has more around it than its column.
func (c codec) shown(before, after string) codec {
	encode, decode := c.encode, c.decode
	c.encode = func(ref any) any {
		s, ok := trim(*ref.(*string), before, after)
		if !ok {
			return nil
		}
		return encode(&s)
	}
	c.decode = func(v, ref any) error {
		var s string
		if err := decode(v, &s); err != nil || s == "" {
			return err
		}
		*ref.(*string) = before + s + after
		return nil
	}
	return c
}

// marked is the codec of text whose column has more around it than its field.
func (c codec) marked(before, after string) codec {
	encode, decode := c.encode, c.decode
	c.encode = func(ref any) any {
		switch v := encode(ref).(type) {
		case string:
			return before + v + after
		case []byte:
			return []byte(before + string(v) + after)
		default:
			return v
		}
	}
	c.decode = func(v, ref any) error {
		inner, err := unmark(v, before, after)
		if err != nil {
			return err
		}
		return decode(inner, ref)
	}
	return c
}

// unmark returns what a column holds without what is around it, in its own type.
func unmark(v any, before, after string) (any, error) {
	var inner string
	ok := true
	switch text := v.(type) {
	case string:
		inner, ok = trim(text, before, after)
		v = inner
	case []byte:
		inner, ok = trim(string(text), before, after)
		v = []byte(inner)
	}
	if !ok {
		return nil, fmt.Errorf("%q … %q expected, found something else", before, after)
	}
	return v, nil
}

func trim(s, before, after string) (string, bool) {
	s, began := strings.CutPrefix(s, before)
	s, ended := strings.CutSuffix(s, after)
	return s, began && ended
}
