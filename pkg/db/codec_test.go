package db

import (
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func textRef(s string) any           { return &s }
func boolRef(b bool) any             { return &b }
func listRef(words ...string) any    { return &words }
func millisRef(ms int64) any         { i := keys.Millis(ms); return &i }
func noneRef() any                   { return new(keys.Instant) }
func networksRef(list ...string) any { return new(parseNetworks(list)) }

func parseNetworks(list []string) (parsed []netip.Prefix) {
	for _, s := range list {
		parsed = append(parsed, netip.MustParsePrefix(s))
	}
	return parsed
}

const (
	hexDigest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	someMs    = 1_795_351_916_412 // 2026-11-22 12:51:56.412 UTC
)

// written values are exactly what a server finds, and are read as they were.
func TestCodecsWriteExactlyOneForm(t *testing.T) {
	for _, tt := range []struct {
		codec string
		ref   any
		want  any
	}{
		{"integer", textRef("7"), int64(7)},
		{"integer", textRef("-9223372036854775808"), int64(math.MinInt64)},
		{"text", textRef(""), ""},
		{"optional-text", textRef(""), nil},
		{"optional-text", textRef("x"), "x"},
		{"blob", textRef("$2b$"), []byte("$2b$")},
		{"raw", textRef("00ff"), []byte{0, 255}},
		{"base64", textRef("fbff"), "+/8="},
		{"base64url", textRef("fbff"), "-_8"},
		{"flag", boolRef(true), int64(1)},
		{"flag", boolRef(false), int64(0)},
		{"inverted-flag", boolRef(true), int64(0)},
		{"inverted-flag", boolRef(false), int64(1)},
		{"unix-ms", millisRef(someMs), int64(someMs)},
		{"unix-seconds", millisRef(-1000), int64(-1)},
		{"real-seconds", millisRef(someMs), 1795351916.412},
		{"real-seconds", millisRef(1), 0.001},
		{"sequelize", millisRef(someMs), "2026-11-22 12:51:56.412 +00:00"},
		{"sequelize", millisRef(0), "1970-01-01 00:00:00.000 +00:00"},
		{"iso", millisRef(someMs), "2026-11-22T12:51:56.412Z"},
		{"sqlite", millisRef(0), "1970-01-01 00:00:00"},
		{"go", millisRef(someMs), time.UnixMilli(someMs).UTC().String()},
		{"go", millisRef(0), "1970-01-01 00:00:00 +0000 UTC"},
		{"go-offset", millisRef(someMs), "2026-11-22 12:51:56.412+00:00"},
		{"unix-ms", noneRef(), nil},
		{"sequelize", noneRef(), nil},
		{"json-list", listRef(), "[]"},
		{"json-list", listRef("read", "health:read"), `["read","health:read"]`},
		{"comma-list", listRef("read", "write"), "read,write"},
		{"json-networks", networksRef("10.0.0.0/8"), `["10.0.0.0/8"]`},
		{"json-object", &map[string]string{"a": "b"}, `{"a":"b"}`},
		{"rate-ms", &keys.Rate{Requests: 100, Window: time.Hour}, "100/3600000"},
	} {
		c := codecs[tt.codec]
		got := c.encode(tt.ref)
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s writes %#v, want %#v", tt.codec, got, tt.want)
		}
		back := reflect.New(reflect.TypeOf(tt.ref).Elem())
		if err := c.decode(got, back.Interface()); err != nil || !reflect.DeepEqual(back.Elem().Interface(), reflect.ValueOf(tt.ref).Elem().Interface()) && fmt.Sprint(back.Elem()) != "[]" {
			t.Errorf("%s reads %#v as %v, %v", tt.codec, got, back.Elem(), err)
		}
	}
}

// A binary fraction is seldom exactly the one that was meant.
func TestRealSecondsKeepEveryMillisecond(t *testing.T) {
	c := codecs["real-seconds"]
	for _, base := range []int64{someMs, 0, -someMs, 100 * someMs} {
		for ms := base; ms < base+3000; ms++ {
			want, got := keys.Millis(ms), keys.Instant{}
			if err := c.decode(c.encode(&want), &got); err != nil || got != want {
				t.Fatalf("%d ms are read %d, %v", ms, got.Millis(), err)
			}
		}
	}
}

func TestCodecsReadWhatCanMeanOneThing(t *testing.T) {
	for codec, values := range map[string]map[any]any{
		"unix-seconds":  {int64(5): millisRef(5000), 5.0: millisRef(5000), int64(math.MaxInt64): millisRef(math.MaxInt64), 1e300: millisRef(math.MaxInt64)},
		"real-seconds":  {int64(5): millisRef(5000), 1795351916.4126136: millisRef(someMs), -0.5: millisRef(-500), -1e300: millisRef(math.MinInt64), math.Inf(1): millisRef(math.MaxInt64)},
		"flag":          {1.0: boolRef(true), "1": boolRef(true), "0": boolRef(false)},
		"inverted-flag": {nil: boolRef(true), int64(0): boolRef(true)},
		"comma-list":    {" read , write,,": listRef("read", "write")},
		"json-list":     {` [ "read" ] `: listRef("read"), `[""]`: listRef("")},
		"base64":        {"-_8": textRef("fbff"), "+/8": textRef("fbff"), "-_8=": textRef("fbff")},
	} {
		for v, want := range values {
			got := reflect.New(reflect.TypeOf(want).Elem())
			if err := codecs[codec].decode(v, got.Interface()); err != nil || !reflect.DeepEqual(got.Interface(), want) {
				t.Errorf("%s reads %#v as %v, %v", codec, v, got.Elem(), err)
			}
		}
	}
	for text, want := range map[string]int64{
		"2026-11-22 12:51:56":                                someMs - 412,
		"2026-11-22 12:51:56.412":                            someMs,
		"2026-11-22 12:51:56.412613 +00:00":                  someMs,
		"2026-11-22 13:51:56.412 +01:00":                     someMs,
		"2026-11-22T12:51:56.412Z":                           someMs,
		"2026-11-22T14:51:56.412+02:00":                      someMs,
		"2026-11-22T12:51:56":                                someMs - 412,
		"2026-11-22 12:51:56.412+00:00":                      someMs,
		"2026-11-22 12:51:56.412613789 +0000 UTC":            someMs,
		"2026-11-22 13:51:56.412613789 +0100 CET m=+0.00123": someMs,
		"2026-11-22 15:51:56.412 +0300 +03":                  someMs,
	} {
		for _, codec := range []string{"sequelize", "iso", "sqlite", "go", "go-offset"} {
			var got keys.Instant
			if err := codecs[codec].decode(text, &got); err != nil || got != keys.Millis(want) {
				t.Errorf("%s reads %s as %s, %v", codec, text, got, err)
			}
		}
	}
}

// odd values are damage where they are no value of the codec. The error says what was
// found, not the value: a column of tokens may have been taken for another.
func TestCodecsRefuseTheRestWithoutTellingIt(t *testing.T) {
	const secret = "s3cret"
	blob := []byte(secret)
	for codec, values := range map[string][]any{
		"integer":       {secret, 1.5, blob},
		"text":          {int64(77123), 1.5, blob},
		"optional-text": {int64(77123), blob},
		"blob":          {secret, nil, int64(77123)},
		"raw":           {secret, nil, []byte{}},
		"base64":        {"s3cret!", "", blob, "="},
		"flag":          {nil, int64(2), "true", secret, blob, 0.5},
		"inverted-flag": {int64(2), "false", blob},
		"unix-ms":       {secret, 1.5, blob, "2026-11-22 12:51:56"},
		"unix-seconds":  {secret, 0.5, "5"},
		"real-seconds":  {secret, math.NaN(), math.Inf(-1), "2026-11-22", blob},
		"sequelize":     {secret, int64(77123), 1.5, blob, "", "2026-11-22", "2026-13-22 12:51:56", "13:18", "22/11/2026 12:51:56"},
		"go":            {secret, int64(77123), "2026-11-22 12:51:56 CET"},
		"json-list":     {secret, "", `{"a":1}`, `[77123]`, `["a",null]`, "null", `"s3cret"`, blob, int64(77123), `["` + secret},
		"comma-list":    {int64(77123), blob},
		"json-networks": {`["s3cret"]`, `[null]`, `["10.0.0.0"]`, "null", blob},
		"json-object":   {`{"a":77123}`, `{"a":null}`, "[]", "null", secret},
		"rate-ms":       {secret, "100/s3cret", int64(77123)},
	} {
		for _, v := range values {
			ref := fieldOf(codec)
			before := fmt.Sprint(reflect.ValueOf(ref).Elem())
			err := codecs[codec].decode(v, ref)
			if err == nil {
				t.Errorf("%s reads %#v as %v", codec, v, reflect.ValueOf(ref).Elem())
				continue
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "77123") {
				t.Errorf("%s tells the value: %v", codec, err)
			}
			if after := fmt.Sprint(reflect.ValueOf(ref).Elem()); after != before {
				t.Errorf("%s leaves %s of %#v", codec, after, v)
			}
		}
	}
}

// fieldOf returns a pointer to a new value of the codec's type.
func fieldOf(codec string) any {
	for f := keys.FieldID; f <= keys.FieldHash; f++ {
		if slices.Contains(fitting[kindOfField(f)], codec) {
			return f.Ref(new(keys.Key))
		}
	}
	return nil
}

// What a column has no form for is not written in another one.
func TestCodecsWriteNothingThatTheyCannotHold(t *testing.T) {
	for codec, ref := range map[string]any{
		"integer": textRef("007"), "raw": textRef(bcryptText("2b")), "base64": textRef("no hex"), "comma-list": listRef("a,b"),
		"sequelize": millisRef(1 << 60),
	} {
		if got := codecs[codec].encode(ref); got != nil {
			t.Errorf("%s writes %#v", codec, got)
		}
	}
	for _, id := range []string{"", "+7", "7 ", " 7", "abc", "7.0", "0x7", "-0", "07", "9223372036854775808"} {
		if got := codecs["integer"].encode(&id); got != nil {
			t.Errorf("%q is bound as %v", id, got)
		}
	}
}

func TestAffixes(t *testing.T) {
	masked := (&Column{Field: keys.FieldMasked, Codec: "text", Before: "hw_", After: "…"}).codec()
	hash := (&Column{Field: keys.FieldHash, Codec: "base64", Before: "sha256:"}).codec()
	blob := (&Column{Field: keys.FieldHash, Codec: "blob", Before: "{bcrypt}"}).codec()
	for _, tt := range []struct {
		codec
		field string
		value any
	}{
		{masked, "hw_abc…", "abc"}, {hash, "fbff", "sha256:+/8="}, {blob, "$2b$", []byte("{bcrypt}$2b$")},
	} {
		if got := tt.encode(&tt.field); !reflect.DeepEqual(got, tt.value) {
			t.Errorf("%s is written %v", tt.field, got)
		}
		var back string
		if err := tt.decode(tt.value, &back); err != nil || back != tt.field {
			t.Errorf("%v is read %q, %v", tt.value, back, err)
		}
	}
	for _, other := range []any{"abc", "abc…", "wh_abc…"} {
		if got := masked.encode(textRef(other.(string))); got != nil {
			t.Errorf("%v is written %v", other, got)
		}
	}
	for _, v := range []any{"+/8=", "sha512:+/8=", nil} {
		if err := hash.decode(v, new(string)); err == nil {
			t.Errorf("%v is read as a hash", v)
		}
	}
}

// Whatever a column holds, it is read or refused, never half, and what is written
// of what was read is read the same.
func FuzzCodecs(f *testing.F) {
	for _, seed := range []string{"", "[]", `["a"]`, `{"a":"b"}`, "2026-11-22 12:51:56.412 +00:00", "100/1", "1", "a,b", "+/8=", "null"} {
		f.Add(seed, int64(1), 0.5)
	}
	f.Fuzz(func(t *testing.T, s string, n int64, x float64) {
		for name, c := range codecs {
			for _, v := range []any{s, []byte(s), n, x, nil} {
				ref, again := fieldOf(name), fieldOf(name)
				if c.decode(v, ref) != nil {
					continue
				}
				if w := c.encode(ref); w != nil {
					if err := c.decode(w, again); err != nil || !c.lossy && fmt.Sprint(reflect.ValueOf(ref).Elem()) != fmt.Sprint(reflect.ValueOf(again).Elem()) {
						t.Errorf("%s: %#v is read %v, written %#v, read %v (%v)", name, v, reflect.ValueOf(ref).Elem(), w, reflect.ValueOf(again).Elem(), err)
					}
				}
			}
		}
	})
}
