package keys_test

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// inspected is one paste and what is to be said of it.
type inspected struct {
	name, paste string
	kind        string
	valid       bool
	problems    []string
}

func checkInspections(t *testing.T, list []inspected) {
	t.Helper()
	for _, c := range list {
		got := keys.Inspect(c.paste)
		if got.Kind != c.kind || got.Valid != c.valid || !slices.Equal(got.Problems, c.problems) {
			t.Errorf("%s: kind %q, valid %v, problems %q\nwant %q, %v, %q", c.name, got.Kind, got.Valid, got.Problems,
				c.kind, c.valid, c.problems)
		}
		if got.Length != len(c.paste) {
			t.Errorf("%s: length %d, want %d", c.name, got.Length, len(c.paste))
		}
	}
}

func TestInspectWrappings(t *testing.T) {
	tok := sample(t, 20, "kr", 32).String()
	for _, c := range []struct {
		paste    string
		problems []string
	}{
		{tok, nil},
		{tok + "\n", []string{"has a trailing newline"}},
		{tok + "\r\n\r\n", []string{"has a trailing newline", "has a trailing carriage return"}},
		{" \t" + tok, []string{"has a leading space", "has a leading tab"}},
		{`"` + tok + `"`, []string{"is wrapped in quotes"}},
		{"“" + tok + "”", []string{"is wrapped in quotes"}},
		{"'" + tok + " '", []string{"is wrapped in quotes", "has a trailing space"}},
		{"Bearer " + tok, []string{`begins with "Bearer "`}},
		{"authorization: bearer " + tok, []string{`begins with "Authorization:"`, "has a leading space", `begins with "Bearer "`}},
		{"X-API-Key: " + tok, []string{`begins with "X-API-Key:"`, "has a leading space"}},
		{"secret-token:" + tok, []string{`begins with "secret-token:"`}},
		{`export API_KEY="` + tok + `"`, []string{`begins with "export "`, `begins with a variable's name and "="`, "is wrapped in quotes"}},
		{"\ufeff" + tok, []string{"has a hidden character (U+FEFF) at position 1"}},
		{tok[:9] + "\u200b" + tok[9:], []string{"has a hidden character (U+200B) at position 10"}},
		{tok[:11] + " " + tok[11:], []string{"has a space at position 12"}},
		{tok[:40] + "\n  " + tok[40:], []string{"has a newline at position 41", "has a space at position 42", "has a space at position 43"}},
		{tok + "\x00", []string{"has a trailing NUL"}},
		{`  "token": "` + tok + `",`, []string{"has a leading space", "stands inside other text"}},
		{"https://example.com/hook?api_key=" + tok + "&x=1", []string{"stands inside other text"}},
		{"curl -H 'X-API-Key: " + tok + "' https://example.com", []string{"stands inside other text"}},
		{tok + "x", []string{"has 1 character too many at its end"}},
		{tok + "200 OK", []string{"stands inside other text"}},
	} {
		got := keys.Inspect(c.paste)
		if got.Kind != keys.PastedToken || !got.Valid || !slices.Equal(got.Problems, c.problems) {
			t.Errorf("%q: %+v\nwant problems %q", c.paste, got, c.problems)
		}
		if got.Prefix != "kr" || got.ID != tok[3:11] || got.Masked != tok[:11]+"…" {
			t.Errorf("%q: shows %q, %q, %q", c.paste, got.Prefix, got.ID, got.Masked)
		}
	}
}

func TestInspectDamage(t *testing.T) {
	tok := sample(t, 21, "kr", 32).String()
	swap := func(i int) string { return tok[:i-1] + tok[i:i+1] + tok[i-1:i] + tok[i+1:] }
	change := func(i int) string { return tok[:i-1] + otherThan(tok[i-1]) + tok[i:] }
	const wrong = "checksum is wrong: "
	checkInspections(t, []inspected{
		{"cut by 1", tok[:59], keys.PastedToken, false, []string{"is cut: 1 character is missing"}},
		{"cut by 3", tok[:57], keys.PastedToken, false, []string{"is cut: 3 characters are missing"}},
		{"cut by 30", tok[:30], keys.PastedToken, false, []string{"is cut: 30 characters are missing"}},
		{"cut by 46", tok[:14], keys.PastedToken, false, []string{"is cut: 46 characters are missing"}},
		{"quoted and cut", `"` + tok[:57] + `"`, keys.PastedToken, false, []string{"is wrapped in quotes", "is cut: 3 characters are missing"}},
		{"swap in the id", swap(4), keys.PastedToken, false, []string{wrong + "two neighbouring characters are swapped at position 4"}},
		{"swap in the secret", swap(30), keys.PastedToken, false, []string{wrong + "two neighbouring characters are swapped at position 30"}},
		{"swap into the check", swap(54), keys.PastedToken, false, []string{wrong + "two neighbouring characters are swapped at position 54"}},
		{"swap behind a space", " " + swap(30), keys.PastedToken, false, []string{"has a leading space", wrong + "two neighbouring characters are swapped at position 31"}},
		{"change", change(25), keys.PastedToken, false, []string{wrong + "a character is mistyped or changed at position 25"}},
		{"change in the check", change(60), keys.PastedToken, false, []string{wrong + "a character is mistyped or changed at position 60"}},
		{"left out", tok[:19] + tok[20:], keys.PastedToken, false, []string{wrong + "a character is missing at position 20"}},
		{"put in", tok[:19] + otherThan(tok[18]) + tok[19:], keys.PastedToken, false, []string{wrong + "there is a character too many at position 20"}},
		{"dash", tok[:19] + "-" + tok[20:], keys.PastedToken, false, []string{"has a character that no token contains at position 20"}},
		{"umlaut", tok[:19] + "ü" + tok[20:], keys.PastedToken, false, []string{"has a character that no token contains at position 20"}},
		{"no prefix", tok[3:], keys.PastedToken, false, []string{"its prefix is missing"}},
		{"several", change(25)[:40] + otherThan(tok[40]) + tok[41:], keys.PastedToken, false,
			[]string{wrong + "several characters are mistyped or changed, or it is another system's token"}},
	})
}

func TestInspectFindsConfusedCharacters(t *testing.T) {
	for _, pair := range []string{"0O", "O0", "1l", "l1", "Il"} {
		body := strings.Repeat("Ab3dE9xZ", 3) + pair[:1] + strings.Repeat("hQ7w", 6) + "p5"
		tok := "kr_" + body + keys.Checksum(body)
		got := keys.Inspect(strings.Replace(tok, pair[:1], pair[1:], 1))
		want := "checksum is wrong: characters that look alike are confused (0 and O, or 1, I and l) at position 28"
		if got.Valid || !slices.Equal(got.Problems, []string{want}) {
			t.Errorf("%s: %q", pair, got.Problems)
		}
	}
}

func TestInspectOtherThings(t *testing.T) {
	tok := sample(t, 22, "acme_live", 32)
	hexed := "bw_" + hex.EncodeToString(random(23, 32))
	long := base64.RawURLEncoding.EncodeToString(random(25, 64))
	checkInspections(t, []inspected{
		{"empty", "", keys.PastedEmpty, false, []string{"is empty"}},
		{"newline", "\n", keys.PastedEmpty, false, []string{"has a trailing newline", "is empty"}},
		{"masked", tok.Masked(), keys.PastedMasked, false, nil},
		{"masked, no ellipsis", "acme_live_" + tok.ID, keys.PastedMasked, false, nil},
		{"masked, dots", "acme_live_" + tok.ID + "...", keys.PastedMasked, false, nil},
		{"display start", "bw_0123abcd…", keys.PastedMasked, false, nil},
		{"id", tok.ID, keys.PastedID, false, nil},
		{"BoxWatch", hexed, keys.PastedSupplied, false, nil},
		{"BoxWatch in a header", "Authorization: Bearer " + hexed, keys.PastedSupplied, false,
			[]string{`begins with "Authorization:"`, "has a leading space", `begins with "Bearer "`}},
		{"too long", long, keys.PastedUnknown, false, []string{"is too long to be a token: 86 characters"}},
		{"word", "hunter2", keys.PastedUnknown, false, []string{"is too short to be a token: 7 characters"}},
		{"accent", "pässword", keys.PastedUnknown, false,
			[]string{"has a non-ASCII character at position 2", "is too short to be a token: 8 characters"}},
		{"ellipsis", "…", keys.PastedUnknown, false,
			[]string{"has a non-ASCII character at position 1", "is too short to be a token: 1 character"}},
		{"sentence", "a b c d e f", keys.PastedUnknown, false, []string{"has a space at position 2", "has a space at position 4",
			"has a space at position 6", "is too short to be a token: 6 characters"}},
		{"one quote", `'hunter2`, keys.PastedUnknown, false, []string{"is too short to be a token: 8 characters"}},
		{"padding", "ABCDEFGH==", keys.PastedUnknown, false, []string{"is too short to be a token: 10 characters"}},
		{"a file", strings.Repeat("x", 5000), keys.PastedUnknown, false, []string{"is far too long to be a token"}},
	})
	if got := keys.Inspect(hexed); got.Prefix != "bw" || got.ID != "" || got.Masked != hexed[:11]+"…" {
		t.Errorf("BoxWatch shows %+v", got)
	}
	if got := keys.Inspect(tok.Masked()); got.Prefix != "acme_live" || got.ID != tok.ID || got.Masked != tok.Masked() {
		t.Errorf("the masked form shows %+v", got)
	}
	if got := keys.Inspect(long); got.Prefix+got.ID+got.Masked != "" {
		t.Errorf("an unknown string shows %+v", got)
	}
}

// shown is everything of an inspection that reaches a screen.
func shown(in keys.Inspection) string {
	return strings.Join(append([]string{in.Prefix, in.ID, in.Masked}, in.Problems...), "\n")
}

func FuzzInspect(f *testing.F) {
	f.Add("", byte(0), uint8(0), "")
	f.Add("Bearer \"", byte(1), uint8(30), "\" \n")
	f.Add("API_KEY='", byte(2), uint8(59), "'\u200b")
	f.Add("„", byte(3), uint8(12), "“\xff")
	f.Fuzz(func(t *testing.T, before string, n byte, cut uint8, after string) {
		tok := sample(t, n, "kr", 32)
		whole := tok.String()
		at := 11 + int(cut)%len(whole[11:])
		for _, paste := range []string{
			before + whole + after, before + whole[:at] + after,
			whole[:at] + before + whole[at:], whole[:at] + otherThan(whole[at]) + whole[at+1:],
		} {
			in := keys.Inspect(paste)
			for i := range len(tok.Secret) - 9 {
				if part := tok.Secret[i : i+9]; strings.Contains(shown(in), part) && !strings.Contains(before+after, part) {
					t.Fatalf("%q: the secret is shown: %+v", paste, in)
				}
			}
			if in.Length != len(paste) || in.Valid && (in.Kind != keys.PastedToken || in.ID == "") {
				t.Fatalf("%q: %+v", paste, in)
			}
		}
		if in := keys.Inspect(before + after); in.Valid && !strings.Contains(before+after, "_") {
			t.Fatalf("%q is taken for a token: %+v", before+after, in)
		}
	})
}
