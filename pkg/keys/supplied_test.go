package keys_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// random returns n reproducible bytes.
func random(n byte, size int) []byte {
	b := make([]byte, size)
	if _, err := io.ReadFull(seeded(n), b); err != nil {
		panic(err)
	}
	return b
}

func TestTrimNewline(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a", "a\n": "a", "a\r\n": "a", "\n": "", "\r\n": "",
		"a\n\n": "a\n", "a\r\n\r\n": "a\r\n", "a\r": "a\r", "a \n": "a ", "\na": "\na", "a\n\r": "a\n\r",
	} {
		if got := string(keys.TrimNewline([]byte(in))); got != want {
			t.Errorf("TrimNewline(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestValidateSupplied(t *testing.T) {
	ok32 := "sixteen-letters+sixteen-letters!"
	for _, good := range []string{
		ok32, ok32 + ok32 + "!\"#$%&'~", base64.StdEncoding.EncodeToString(random(1, 32)),
		"bw_" + hex.EncodeToString(random(2, 32)),
	} {
		if err := keys.ValidateSupplied(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	native := sample(t, 7, "kr", 32).String()
	for _, c := range []struct{ name, token, says string }{
		{"empty", "", "0 bytes"},
		{"short", ok32[:31], "31 bytes"},
		{"long", ok32 + ok32 + "123456789", "73 bytes"},
		{"newline", ok32 + "\n", "a newline at position 33"},
		{"leading space", " " + ok32, "a space at position 1"},
		{"tab", ok32[:3] + "\t" + ok32[3:], "a tab at position 4"},
		{"NUL", ok32[:10] + "\x00" + ok32[10:], "a NUL at position 11"},
		{"control", ok32 + "\x1b", "control character (U+001B) at position 33"},
		{"DEL", ok32 + "\x7f", "control character (U+007F) at position 33"},
		{"zero width", ok32 + "\u200b", "hidden character (U+200B) at position 33"},
		{"letter", ok32[:2] + "é" + ok32[2:], "non-ASCII character at position 3"},
		{"not UTF-8", ok32 + "\xff", "not UTF-8 at position 33"},
		{"native", native, "native form"},
	} {
		err := keys.ValidateSupplied(c.token)
		wantReason(t, c.name, err, keys.ReasonInvalid)
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q does not say %q", c.name, err, c.says)
		}
		if err != nil && len(c.token) > 8 && strings.Contains(err.Error(), c.token[2:8]) {
			t.Errorf("%s: the error repeats the token: %q", c.name, err)
		}
	}
	if err := keys.ValidateSupplied(native[:len(native)-1] + otherThan(native[len(native)-1])); err != nil {
		t.Errorf("the native form with a wrong checksum is not native: %v", err)
	}
}

func TestMaskSupplied(t *testing.T) {
	issued := base64.RawURLEncoding.EncodeToString([]byte("<\xa7\x1d\x93\x00\x45\xde\x11\x7c\x2b\x9a\xf3\x68\x05\xcc\x3e\x77\x80\x1b\xe2\x4f\xd6\x29\x90\x0c\xb3\x5a\xe8\x31\x6d\xf4\x07"))
	hexed := hex.EncodeToString(random(4, 32))
	for _, c := range []struct{ name, token, prefix, masked string }{
		{"empty", "", "", "…"},
		{"7 characters", "1234567", "", "…"},
		{"8 characters", "12345678", "", "1…"},
		{"32 characters", "sixteen-letters+sixteen-letters!", "", "sixt…"},
		{"64 characters", hexed, "", hexed[:8] + "…"},
		{"72 characters", hexed + "12345678", "", hexed[:8] + "…"},
		{"prefix", "bw_" + hexed, "bw", "bw_" + hexed[:8] + "…"},
		{"two prefixes", "abc_live_" + hexed, "abc_live", "abc_live_" + hexed[:8] + "…"},
		{"prefix, 43 characters", "wh_" + issued, "wh", "wh_" + issued[:5] + "…"},
		{"long second part", "abc_backup_" + hexed[:61], "abc", "abc_backup_" + hexed[:1] + "…"},
		{"underscore in base64url", "wh_a7_" + hexed, "wh_a7", "wh_a7_" + hexed[:8] + "…"},
		{"passphrase", "correct_horse_battery_staple_glass", "", "corr…"},
		{"capitals", "ABC_" + hexed, "", "ABC_" + hexed[:4] + "…"},
		{"long first part", "abcdefghi_" + hexed, "", "abcdefgh…"},
		{"short rest", "abc_" + hexed[:23], "", "abc…"},
		{"not ASCII", "é" + hexed, "", "…"},
	} {
		prefix, masked := keys.MaskSupplied(c.token)
		if prefix != c.prefix || masked != c.masked {
			t.Errorf("%s: %q, %q, want %q, %q", c.name, prefix, masked, c.prefix, c.masked)
		}
	}
}

func TestLooksLikeToken(t *testing.T) {
	native := sample(t, 8, "acme_live", 32).String()
	body := native[len("acme_live_"):]
	url48 := base64.RawURLEncoding.EncodeToString(random(5, 48))
	url24 := base64.RawURLEncoding.EncodeToString(random(6, 24))
	hex32 := hex.EncodeToString(random(7, 32))
	for name, arg := range map[string]string{
		"native": native, "short native": sample(t, 9, "kr", 16).String(),
		"wrong checksum": native[:len(native)-1] + otherThan(native[len(native)-1]),
		"cut":            native[:len(native)-3], "quoted": `"` + native + `"`, "newline": native + "\n",
		"header": "Authorization: Bearer " + native, "dotenv": "TOKEN=" + native, "in a sentence": "the key " + native + ", please",
		"masked whole": native + "…", "no prefix": body,
		"base64url": url48, "base64": base64.StdEncoding.EncodeToString([]byte(url48)), "hex": hex32, "capital hex": strings.ToUpper(hex32),
		"bw_": "bw_" + hex32, "bw_tv_": "bw_tv_" + hex32, "pxos_": "pxos_" + url24,
		"hw_": "hw_" + url48[:16] + "." + url48, "wh_": "wh_" + url48, "hex in dotenv": "API_KEY='" + hex32 + "'",
	} {
		if !keys.LooksLikeToken(arg) {
			t.Errorf("%s: %q was not recognised", name, arg)
		}
	}
	for _, arg := range []string{
		"", "kr", "Ab3dE9xZ", "kr_Ab3dE9xZ…", "acme_live_Ab3dE9xZ…", "bw_0123abcd…", "12", "7fQ2",
		"V1StGXR8_Z5jdHi6B-myT", "ci-deploy-production-eu-west-1-2026", "CI-Deploy-Production-EU-West-1-2026",
		"ci_deploy-production-eu-west-1-2026", "ServiceAccountForDeployment2026Production",
		"6f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0", "/home/alice/Projects/KeyReeve2026/Tokens/" + url24, "./" + native, "~/" + native + ".key",
		"Backups/2026/Customer-A/KeyReeve/Production.db", "the quick brown fox jumps over the lazy dog 123 times",
		"https://wiki.example.com/Operations/Keys/2026/Rotation", "00000000000000000000000000000000",
		"deadbeefdeadbeefdeadbeefdeadbeef"[:31], "accededfacadeaccededfacadeabbadabba", "ключ-для-сервера-в-Берлине-номер-2026",
	} {
		if keys.LooksLikeToken(arg) {
			t.Errorf("%q was taken for a token", arg)
		}
	}
}

// Of the shortest format in use, one token in 200 holds no digit and goes
// unrecognised, and few others may.
func TestLooksLikeTokenSeldomMisses(t *testing.T) {
	source, missed := seeded(10), 0
	for range 1000 {
		b := make([]byte, 24)
		if _, err := io.ReadFull(source, b); err != nil {
			t.Fatal(err)
		}
		if !keys.LooksLikeToken("pxos_" + base64.RawURLEncoding.EncodeToString(b)) {
			missed++
		}
	}
	if missed > 10 {
		t.Errorf("%d of 1000 tokens were missed", missed)
	}
}

func FuzzValidateSupplied(f *testing.F) {
	for _, s := range []string{"", "sixteen-letters+sixteen-letters!", "\x00", "é\xff\n", sample(f, 11, "kr", 32).String()} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		prefix, masked := keys.MaskSupplied(s)
		if rest, ok := strings.CutSuffix(masked, "…"); !ok || !strings.HasPrefix(s, rest) || len(rest) > 14+8 || 2*len(rest) > len(s)+2 {
			t.Fatalf("the masked form of %q is %q", s, masked)
		}
		if prefix != "" && (keys.ValidatePrefix(prefix) != nil || !strings.HasPrefix(masked, prefix+"_")) {
			t.Fatalf("the prefix of %q is %q", s, prefix)
		}
		if err := keys.ValidateSupplied(s); err != nil {
			return
		}
		if len(s) < 32 || len(s) > 72 || strings.ContainsFunc(s, func(r rune) bool { return r < '!' || r > '~' }) {
			t.Fatalf("%q was accepted", s)
		}
		if _, err := keys.ParseToken(s); err == nil {
			t.Fatalf("%q has the native form", s)
		}
	})
}

func FuzzLooksLikeToken(f *testing.F) {
	f.Add("kr", byte(1), "Bearer ", "\n")
	f.Add("bw_tv", byte(2), "/home/", "…")
	f.Add("", byte(3), "é\xff", "=")
	f.Fuzz(func(t *testing.T, prefix string, n byte, before, after string) {
		keys.LooksLikeToken(before + after)
		token, err := keys.NewToken(seeded(n), prefix, 16+int(n)%17)
		if err != nil {
			return
		}
		if keys.LooksLikeToken(token.Masked()) || keys.LooksLikeToken(token.ID) {
			t.Fatalf("what may be shown is taken for a token: %q", token.Masked())
		}
		for _, arg := range []string{token.String(), fmt.Sprintf("%q", token), before + " " + token.String() + " " + after} {
			if !keys.LooksLikeToken(arg) {
				t.Fatalf("%q was not recognised", arg)
			}
		}
	})
}
