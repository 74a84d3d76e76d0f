package db

import (
	"math"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func encodeMillis(ref any) any {
	if i := ref.(*keys.Instant); !i.IsNone() {
		return i.Millis()
	}
	return nil
}

func decodeMillis(v, ref any) error {
	return decodeUnits(v, ref, 1, "integer milliseconds")
}

// encodeSeconds cuts to the second before.
func encodeSeconds(ref any) any {
	if i := ref.(*keys.Instant); !i.IsNone() {
		return i.Time().Unix()
	}
	return nil
}

func decodeSeconds(v, ref any) error {
	return decodeUnits(v, ref, 1000, "integer seconds")
}

// decodeUnits reads an integer, also where the column's affinity made it real.
func decodeUnits(v, ref any, ms int64, want string) error {
	if real, ok := v.(float64); ok && real == math.Trunc(real) {
		v = saturated(real)
	}
	switch v := v.(type) {
	case int64:
		*ref.(*keys.Instant) = keys.Millis(scaled(v, ms))
	case nil:
	default:
		return errShape(want, v)
	}
	return nil
}

// scaled multiplies, up to the largest numbers there are.
func scaled(n, by int64) int64 {
	switch {
	case n > math.MaxInt64/by:
		return math.MaxInt64
	case n < math.MinInt64/by:
		return math.MinInt64
	}
	return n * by
}

// saturated returns the integer of a real number that is one, or the nearest.
func saturated(real float64) int64 {
	switch {
	case real >= math.MaxInt64:
		return math.MaxInt64
	case real <= math.MinInt64:
		return math.MinInt64
	}
	return int64(real)
}

func encodeRealSeconds(ref any) any {
	if i := ref.(*keys.Instant); !i.IsNone() {
		return float64(i.Millis()) / 1000
	}
	return nil
}

// decodeRealSeconds cuts to whole milliseconds, of which the binary fraction may
// fall short by its last digit. Each step is rounded, as the engine does it.
func decodeRealSeconds(v, ref any) error {
	n, ok := v.(float64)
	if !ok {
		return decodeUnits(v, ref, 1000, "seconds")
	}
	ms := float64(n * 1000)
	ms = math.Floor(ms + float64(math.Abs(ms)*0x1p-52))
	if math.IsNaN(ms) {
		return errShape("seconds", v)
	}
	*ref.(*keys.Instant) = keys.Millis(saturated(ms))
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
		decode: decodeTextTime, moment: inText, late: tooLate,
	}
}

// momentForm is each form of a moment in text that servers write: any of them may have
// a fraction, an offset, and behind that the zone's name and what Go's monotonic clock
// said. Text without an offset is UTC: that is how SQLite's own functions and the
// servers read it. It is compiled once it is needed, as not every start needs it.
var momentForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?` +
		`(?: ?(?:Z|([+-])([01]\d|2[0-3]):?([0-5]\d)(?: [A-Za-z+-][A-Za-z0-9+-]*)?))?(?: m=[^\x00]*)?$`)
})

func decodeTextTime(v, ref any) error {
	if v == nil {
		return nil
	}
	s, _ := v.(string)
	part := momentForm().FindStringSubmatch(s)
	if part == nil {
		return errShape("a date and time as text", v)
	}
	at, err := time.Parse(time.DateTime, part[1]+" "+part[2])
	if err != nil { // there is no such day
		return errShape("a date and time as text", v)
	}
	ms, _ := strconv.ParseInt((part[3] + "000")[:3], 10, 64)
	*ref.(*keys.Instant) = keys.Millis(at.UnixMilli() + ms - offset(part[4], part[5], part[6]))
	return nil
}

// offset returns milliseconds, 0 if there is none.
func offset(sign, hours, minutes string) int64 {
	h, _ := strconv.ParseInt(hours, 10, 64)
	m, _ := strconv.ParseInt(minutes, 10, 64)
	if sign == "-" {
		h, m = -h, -m
	}
	return (h*60 + m) * time.Minute.Milliseconds()
}
