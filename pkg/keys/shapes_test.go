package keys_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// issued are the tokens of other systems, each of the n-th sample.
func issued(n byte) map[string]string {
	b64 := func(size int) string { return base64.RawURLEncoding.EncodeToString(random(n, size)) }
	return map[string]string{
		"pxos": "pxos_" + b64(24), "pak": "pak_" + b64(24), "wh": "wh_" + b64(64), "hw": "hw_" + b64(64),
		"selector": "hw_" + b64(12) + "." + b64(64), "short secret": "hw_" + b64(12) + "." + b64(32),
		"long secret": "hw_" + b64(12) + "." + b64(256), "no prefix": b64(48),
	}
}

func TestTokensOfOtherSystemsAreKnown(t *testing.T) {
	for n := range byte(200) {
		for name, token := range issued(n) {
			for _, arg := range []string{token, `"` + token + `"`, "TOKEN=" + token, token + ".", "Bearer " + token, "(" + token + ")"} {
				if !keys.LooksLikeToken(arg) {
					t.Errorf("%s, %d: %q was not recognised", name, n, arg)
				}
			}
		}
	}
}

// Without a digit in it, only the shape tells.
func TestShapeTellsWhereNothingElseDoes(t *testing.T) {
	for _, token := range []string{
		"pxos_" + strings.Repeat("aBcDeFg-", 4), "pxos_" + strings.Repeat("abcdeABC", 4), "hw_" + strings.Repeat("a", 16) + "." + strings.Repeat("aB", 30),
	} {
		for _, arg := range []string{token, "TOKEN=" + token, "it is " + token + "."} {
			if !keys.LooksLikeToken(arg) {
				t.Errorf("%q was not recognised", arg)
			}
		}
	}
}

func TestWhatIsPublicIsNoToken(t *testing.T) {
	for n := range byte(100) {
		id, err := keys.Part{Chars: 21, Of: "base64url"}.Draw(seeded(n), 0)
		if err != nil {
			t.Fatal(err)
		}
		selector := base64.RawURLEncoding.EncodeToString(random(n, 12))
		wh := issued(n)["wh"]
		for _, arg := range []string{id, "hw_" + selector + "…", "hw_" + selector, wh[:11] + "…", selector} {
			if keys.LooksLikeToken(arg) {
				t.Errorf("%q was taken for a token", arg)
			}
			if in := keys.Inspect(arg); in.Kind == keys.PastedSupplied || in.Kind == keys.PastedToken {
				t.Errorf("%q was inspected as a token: %+v", arg, in)
			}
		}
	}
	for _, label := range []string{
		"pxos_Deploy-Key-For-Production-Servr1", "pxos_deploy-key-for-production-servr1", "pxos_DEPLOY-KEY-FOR-PRODUCTION-SERVR1",
		"hw_abcdefgh-backup.the-agent-of-the-house-in-the-valley-of-the-river", "wh_" + strings.Repeat("a-label-", 10) + "of-86c",
	} {
		if keys.LooksLikeToken(label) {
			t.Errorf("the label %q was taken for a token", label)
		}
	}
}

func TestInspectKnowsTokensOfOtherSystems(t *testing.T) {
	tokens := issued(40)
	for name, c := range map[string]struct{ prefix, masked string }{
		"pxos": {"pxos", tokens["pxos"][:5+4] + "…"}, "pak": {"pak", tokens["pak"][:4+4] + "…"},
		"wh": {"wh", tokens["wh"][:3+8] + "…"}, "hw": {"hw", tokens["hw"][:3+8] + "…"},
		"selector": {"hw", tokens["selector"][:3+16] + "…"}, "short secret": {"hw", tokens["short secret"][:3+16] + "…"},
		"long secret": {"hw", tokens["long secret"][:3+16] + "…"}, "no prefix": {"", tokens["no prefix"][:8] + "…"},
	} {
		in := keys.Inspect(tokens[name])
		if in.Kind != keys.PastedSupplied || in.Valid || in.Prefix != c.prefix || in.Masked != c.masked || in.ID != "" || len(in.Problems) > 0 {
			t.Errorf("%s: %+v, want %+v", name, in, c)
		}
	}
}

// Such a secret is as likely as any other, and no damaged token of ours.
func TestInspectTakesNoShapeForOurs(t *testing.T) {
	for _, token := range []string{"hw_" + strings.Repeat("Q", 86), "wh_" + strings.Repeat("q", 86), "pxos_" + strings.Repeat("Aa1b", 8)} {
		if in := keys.Inspect(token); in.Kind != keys.PastedSupplied || in.ID != "" || len(in.Problems) > 0 {
			t.Errorf("%q is %+v", token, in)
		}
	}
}

func TestInspectFindsWhatOtherTokensLost(t *testing.T) {
	tokens := issued(41)
	for _, c := range []struct {
		name, paste string
		problems    []string
	}{
		{"cut", tokens["pxos"][:35], []string{"is cut: 2 characters are missing"}},
		{"cut by one", tokens["pxos"][:36], []string{"is cut: 1 character is missing"}},
		{"longer", tokens["pxos"] + "x", []string{"has 1 character too many at its end"}},
		{"cut, of variable length", tokens["selector"][:3+16+1+40], []string{"is cut: at least 3 characters are missing"}},
		{"broken over two lines", tokens["selector"][:80] + "\n" + tokens["selector"][80:], []string{"has a newline at position 81"}},
		{"in a header", "X-API-Key: " + tokens["hw"], []string{`begins with "X-API-Key:"`, "has a leading space"}},
	} {
		if in := keys.Inspect(c.paste); in.Kind != keys.PastedSupplied || !slices.Equal(in.Problems, c.problems) {
			t.Errorf("%s: %+v, want %q", c.name, in, c.problems)
		}
	}
}
