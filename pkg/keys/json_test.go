package keys

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

var jsonNow = At(time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC))

func jsonKey() *Key {
	return &Key{
		ID: "Ab3dE9xZ", Label: `"ci" <&>`, Enabled: true, Hash: "digest-of-the-token",
		Scopes: []string{"read", "write"}, Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")},
		CreatedAt: Millis(1_800_000_000_123), ExpiresAt: Millis(1_900_000_000_000),
		Metadata: map[string]string{"b": "2", "a": "1", "é": "3"},
	}
}

func TestFieldAppendJSON(t *testing.T) {
	tests := []struct {
		field Field
		key   *Key
		want  string
	}{
		{FieldID, jsonKey(), `"Ab3dE9xZ"`},
		{FieldLabel, jsonKey(), `"\"ci\" <&>"`},
		{FieldOwner, jsonKey(), `null`},
		{FieldScopes, jsonKey(), `["read","write"]`},
		{FieldNetworks, jsonKey(), `["10.0.0.0/8","2001:db8::/32"]`},
		{FieldCreatedAt, jsonKey(), `"2027-01-15T08:00:00.123Z"`},
		{FieldExpiresAt, jsonKey(), `"2030-03-17T17:46:40Z"`},
		{FieldNotBefore, jsonKey(), `null`},
		{FieldNotBefore, &Key{NotBefore: Millis(0)}, `"1970-01-01T00:00:00Z"`},
		{FieldMetadata, jsonKey(), `{"a":"1","b":"2","é":"3"}`},
		{FieldEnabled, jsonKey(), `true`},
		{FieldStatus, jsonKey(), `"active"`},
		{FieldStatus, &Key{}, `"revoked"`},
		{FieldStatus, &Key{Enabled: true, ExpiresAt: jsonNow}, `"expired"`},
		{FieldScopes, &Key{}, `[]`},
		{FieldNetworks, &Key{}, `[]`},
		{FieldMetadata, &Key{}, `{}`},
		{FieldRateLimit, &Key{}, `null`},
		{FieldRateLimit, &Key{RateLimit: Rate{Requests: 100, Window: time.Hour}}, `"100/1h"`},
		{FieldHash, jsonKey(), `null`},
	}
	for _, tt := range tests {
		if got := string(tt.field.AppendJSON(nil, tt.key, jsonNow)); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.field, got, tt.want)
		}
	}
}

func TestAppendJSONOfEveryFieldIsValid(t *testing.T) {
	for _, k := range []*Key{jsonKey(), {}} {
		for f := range fieldCount {
			if got := f.AppendJSON(nil, k, jsonNow); !json.Valid(got) {
				t.Errorf("%v: not JSON: %s", f, got)
			}
		}
	}
}

func TestAppendStringEscapes(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", `""`},
		{"html is left alone", `<a href='x'>&`, `"<a href='x'>&"`},
		{"quote and backslash", `a"b\c`, `"a\"b\\c"`},
		{"line ends", "a\r\n\tb", `"a\r\n\tb"`},
		{"escape sequence", "\x1b[31m", `"\u001b[31m"`},
		{"delete and C1", "\x7f\u009b", `"\u007f\u009b"`},
		{"bidi override", "a\u202eb", `"a\u202eb"`},
		{"line separator", "a\u2028b", `"a\u2028b"`},
		{"letters of other scripts", "日本語 é 😀", `"日本語 é 😀"`},
		{"broken UTF-8", "a\xffb\xc3", `"a\ufffdb\ufffd"`},
		{"a real replacement character", "\ufffd", "\"\ufffd\""},
	}
	for _, tt := range tests {
		if got := string(AppendString([]byte("x"), tt.in)); got != "x"+tt.want {
			t.Errorf("%s: got %s, want x%s", tt.name, got, tt.want)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\x00\x1f\x7f", "\u202e\u2066\ufeff", "😀\U000e0001", "\xed\xa0\x80", `\"/`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := AppendString(nil, s)
		var back string
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatalf("%q: %v in %s", s, err, out)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && back != want {
			t.Fatalf("got %q back, want %q", back, want)
		}
		for _, r := range string(out) {
			if r <= 0xffff && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Fatalf("%U is written as it is", r)
			}
		}
	})
}

func TestDiff(t *testing.T) {
	old := &Key{ID: "k1", Label: "ci", Enabled: true, Hash: "old", RequestID: "r"}
	revoked := &Key{ID: "k1", Label: "ci", RevokedAt: Millis(0), Hash: "new", RequestID: "r"}
	rehashed := &Key{ID: "k1", Label: "ci", Enabled: true, Hash: "new", RequestID: "r"}
	tests := []struct {
		name          string
		before, after *Key
		wantB, wantA  string
	}{
		{"created", nil, old, "", `{"id":"k1","label":"ci","enabled":true,"request_id":"r"}`},
		{"deleted", old, nil, `{"id":"k1","label":"ci","enabled":true,"request_id":"r"}`, ""},
		{"revoked", old, revoked, `{"revoked_at":null,"enabled":true}`, `{"revoked_at":"1970-01-01T00:00:00Z","enabled":false}`},
		{"unchanged", old, old, `{}`, `{}`},
		{"only the hash", old, rehashed, `{}`, `{}`},
		{"none at all", nil, nil, "", ""},
	}
	for _, tt := range tests {
		if b, a := Diff(tt.before, tt.after); b != tt.wantB || a != tt.wantA {
			t.Errorf("%s: got %s and %s, want %s and %s", tt.name, b, a, tt.wantB, tt.wantA)
		}
	}
}

// What could not be read is not told, and changes nothing of what else is.
func TestDiffLeavesOutWhatWasUnread(t *testing.T) {
	unread := &Key{ID: "k1", Label: "ci", Enabled: true, Damage: []Damage{{Field: FieldExpiresAt}, {Field: FieldRole, Odd: true}}}
	ended := &Key{ID: "k1", Label: "ci", Enabled: true, ExpiresAt: Millis(0), Role: "r"}
	b, a := Diff(unread, ended)
	if b != `{"role":null}` || a != `{"role":"r","expires_at":"1970-01-01T00:00:00Z"}` {
		t.Errorf("got %s and %s", b, a)
	}
	unread.Role, unread.Damage = "r", unread.Damage[:1]
	b, a = Diff(unread, ended)
	if b != "{}" || a != `{"expires_at":"1970-01-01T00:00:00Z"}` {
		t.Errorf("got %s and %s", b, a)
	}
	if b, a = Diff(unread, unread); b != "{}" || a != "{}" {
		t.Errorf("got %s and %s of no change", b, a)
	}
	if b, a = Diff(unread, nil); b != `{"id":"k1","label":"ci","role":"r","enabled":true}` || a != "" {
		t.Errorf("got %s and %s of a deletion", b, a)
	}
}

func TestDiffNeverShowsTheHash(t *testing.T) {
	for _, pair := range [][2]*Key{{nil, jsonKey()}, {jsonKey(), nil}, {jsonKey(), {}}} {
		if b, a := Diff(pair[0], pair[1]); strings.Contains(b+a, "digest") || strings.Contains(b+a, "hash") {
			t.Errorf("the hash shows in %s and %s", b, a)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	k, shown := jsonKey(), ShownFields()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = buf[:0]
		for _, f := range shown {
			buf = f.AppendJSON(buf, k, jsonNow)
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	k := jsonKey()
	b.ReportAllocs()
	for b.Loop() {
		Diff(nil, k)
	}
}
