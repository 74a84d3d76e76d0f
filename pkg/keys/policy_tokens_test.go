package keys_test

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

// ruledBench is a native database with a policy.
func ruledBench(t *testing.T, settings ...string) *bench {
	t.Helper()
	b := &bench{T: t, now: noon, m: keystest.NewMemory()}
	b.Service = serviceOver(b.m)
	b.Service.Now = func() time.Time { return b.now }
	b.rule(settings...)
	return b
}

func (b *bench) rule(settings ...string) keys.PolicyChange {
	b.Helper()
	var q keys.PolicyRequest
	for i := 0; i < len(settings); i += 2 {
		q.Settings = append(q.Settings, keys.Setting{Name: settings[i], Value: settings[i+1]})
	}
	done, err := b.SetPolicy(b.Context(), q)
	if err != nil {
		b.Fatal(err)
	}
	return done
}

func (b *bench) refused(what string, q keys.CreateRequest, reason keys.Reason, says string) {
	b.Helper()
	_, err := b.Create(b.Context(), q, quiet{})
	wantSays(b.T, what, err, reason, says)
}

func (b *bench) accepted(what, token string) *keys.Key {
	b.Helper()
	v, err := b.Verify(b.Context(), token, keys.Request{})
	if err != nil || !v.Accepted {
		b.Errorf("%s: %+v, %v", what, v, err)
	}
	return v.Key
}

// formats are the forms of tokens with what they must look like.
var formats = map[string]struct {
	settings []string
	form     string
	bytes    int
}{
	"hex":        {[]string{"token_format", "hex", "token_prefixes", "bw,bw_api"}, `^bw_(?<secret>[0-9a-f]{64})$`, 32},
	"base64url":  {[]string{"token_format", "base64url", "token_bytes", "54"}, `^(?<secret>[A-Za-z0-9_-]{72})$`, 54},
	"with start": {[]string{"token_format", "base64url", "token_prefixes", "acme_live"}, `^acme_live_(?<secret>[A-Za-z0-9_-]{43})$`, 32},
	"selector":   {[]string{"token_format", "selector", "token_prefixes", "hw"}, `^hw_[0-9a-f]{16}\.(?<secret>[A-Za-z0-9_-]{43})$`, 32},
	"native":     {[]string{"token_prefixes", "acme", "token_bytes", "36"}, `^acme_(?<secret>[0-9A-Za-z]{63})$`, 0},
}

// Tokens have the form that the policy gives them, by every hash; they are found, shown
// without their secret, and nothing is said to be wrong with them. So are those that
// were made under another policy.
func TestTokensHaveTheFormOfThePolicy(t *testing.T) {
	for _, hash := range []string{"sha256", "bcrypt"} {
		b := ruledBench(t, "hash", hash, "bcrypt_cost", "4")
		var earlier []string
		for name, f := range formats {
			b.rule("token_prefixes", "default", "token_bytes", "default", "token_format", "default")
			b.rule(f.settings...)
			made := b.made(keys.CreateRequest{})
			re := regexp.MustCompile(f.form)
			m := re.FindStringSubmatch(made.Token)
			if m == nil || string(made.Key.Scheme) != hash {
				t.Fatalf("%s, %s: %+v of %q", name, hash, made.Key, made.Token)
			}
			secret := m[re.SubexpIndex("secret")]
			if shown := strings.TrimSuffix(made.Key.Masked, "…"); !strings.HasPrefix(made.Token, shown) || strings.Contains(shown, secret[:9]) {
				t.Errorf("%s: masked as %q", name, made.Key.Masked)
			}
			if n := decoded(secret); n != f.bytes {
				t.Errorf("%s: %d bytes of randomness, want %d", name, n, f.bytes)
			}
			if in := keys.Inspect(made.Token); len(in.Problems) > 0 {
				t.Errorf("%s: %q", name, in.Problems)
			}
			earlier = append(earlier, made.Token)
			for _, token := range earlier {
				b.accepted(name, token)
			}
			v, err := b.Verify(b.Context(), made.Token[:len(made.Token)-1]+otherThan(made.Token[len(made.Token)-1]), keys.Request{})
			if err != nil || v.Accepted || v.Outcome != keys.Unknown && name != "native" {
				t.Errorf("%s: a wrong secret gets %+v, %v", name, v, err)
			}
		}
	}
}

func decoded(secret string) int {
	if b, err := hex.DecodeString(secret); err == nil {
		return len(b)
	}
	if b, err := base64.RawURLEncoding.DecodeString(secret); err == nil && len(secret) != 63 {
		return len(b)
	}
	return 0
}

// A selector finds its key, so that a wrong token costs no slow hash for each; a token
// that was supplied can look the same, and is found all the same.
func TestSelectorTokensAreFoundByTheirSelector(t *testing.T) {
	b := ruledBench(t, "token_format", "selector", "hash", "bcrypt", "bcrypt_cost", "4", "slow_keys", "1")
	for range 3 {
		made := b.made(keys.CreateRequest{})
		if !made.Key.HasSelector() || made.Token[3:19] != made.Key.ID {
			t.Errorf("%+v of %q", made.Key, made.Token)
		}
		b.accepted("a selector", made.Token)
		lookalike := made.Token[:20] + strings.Repeat("x-Y_", 10)
		b.made(keys.CreateRequest{Supplied: lookalike})
		if k := b.accepted("a supplied token like it", lookalike); k == nil || k.ID == made.Key.ID {
			t.Errorf("%+v", k)
		}
		b.refused("another slow one", keys.CreateRequest{Supplied: strings.Repeat("x", 40)}, keys.ReasonPolicy, "slow_keys")
		b.patch(b.accepted("it", lookalike).ID, func(k *keys.Key) { k.Enabled = false })
	}
}

func TestWhatThePolicyAsksOfTokens(t *testing.T) {
	b := ruledBench(t, "token_prefixes", "bw,bw_api", "token_format", "hex", "token_bytes", "32", "supplied_least", "40", "supplied_most", "50",
		"hash", "sha256", "bcrypt_cost", "5", "prefix_resources", "bw_api=endpoint/*")
	word := func(prefix string, n int) string { return prefix + strings.Repeat("w", n-len(prefix)) }
	b.refused("a prefix", keys.CreateRequest{Key: keys.Key{Prefix: "kr"}}, keys.ReasonPolicy, "token_prefixes")
	b.refused("a long secret", keys.CreateRequest{SecretBytes: 33}, keys.ReasonPolicy, "token_bytes")
	b.refused("a short secret", keys.CreateRequest{SecretBytes: 16}, keys.ReasonPolicy, "token_bytes")
	b.refused("a short token", keys.CreateRequest{Supplied: word("bw_", 39)}, keys.ReasonPolicy, "supplied_least")
	b.refused("a long token", keys.CreateRequest{Supplied: word("bw_", 51)}, keys.ReasonPolicy, "supplied_most")
	b.refused("a supplied prefix", keys.CreateRequest{Supplied: word("kr_", 40)}, keys.ReasonPolicy, "token_prefixes")
	b.refused("a cost", keys.CreateRequest{Supplied: word("bw_", 40), BcryptCost: 4}, keys.ReasonPolicy, "bcrypt_cost")
	b.refused("a supplied token of a prefix", keys.CreateRequest{Supplied: word("bw_api_", 40)}, keys.ReasonPolicy, "prefix_resources")
	api := b.made(keys.CreateRequest{Key: keys.Key{Prefix: "bw_api", Resource: "endpoint/7"}})
	if !strings.HasPrefix(api.Key.Masked, "bw_api_") || api.Key.Prefix != "bw_api" || len(api.Token) != 71 {
		t.Errorf("%+v", api.Key)
	}
	own := b.made(keys.CreateRequest{Supplied: word("bw_", 40)})
	if own.Key.Prefix != "bw" || own.Key.Masked != "bw_wwww…" || !strings.HasPrefix(own.Key.Hash, "$2b$05$") {
		t.Errorf("%+v", own.Key)
	}
	b.rule("hash", "bcrypt", "token_format", "native", "token_bytes", "36")
	b.refused("a fast hash", keys.CreateRequest{Scheme: keys.SHA256}, keys.ReasonPolicy, "hash")
	b.refused("a short native secret", keys.CreateRequest{SecretBytes: 32}, keys.ReasonPolicy, "token_bytes")
	if made := b.made(keys.CreateRequest{SecretBytes: 38}); !made.Key.HasSelector() || made.Key.Scheme != keys.Bcrypt {
		t.Errorf("%+v", made.Key)
	}
}
