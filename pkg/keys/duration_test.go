package keys_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

const aDay = 24 * time.Hour

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "0d": 0,
		"90d": 90 * aDay, "2w": 14 * aDay, "1y": 365 * aDay, "1w2d": 9 * aDay, "1y1w1d1h": 373*aDay + time.Hour,
		"1h30m": 90 * time.Minute, "30m1h": 90 * time.Minute, "007d": 7 * aDay,
		"1.5h": 90 * time.Minute, ".5s": 500 * time.Millisecond, "5.s": 5 * time.Second, "1d0.5h": aDay + 30*time.Minute,
		"500ms": 500 * time.Millisecond, "3us": 3 * time.Microsecond, "3µs": 3 * time.Microsecond, "3μs": 3 * time.Microsecond, "7ns": 7,
		"292y":                    292 * 365 * aDay,
		"9223372036854775807ns":   math.MaxInt64,
		"9223372036854775806.9ns": math.MaxInt64 - 1,
	} {
		if got, err := keys.ParseDuration(s); err != nil || got != want {
			t.Errorf("ParseDuration(%q) is %v, %v, want %v", s, got, err, want)
		}
	}
}

func TestParseDurationRefuses(t *testing.T) {
	for s, word := range map[string]string{
		"": "empty", "-1d": "negative", "-0": "negative", "-": "negative",
		"90": "without a unit", "1d2": "without a unit", "1h0": "without a unit",
		"1mo": "unit", "1D": "unit", "1 d": "unit", "1h ": "unit", "1h-1m": "unit", "1_000s": "unit", "١d": "not understood",
		"d": "not understood", " 1d": "not understood", "+1d": "not understood", "soon": "1h30m", ".": "unit", ".h": "not understood", "1.2.3h": "not understood",
		"0.5d": "fraction", "1.0w": "fraction", "1.y": "fraction",
		"293y": "292y", "106752d": "292y", "9223372036854775808ns": "292y", "99999999999999999999d": "292y",
		"292y292y": "292y", "9223372036854775807ns1ns": "292y", "2562047.9h": "292y",
		"1h\x1b": `\x1b`, "1\u202eh": `\u202e`, strings.Repeat("z", 10_000): "…",
	} {
		got, err := keys.ParseDuration(s)
		checkRefusal(t, err, "duration ", word)
		if got != 0 {
			t.Errorf("%q gave an error and %v", s, got)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", 1: "1ns", 3 * time.Microsecond: "3us", 1500: "1.5us", 500 * time.Millisecond: "500ms", 1500 * time.Millisecond: "1.5s",
		time.Second: "1s", time.Minute: "1m", time.Hour: "1h", 90 * time.Minute: "1h30m", time.Hour + time.Second: "1h1s",
		aDay: "1d", 36 * time.Hour: "1d12h", 7 * aDay: "7d", 90 * aDay: "90d", 365 * aDay: "365d",
		-90 * time.Minute: "-1h30m", math.MaxInt64: "106751d23h47m16.854775807s", math.MinInt64: "-106751d23h47m16.854775808s",
	} {
		if got := keys.FormatDuration(d); got != want {
			t.Errorf("FormatDuration(%v) is %q, want %q", d, got, want)
		}
	}
}

func TestParseMoment(t *testing.T) {
	now := keys.At(time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC))
	for s, want := range map[string]string{
		"never":                          "",
		"0":                              "2026-05-04T03:02:01Z",
		"1ns":                            "2026-05-04T03:02:01Z",
		"90d":                            "2026-08-02T03:02:01Z",
		"1w2d":                           "2026-05-13T03:02:01Z",
		"1y":                             "2027-05-04T03:02:01Z",
		"500ms":                          "2026-05-04T03:02:01.500Z",
		"2027-01-31":                     "2027-01-31T00:00:00Z",
		"2024-02-29":                     "2024-02-29T00:00:00Z",
		"2027-01-31T18:00:00Z":           "2027-01-31T18:00:00Z",
		"2027-01-31t18:00:00z":           "2027-01-31T18:00:00Z",
		"2027-01-31T18:00:00+02:00":      "2027-01-31T16:00:00Z",
		"2027-01-01T00:30:00.1239+01:00": "2026-12-31T23:30:00.123Z",
		"0000-01-01":                     "0000-01-01T00:00:00Z",
		"9999-12-31T23:59:59Z":           "9999-12-31T23:59:59Z",
	} {
		if got, err := keys.ParseMoment(s, now); err != nil || got.String() != want {
			t.Errorf("ParseMoment(%q) is %v, %v, want %s", s, got, err, want)
		}
	}
}

func TestParseMomentRefuses(t *testing.T) {
	now := keys.At(time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC))
	for s, word := range map[string]string{
		"": "empty", "Never": "never", "never ": "never", "tomorrow": "2027-01-31", "-1d": "negative", "90": "without a unit",
		"2027-02-29": "no valid date", "2027-13-01": "no valid date", "2027-1-31": "no valid date", "2027-01-31 ": "no valid date",
		"27-01-31": "no valid date", "2027-01": "no valid date", "12027-01-31": "no valid date",
		"2027-01-31T18:00:00": "no time zone", "2027-01-31t18:00:00.5": "no time zone",
		"2027-01-31T18:00Z": "no valid date", "2027-01-31T8:00:00Z": "no valid date", "2027-01-31T18:00:00,5Z": "no valid date",
		"2027-01-31T24:00:00Z": "no valid date", "2027-01-31T18:00:00+25:00": "no valid date", "2027-01-31 18:00:00Z": "no valid date",
		"9999-12-31T23:59:59-01:00": "no valid date", "0000-01-01T00:00:00+01:00": "no valid date",
		"31.01.2027": "moment", "01/31/2027": "moment", "1798761600": "without a unit", "1h\n": `\n`,
	} {
		got, err := keys.ParseMoment(s, now)
		checkRefusal(t, err, "moment ", word)
		if !got.IsNone() {
			t.Errorf("%q gave an error and %v", s, got)
		}
	}
	_, err := keys.ParseMoment("90d", keys.Instant{})
	checkRefusal(t, err, "now")
}

func TestParseExpiry(t *testing.T) {
	now := keys.At(time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC))
	for s, want := range map[string]string{
		"never": "", "1ms": "2026-05-04T03:02:01.001Z", "90d": "2026-08-02T03:02:01Z", "2026-05-05": "2026-05-05T00:00:00Z",
		"2026-05-04T03:02:02Z": "2026-05-04T03:02:02Z",
	} {
		if got, err := keys.ParseExpiry(s, now); err != nil || got.String() != want {
			t.Errorf("ParseExpiry(%q) is %v, %v, want %s", s, got, err, want)
		}
	}
	for s, word := range map[string]string{
		"0": "not in the future", "0d": "not in the future", "1ns": "not in the future", "2026-05-04T03:02:01Z": "not in the future",
		"2026-05-04": "now is 2026-05-04T03:02:01Z", "2020-01-01": "not in the future", "2026-05-04T05:02:00+02:00": "not in the future",
		"-1d": "negative", "": "empty", "nonsense": "not understood", "2027-02-30": "no valid date",
	} {
		got, err := keys.ParseExpiry(s, now)
		checkRefusal(t, err, "expiry ", word)
		if !got.IsNone() {
			t.Errorf("%q gave an error and %v", s, got)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"0", "1w2d", "1h30m", "0.5d", "-1d", "1.5h", "292y", "5.s", ".5s", "3µs", "9223372036854775807ns", "1d0", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := keys.ParseDuration(s)
		std, stdErr := time.ParseDuration(s)
		if err != nil {
			checkRefusal(t, err, "duration ")
			if stdErr == nil && !strings.ContainsAny(s, "+-") {
				t.Errorf("%q is %v to Go and an error here: %v", s, std, err)
			}
			return
		}
		if !strings.ContainsAny(s, "dwy") && (stdErr != nil || std != d) {
			t.Errorf("%q is %v here, %v, %v to Go", s, d, std, stdErr)
		}
		if again, err := keys.ParseDuration(keys.FormatDuration(d)); d < 0 || err != nil || again != d {
			t.Errorf("%q is %v, read again %v, %v", s, d, again, err)
		}
	})
}

func FuzzFormatDuration(f *testing.F) {
	for _, d := range []int64{0, 1, 1500, int64(aDay), int64(time.Hour) + 1, math.MaxInt64, math.MinInt64, -1} {
		f.Add(d)
	}
	f.Fuzz(func(t *testing.T, n int64) {
		text, negative := strings.CutPrefix(keys.FormatDuration(time.Duration(n)), "-")
		got, err := keys.ParseDuration(text)
		if n == math.MinInt64 {
			return // its positive does not exist
		}
		if want := time.Duration(n).Abs(); err != nil || got != want || negative != (n < 0) {
			t.Errorf("%d is written %q and read %d, %v", n, text, got, err)
		}
	})
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"never", "90d", "0", "2027-01-31", "2027-01-31T18:00:00+02:00", "2027-01-31T18:00:00", "-1d", "0000-01-01T00:00:00+01:00", "2027-01-31t00:00:00.5z"} {
		f.Add(s, int64(1_777_777_777_777))
	}
	f.Fuzz(func(t *testing.T, s string, ms int64) {
		now := keys.Millis(ms % 200_000_000_000_000)
		at, err := keys.ParseMoment(s, now)
		expiry, expiryErr := keys.ParseExpiry(s, now)
		if err != nil {
			checkRefusal(t, err, "moment ")
			checkRefusal(t, expiryErr, "expiry ")
			return
		}
		if at.IsNone() != (s == "never") {
			t.Errorf("%q is %v", s, at)
		}
		if expiryErr == nil && (expiry != at || at.Reached(now)) || expiryErr != nil && !at.Reached(now) {
			t.Errorf("at %v, %q expires %v, %v", now, s, expiry, expiryErr)
		}
		if again, err := keys.ParseMoment(at.String(), now); !at.IsNone() && (err != nil || again != at) {
			t.Errorf("%q is %v, read again %v, %v", s, at, again, err)
		}
	})
}
