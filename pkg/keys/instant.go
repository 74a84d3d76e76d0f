package keys

import (
	"time"
)

// Instant is a moment in Unix milliseconds UTC, or none at all. The zero value
// is none: a key that never expires has no ExpiresAt, and 1970 is still a moment.
type Instant struct {
	ms  int64
	set bool
}

// Millis returns the instant at ms milliseconds after 1970-01-01T00:00:00Z.
func Millis(ms int64) Instant { return Instant{ms: ms, set: true} }

// At returns the instant of t, cut to whole milliseconds.
func At(t time.Time) Instant { return Millis(t.UnixMilli()) }

// IsNone tells that there is no such moment.
func (i Instant) IsNone() bool { return !i.set }

// Millis returns the moment in Unix milliseconds, 0 for none.
func (i Instant) Millis() int64 { return i.ms }

// Time returns the moment in UTC. None gives the zero time.
func (i Instant) Time() time.Time {
	if !i.set {
		return time.Time{}
	}
	return time.UnixMilli(i.ms).UTC()
}

// Add returns the instant d later. None stays none.
func (i Instant) Add(d time.Duration) Instant {
	if !i.set {
		return i
	}
	return Millis(i.ms + d.Milliseconds())
}

// Reached tells whether now is at or after i. None is never reached.
func (i Instant) Reached(now Instant) bool { return i.set && now.ms >= i.ms }

// Sub returns the time from j to i. It is meaningless if either is none.
func (i Instant) Sub(j Instant) time.Duration {
	return time.Duration(i.ms-j.ms) * time.Millisecond
}

// AppendFormat appends RFC 3339 in UTC, with milliseconds only where there are
// any. None appends nothing.
func (i Instant) AppendFormat(b []byte) []byte {
	if !i.set {
		return b
	}
	b = i.Time().AppendFormat(b, time.RFC3339)
	ms := i.ms % 1000
	if ms == 0 {
		return b
	}
	if ms < 0 {
		ms += 1000
	}
	// Spliced in, since package time formats fractions ten times slower.
	return append(b[:len(b)-1], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

// String returns RFC 3339 in UTC, or "" for none.
func (i Instant) String() string { return string(i.AppendFormat(nil)) }
