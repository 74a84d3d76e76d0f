package render

import (
	"strconv"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// units are the steps of relative times: each is used for less than the given
// count of it, so that 90 days stay "90 days" and an hour is not "60 minutes".
var units = []struct {
	name string
	size time.Duration
	upto int64
}{
	{"second", time.Second, 60},
	{"minute", time.Minute, 60},
	{"hour", time.Hour, 48},
	{"day", 24 * time.Hour, 100},
	{"month", 365 * 24 * time.Hour / 12, 24},
	{"year", 365 * 24 * time.Hour, 1 << 62},
}

// Relative returns the time from now to i in words, rounded to the nearest whole
// unit: "in 3 days", "2 hours ago", "now". None gives "": what it means depends
// on the field.
func Relative(i, now keys.Instant) string {
	if i.IsNone() {
		return ""
	}
	ms := i.Millis() - now.Millis()
	words := span(max(ms, -ms))
	switch {
	case words == "":
		return "now"
	case ms < 0:
		return words + " ago"
	}
	return "in " + words
}

// span counts in milliseconds: a [time.Duration] ends after 292 years.
func span(ms int64) string {
	for _, u := range units {
		size := u.size.Milliseconds()
		n := ms / size
		if ms%size*2 >= size {
			n++
		}
		if n >= u.upto {
			continue
		}
		return count(n, u.name)
	}
	return ""
}

func count(n int64, unit string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + unit
	}
	return strconv.FormatInt(n, 10) + " " + unit + "s"
}
