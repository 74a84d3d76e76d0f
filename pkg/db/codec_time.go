package db

import (
	"math"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func encodeMillis(ref any) any {
	if i := ref.(*keys.Instant); !i.IsNone() {
		return i.Millis()
	}
	return nil
}

func decodeMillis(v, ref any) error { return decodeUnits(v, ref, 1, "integer milliseconds") }

// encodeSeconds cuts to the second before.
func encodeSeconds(ref any) any {
	if i := ref.(*keys.Instant); !i.IsNone() {
		return i.Time().Unix()
	}
	return nil
}

func decodeSeconds(v, ref any) error { return decodeUnits(v, ref, 1000, "integer seconds") }

// decodeUnits reads an integer, also where the column's affinity made it real.
func decodeUnits(v, ref any, ms int64, want string) error {
	if whole, ok := v.(float64); ok && whole == math.Trunc(whole) && math.Abs(whole) < 1<<53 {
		v = int64(whole)
	}
	switch v := v.(type) {
	case int64:
		if v > math.MaxInt64/ms || v < math.MinInt64/ms {
			return errShape(want, v)
		}
		*ref.(*keys.Instant) = keys.Millis(v * ms)
	case nil:
	default:
		return errShape(want, v)
	}
	return nil
}

func encodeRealSeconds(ref any) any {
	if i := ref.(*keys.Instant); !i.IsNone() {
		return float64(i.Millis()) / 1000
	}
	return nil
}

// decodeRealSeconds cuts to whole milliseconds, of which the binary fraction may
// fall short by its last digit.
func decodeRealSeconds(v, ref any) error {
	n, ok := v.(float64)
	if !ok {
		return decodeUnits(v, ref, 1000, "seconds")
	}
	ms := math.Floor(n*1000 + math.Abs(n*1000)*0x1p-52)
	if math.IsNaN(ms) || math.Abs(ms) >= math.MaxInt64 {
		return errShape("seconds", v)
	}
	*ref.(*keys.Instant) = keys.Millis(int64(ms))
	return nil
}

// textTime is the codec of moments that are written in this form, in UTC, and so
// sort as text. Other forms are read where they can mean only one moment, but sort
// as the text that they are.
func textTime(form string) codec {
	return codec{
		encode: func(ref any) any {
			i := ref.(*keys.Instant)
			if year := i.Time().Year(); i.IsNone() || year < 0 || year > 9999 { // four digits
				return nil
			}
			return i.Time().Format(form)
		},
		decode: decodeTextTime, takes: is[*keys.Instant], sorts: dates,
	}
}

// textForms of moments. A fraction of the seconds is read in each. Text without an
// offset is UTC: that is how SQLite's own functions and the servers read it.
var textForms = []string{
	"2006-01-02 15:04:05 Z07:00",
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05 -0700 MST",
	"2006-01-02 15:04:05 -0700",
	"2006-01-02T15:04:05-0700",
}

func decodeTextTime(v, ref any) error {
	s, ok := v.(string)
	if v == nil {
		return nil
	}
	s, _, _ = strings.Cut(s, " m=") // what Go's monotonic clock said
	for _, form := range textForms {
		if !ok {
			break
		}
		if at, err := time.Parse(form, s); err == nil {
			*ref.(*keys.Instant) = keys.At(at)
			return nil
		}
	}
	return errShape("a date and time as text", v)
}
