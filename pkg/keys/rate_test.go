package keys_test

import (
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestParseRate(t *testing.T) {
	for s, want := range map[string]struct {
		rate keys.Rate
		text string
	}{
		"100/1h":                 {keys.Rate{Requests: 100, Window: time.Hour}, "100/1h"},
		"100/h":                  {keys.Rate{Requests: 100, Window: time.Hour}, "100/1h"},
		"100/60m":                {keys.Rate{Requests: 100, Window: time.Hour}, "100/1h"},
		"1/s":                    {keys.Rate{Requests: 1, Window: time.Second}, "1/1s"},
		"5/1000ms":               {keys.Rate{Requests: 5, Window: time.Second}, "5/1s"},
		"5/1.5s":                 {keys.Rate{Requests: 5, Window: 1500 * time.Millisecond}, "5/1.5s"},
		"10/1m30s":               {keys.Rate{Requests: 10, Window: 90 * time.Second}, "10/1m30s"},
		"1000/d":                 {keys.Rate{Requests: 1000, Window: 24 * time.Hour}, "1000/1d"},
		"7/w":                    {keys.Rate{Requests: 7, Window: 7 * 24 * time.Hour}, "7/7d"},
		"1/366d":                 {keys.Rate{Requests: 1, Window: 366 * 24 * time.Hour}, "1/366d"},
		"9223372036854775807/1h": {keys.Rate{Requests: 1<<63 - 1, Window: time.Hour}, "9223372036854775807/1h"},
	} {
		got, err := keys.ParseRate(s)
		if err != nil || got != want.rate || got.String() != want.text || got.IsZero() {
			t.Errorf("ParseRate(%q) is %+v %q, %v", s, got, got, err)
		}
	}
}

func TestParseRateRefuses(t *testing.T) {
	for s, word := range map[string]string{
		"0/1h":                   "no request",
		"00/1h":                  "no request",
		"-1/1h":                  "number of requests",
		"+1/1h":                  "number of requests",
		"1.5/1h":                 "number of requests",
		"1e3/1h":                 "number of requests",
		"1_000/1h":               "number of requests",
		" 1/1h":                  "number of requests",
		"/1h":                    "number of requests",
		"9223372036854775808/1h": "number of requests",
		"100":                    "no window",
		"":                       "no window",
		"100/":                   "window",
		"100/0":                  "window",
		"100/1":                  "without a unit",
		"100/-1h":                "negative",
		"100/hour":               "100/1h",
		"100/h30m":               "100/1h",
		"100/1/h":                "100/1h",
		"100/999ms":              "1s to 366d",
		"100/ms":                 "1s to 366d",
		"100/367d":               "1s to 366d",
		"100/400y":               "window",
		"100/1.0001s":            "finer",
		"100 per hour\x1b":       `\x1b`,
	} {
		got, err := keys.ParseRate(s)
		checkRefusal(t, err, "rate ", word)
		if !got.IsZero() {
			t.Errorf("%q gave an error and %+v", s, got)
		}
	}
}

func TestZeroRate(t *testing.T) {
	if r := (keys.Rate{}); !r.IsZero() || r.String() != "" {
		t.Errorf("no limit is %q, zero: %v", r, r.IsZero())
	}
}

func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"100/1h", "100/h", "0/1h", "1/366d", "5/1.5s", "1/", "/", "9/1w2d", "1/1µs"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := keys.ParseRate(s)
		if err != nil {
			checkRefusal(t, err, "rate ")
			return
		}
		if again, err := keys.ParseRate(r.String()); err != nil || again != r {
			t.Errorf("%q is %q, read again %q, %v", s, r, again, err)
		}
		if r.Requests < 1 || r.Window < time.Second || r.Window > 366*24*time.Hour {
			t.Errorf("%q is out of bounds: %+v", s, r)
		}
	})
}
