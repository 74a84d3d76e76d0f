package keys

import (
	"strconv"
	"strings"
	"time"
)

// The windows that a [Rate] may have.
const (
	minWindow = time.Second
	maxWindow = 366 * day
)

const rateForms = "write whole requests per window, like 100/1h or 10/s, with a window of 1s to 366d; no rate at all means no limit"

// Rate limits how often a key may be used. The zero value is no limit.
type Rate struct {
	Requests int64         // at most this many
	Window   time.Duration // within any span of this length
}

// ParseRate reads "100/1h", or "100/h" for one of a unit. Requests are a whole
// positive number, the window is a duration from one second to 366 days, in
// whole milliseconds like every stored time. Anything else gives ReasonInvalid,
// also the empty string: a limit that was forgotten is not the wish for none.
func ParseRate(s string) (Rate, error) {
	r, problem := readRate(s)
	if problem != "" {
		return Rate{}, Errorf(ReasonInvalid, "rate %s %s: %s", quote(s), problem, rateForms)
	}
	return r, nil
}

func readRate(s string) (Rate, string) {
	count, per, found := strings.Cut(s, "/")
	if !found {
		return Rate{}, "has no window"
	}
	if _, bare := units[per]; bare {
		per = "1" + per
	}
	n, err := strconv.ParseUint(count, 10, 63)
	window, problem := readDuration(per)
	switch {
	case err != nil:
		return Rate{}, "has no valid number of requests"
	case n == 0:
		return Rate{}, "allows no request"
	case problem != "":
		return Rate{}, "has a window that " + problem
	case window < minWindow || window > maxWindow:
		return Rate{}, "has a window out of range"
	case window%time.Millisecond != 0:
		return Rate{}, "has a window finer than 1ms"
	}
	return Rate{Requests: int64(n), Window: window}, ""
}

// IsZero tells that there is no limit.
func (r Rate) IsZero() bool { return r == Rate{} }

// String returns what [ParseRate] reads, such as "100/1h", or "" for no limit.
func (r Rate) String() string {
	if r.IsZero() {
		return ""
	}
	return strconv.FormatInt(r.Requests, 10) + "/" + FormatDuration(r.Window)
}
