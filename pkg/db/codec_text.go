package db

import (
	"errors"
	"strconv"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func encodeText(ref any) any { return *ref.(*string) }

func encodeOptionalText(ref any) any {
	if s := *ref.(*string); s != "" {
		return s
	}
	return nil
}

func decodeText(v, ref any) error {
	switch v := v.(type) {
	case string:
		*ref.(*string) = v
	case nil:
	default:
		return errShape("text", v)
	}
	return nil
}

// encodeInteger takes decimal text in the one form in which it is read back: 007
// is not key 7.
func encodeInteger(ref any) any {
	s := *ref.(*string)
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != s {
		return nil
	}
	return n
}

func decodeInteger(v, ref any) error {
	switch v := v.(type) {
	case int64:
		*ref.(*string) = strconv.FormatInt(v, 10)
	case nil:
	default:
		return errShape("an integer", v)
	}
	return nil
}

func encodeFlag(ref any) any {
	if *ref.(*bool) {
		return int64(1)
	}
	return int64(0)
}

// decodeFlag takes exactly 1 for on, as servers do that filter by equality.
func decodeFlag(v, ref any) error {
	n, ok := truth(v)
	*ref.(*bool) = ok && n == 1
	if !ok {
		return errShape("0 or 1", v)
	}
	return nil
}

func encodeInvertedFlag(ref any) any {
	if *ref.(*bool) {
		return int64(0)
	}
	return int64(1)
}

// decodeInvertedFlag takes 0 and NULL for on: a column that tells of a revocation
// and was never set tells of none. Anything else is off.
func decodeInvertedFlag(v, ref any) error {
	n, ok := truth(v)
	ok = ok || v == nil
	*ref.(*bool) = ok && n == 0
	if !ok {
		return errShape("0 or 1", v)
	}
	return nil
}

// truth returns 0 or 1 in the forms that columns of any affinity give it.
func truth(v any) (n int, ok bool) {
	if n, ok := v.(int64); ok {
		return int(n), n == 0 || n == 1
	}
	switch v {
	case float64(0), "0":
		return 0, true
	case float64(1), "1":
		return 1, true
	}
	return 0, false
}

// required refuses NULL where a column must hold something.
func (c codec) required() codec {
	decode := c.decode
	c.decode = func(v, ref any) error {
		if v == nil {
			return errShape("a value", nil)
		}
		return decode(v, ref)
	}
	return c
}

// naming gives a key whose id is not what it should be the best name there is: what
// is shown of other keys does not depend on it, and no lookup finds it. An empty id
// is none.
func (c codec) naming() codec {
	decode := c.decode
	c.decode = func(v, ref any) error {
		err := decode(v, ref)
		switch {
		case err != nil:
			*ref.(*string) = nameOf(v)
		case *ref.(*string) == "":
			err = errors.New("an id expected, found empty text")
		}
		return err
	}
	return c
}

func nameOf(v any) string {
	switch v := v.(type) {
	case string:
		return keys.PrintableText(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return ""
}
