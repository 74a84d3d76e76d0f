package render_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

const day = 24 * time.Hour

var now = keys.At(time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC))

var allFields = keys.FieldsOf(keys.ShownFields()...)

// hash stands in every sample key: no output may hold it.
const hash = "5f0c4a11"

func samples() []keys.Key {
	return []keys.Key{
		{
			ID: "Ab3dE9xZ", Label: "ci-deploy", Masked: "kr_Ab3dE9xZ…", Prefix: "kr", Scheme: "sha256", Hash: hash,
			Owner: "platform", Enabled: true, Scopes: []string{"read", "write"}, CreatedAt: now.Add(-90*day + 123*time.Millisecond),
			ExpiresAt: now.Add(3 * day), LastUsedAt: now.Add(-2 * time.Hour), RateLimit: keys.Rate{Requests: 100, Window: time.Hour},
			Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Metadata: map[string]string{"ticket": "OPS-17"},
		},
		{ID: "7fQ2kkPw", Label: "a very long label that no table of eighty columns could ever show whole", Hash: hash, Owner: "東京", CreatedAt: now},
		{ID: "0aBcDeFg", Label: "日本語のキー 😀", Hash: hash, Owner: "ops", Enabled: true, CreatedAt: now, NotBefore: now.Add(day)},
		{ID: "Zz9Yy8Xx", Hash: hash, Enabled: true, CreatedAt: now, ExpiresAt: now.Add(-time.Hour)},
	}
}

func options(f render.Format) render.Options {
	return render.Options{Format: f, Now: now, Fields: allFields}
}

func list(t *testing.T, o render.Options, pages ...[]keys.Key) string {
	t.Helper()
	var b strings.Builder
	l := render.NewKeyList(&b, o)
	for _, page := range pages {
		if err := l.Page(page); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// names returns the member names of a JSON object in their order.
func names(t *testing.T, object string) []string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(object))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var list []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, name.(string))
		var value any
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func readCSV(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func reason(err error) keys.Reason {
	var e *keys.Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

func TestNoFormatShowsTheHash(t *testing.T) {
	for _, f := range render.Formats() {
		for _, terminal := range []bool{false, true} {
			o := options(f)
			o.Terminal = terminal
			o.Fields |= keys.FieldsOf(keys.FieldHash)
			var b strings.Builder
			b.WriteString(list(t, o, samples()))
			_ = render.Detail(&b, o, samples()[0])
			_ = render.Results(&b, o, []render.Result{{Key: samples()[0], Result: "changed"}}, true)
			_ = render.Document(&b, o, []render.Pair{{Name: "key", Value: &samples()[0]}})
			if strings.Contains(b.String(), hash) || strings.Contains(b.String(), "hash") {
				t.Errorf("%s shows the hash:\n%s", f, b.String())
			}
		}
	}
}

func TestParseColumns(t *testing.T) {
	tests := []struct{ list, want string }{
		{"id", "id"},
		{"status,id", "status id"},
		{" id , expires_at ", "id expires_at"},
		{strings.Join(render.ColumnNames(), ","), strings.Join(render.ColumnNames(), " ")},
	}
	for _, tt := range tests {
		got, err := render.ParseColumns(tt.list, render.ColumnNames())
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("%q: got %v, %v", tt.list, got, err)
		}
	}
}

func TestParseColumnsRefuses(t *testing.T) {
	for _, bad := range []string{"", "id,", "hash", "enabled", "request_id", "nope", "id,id", "ID", "id status"} {
		if got, err := render.ParseColumns(bad, render.ColumnNames()); reason(err) != keys.ReasonInvalid {
			t.Errorf("%q: got %v, %v", bad, got, err)
		}
	}
	_, err := render.ParseColumns("nope", render.ColumnNames())
	if !strings.Contains(err.Error(), "nope") || !strings.Contains(err.Error(), "last_used_at") {
		t.Errorf("the error does not help: %v", err)
	}
}

func TestPaintAlwaysSaysTheWord(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range keys.Statuses() {
		if got := render.Paint(render.Options{}, s); got != string(s) {
			t.Errorf("%s without colour is %q", s, got)
		}
		got := render.Paint(render.Options{Color: true}, s)
		if !strings.Contains(got, string(s)) || !strings.HasPrefix(got, "\x1b[") || !strings.HasSuffix(got, "m") {
			t.Errorf("%s in colour is %q", s, got)
		}
		seen[strings.ReplaceAll(got, string(s), "")] = true
	}
	if len(seen) != len(keys.Statuses()) {
		t.Errorf("statuses share a colour: %v", seen)
	}
}

// Colour is asked for by the caller, who knows NO_COLOR and the terminal.
func TestPaintAsksNobodyElse(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	t.Setenv("TERM", "dumb")
	if got := render.Paint(render.Options{Color: true}, keys.Active); got == "active" {
		t.Error("the environment switched colour off")
	}
}

func TestRelative(t *testing.T) {
	tests := []struct {
		after time.Duration
		want  string
	}{
		{0, "now"}, {400 * time.Millisecond, "now"}, {-400 * time.Millisecond, "now"},
		{time.Second, "in 1 second"}, {-time.Second, "1 second ago"}, {59 * time.Second, "in 59 seconds"},
		{59*time.Second + 600*time.Millisecond, "in 1 minute"},
		{-90 * time.Second, "2 minutes ago"}, {time.Hour, "in 1 hour"}, {-2 * time.Hour, "2 hours ago"},
		{36 * time.Hour, "in 36 hours"}, {2 * day, "in 2 days"},
		{90*day - time.Millisecond, "in 90 days"}, {-100 * day, "3 months ago"},
		{365 * day, "in 12 months"}, {730 * day, "in 2 years"}, {-3650 * day, "10 years ago"},
	}
	for _, tt := range tests {
		if got := render.Relative(now.Add(tt.after), now); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.after, got, tt.want)
		}
	}
	if got := render.Relative(keys.Instant{}, now); got != "" {
		t.Errorf("none: got %q", got)
	}
	if got := render.Relative(keys.Millis(400*365*day.Milliseconds()), keys.Millis(0)); got != "in 400 years" {
		t.Errorf("centuries: got %q", got)
	}
}
