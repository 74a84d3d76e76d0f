package keys

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	day           = 24 * time.Hour
	durationForms = "write it like 90d, 1w2d, 1h30m or 500ms, in the units y, w, d, h, m, s, ms, us and ns"
	momentForms   = "write a duration like 90d or 1h30m, a day like 2027-01-31, a time like 2027-01-31T18:00:00Z, or never"
	withoutZone   = "2006-01-02T15:04:05"
	notUnderstood = "is not understood"
	tooLong       = "is longer than 292y"
)

// units are the names of [time.ParseDuration] and the longer ones. A year is
// 365 days; days know nothing of summer time.
var units = map[string]time.Duration{
	"ns": time.Nanosecond, "us": time.Microsecond, "µs": time.Microsecond, "μs": time.Microsecond,
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour,
	"d": day, "w": 7 * day, "y": 365 * day,
}

// ParseDuration reads a length of time: numbers with the units of
// [time.ParseDuration] and d (24 hours), w (7 days) and y (365 days), in any
// combination, such as "1w2d" or "1h30m". Fractions are for units below a day.
// A bare "0" is none. Signs, and what exceeds a time.Duration, give ReasonInvalid.
func ParseDuration(s string) (time.Duration, error) {
	d, problem := readDuration(s)
	if problem != "" {
		return 0, Errorf(ReasonInvalid, "duration %s %s: %s", quote(s), problem, durationForms)
	}
	return d, nil
}

// readDuration returns what s says, or what is wrong with it.
func readDuration(s string) (total time.Duration, problem string) {
	switch {
	case s == "":
		return 0, "is empty"
	case s == "0":
		return 0, ""
	case s[0] == '-':
		return 0, "is negative"
	}
	for s != "" {
		number, unit, rest := component(s)
		d, problem := amount(number, unit)
		if problem != "" {
			return 0, problem
		}
		if d > math.MaxInt64-total {
			return 0, tooLong
		}
		total, s = total+d, rest
	}
	return total, ""
}

// component splits off the first number and its unit.
func component(s string) (number, unit, rest string) {
	isNumber := func(r rune) bool { return r == '.' || '0' <= r && r <= '9' }
	unit = strings.TrimLeftFunc(s, isNumber)
	number = s[:len(s)-len(unit)]
	if i := strings.IndexFunc(unit, isNumber); i >= 0 {
		unit, rest = unit[:i], unit[i:]
	}
	return number, unit, rest
}

// amount returns number units, or what is wrong with them.
func amount(number, unit string) (time.Duration, string) {
	length, known := units[unit]
	whole, fraction, dotted := strings.Cut(number, ".")
	switch {
	case number == "":
		return 0, notUnderstood
	case unit == "":
		return 0, "has a number without a unit"
	case !known:
		return 0, "has a unit that does not exist"
	case !dotted:
		return multiple(whole, length)
	case length >= day:
		return 0, "has a fraction, which d, w and y do not take"
	}
	return fractional(whole, fraction, unit)
}

// multiple returns digits times length.
func multiple(digits string, length time.Duration) (time.Duration, string) {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > int64(math.MaxInt64/length) {
		return 0, tooLong // nothing but digits is left in it
	}
	return time.Duration(n) * length, ""
}

// fractional returns whole.fraction units. Either half may be missing.
func fractional(whole, fraction, unit string) (time.Duration, string) {
	d, problem := multiple("0"+whole, units[unit])
	if problem != "" {
		return 0, problem
	}
	part, err := time.ParseDuration("0." + fraction + unit)
	switch {
	case err != nil, whole+fraction == "":
		return 0, notUnderstood
	case part > math.MaxInt64-d:
		return 0, tooLong
	}
	return d + part, ""
}

// FormatDuration writes d exactly, as [ParseDuration] reads it: "90d", "1h30m",
// "1.5s", "0". A negative duration has a leading "-", which that refuses.
func FormatDuration(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	var text strings.Builder
	if d < 0 {
		text.WriteByte('-')
	}
	for _, unit := range []string{"d", "h", "m"} {
		if n := (d / units[unit]).Abs(); n > 0 {
			text.WriteString(strconv.FormatInt(int64(n), 10) + unit)
		}
		d %= units[unit]
	}
	if d != 0 {
		text.WriteString(strings.Replace(d.Abs().String(), "µ", "u", 1))
	}
	return text.String()
}

// ParseMoment reads a moment: a duration counts from now, a bare date is 00:00
// UTC of that day, an RFC 3339 time must name its zone, and "never" is none.
// Anything else gives ReasonInvalid. What is below a millisecond is cut off.
func ParseMoment(s string, now Instant) (Instant, error) { return readMoment("moment", s, now) }

// ParseExpiry is [ParseMoment] for a moment that must lie after now, such as
// the end of a new key.
func ParseExpiry(s string, now Instant) (Instant, error) {
	at, err := readMoment("expiry", s, now)
	if err == nil && at.Reached(now) {
		return Instant{}, Errorf(ReasonInvalid, "expiry %s is not in the future: now is %s", quote(s), now)
	}
	return at, err
}

func readMoment(name, s string, now Instant) (Instant, error) {
	if s == "never" {
		return Instant{}, nil
	}
	if t, ok := calendar(s); ok {
		return At(t), nil
	}
	d, problem := readDuration(s)
	problem = cmp.Or(calendarProblem(s), problem)
	if problem == "" && now.IsNone() {
		problem = "counts from now, which is not known" // none plus d would be never
	}
	if problem != "" {
		return Instant{}, Errorf(ReasonInvalid, "%s %s %s: %s", name, quote(s), problem, momentForms)
	}
	return now.Add(d), nil
}

// calendar reads a date or an RFC 3339 time, whose T and Z may be small. It
// refuses what leaves the years 0 to 9999 in UTC: RFC 3339 cannot write that.
func calendar(s string) (time.Time, bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, true
	}
	s = strings.ToUpper(s)
	t, err := time.Parse(time.RFC3339, s)
	if year := t.UTC().Year(); err != nil || year < 0 || year > 9999 {
		return t, false
	}
	// Package time also takes one digit for the hour, and a comma.
	return t, strings.HasPrefix(s, t.Format(withoutZone)) && !strings.Contains(s, ",")
}

// calendarProblem returns what is wrong with s if it begins like a date, else "".
func calendarProblem(s string) string {
	year, _, found := strings.Cut(s, "-")
	if !found || year == "" || strings.Trim(year, "0123456789") != "" {
		return ""
	}
	if _, err := time.Parse(withoutZone, strings.ToUpper(s)); err == nil {
		return "has no time zone"
	}
	return "is no valid date or time"
}
