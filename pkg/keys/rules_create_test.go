package keys_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

// What needs no database to judge is judged without one.
func TestValidateKnowsNoDatabase(t *testing.T) {
	for name, q := range map[string]keys.CreateRequest{
		"a short secret":         {SecretBytes: 15},
		"a prefix in capitals":   {Key: keys.Key{Prefix: "KR"}},
		"a cost below bcrypt's":  {BcryptCost: 3},
		"many keys of one token": {Supplied: strings.Repeat("x", 40), Count: 2},
		"too many keys":          {Count: 1_000_001},
	} {
		wantReason(t, name, q.Validate(keys.At(noon)), keys.ReasonInvalid)
	}
	q := keys.CreateRequest{Supplied: "short", SecretBytes: 200, Scheme: "of-a-server", Key: keys.Key{Scopes: []string{"b", "a", "b"}}}
	if err := q.Validate(keys.At(noon)); err != nil || q.Key.Prefix != "" || q.BcryptCost != 0 || !slices.Equal(q.Key.Scopes, []string{"b", "a"}) {
		t.Errorf("%+v, %v", q, err)
	}
}

// What is stored is what the server compares with, found out without our own
// hashing.
func TestKeysAreMadeAsTheServerMakesThem(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	one := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci"}})
	if len(one.Token) != 64 || one.Key.ID != "1" || !one.Key.Enabled || one.Key.CreatedAt != keys.At(noon) {
		t.Errorf("%+v", one.Key)
	}
	if bcrypt.CompareHashAndPassword([]byte(one.Key.Hash), []byte(one.Token)) != nil || !strings.HasPrefix(one.Key.Hash, "$2b$04$") {
		t.Errorf("the hash %q is not of the token", one.Key.Hash)
	}
	b = benchOf(t, ranking(), rankingFields)
	two := b.made(keys.CreateRequest{Key: keys.Key{Label: "ci", Role: "viewer"}})
	if len(two.Token) != 106 || two.Key.Masked != two.Token[:19]+"…" || two.Key.UpdatedAt != two.Key.CreatedAt {
		t.Errorf("%+v", two.Key)
	}
	if bcrypt.CompareHashAndPassword([]byte(two.Key.Hash), []byte(two.Token[:72])) != nil {
		t.Errorf("the hash %q is not of the first 72 bytes", two.Key.Hash)
	}
	b = benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	three := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}}})
	mac := hmac.New(sha256.New, strongSecret)
	mac.Write([]byte(three.Token))
	if len(three.Key.ID) != 21 || len(three.Token) != 37 || three.Key.Hash != hex.EncodeToString(mac.Sum(nil)) {
		t.Errorf("%+v", three.Key)
	}
}

// A request for what the table or the server cannot do is refused, says what they
// do, and leaves nothing behind.
func TestWhatAServerCannotDoIsRefused(t *testing.T) {
	soon, networks := keys.At(noon.Add(9*day)), []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, tt := range []struct {
		name string
		q    keys.CreateRequest
		says string
	}{
		{"an expiry", keys.CreateRequest{Key: keys.Key{ExpiresAt: soon}}, "Scanner has no column for expires_at: revoke"},
		{"a beginning", keys.CreateRequest{Key: keys.Key{NotBefore: soon}}, "not_before"},
		{"a role", keys.CreateRequest{Key: keys.Key{Role: "admin"}}, "role"},
		{"scopes", keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}}}, "scopes"},
		{"a resource", keys.CreateRequest{Key: keys.Key{Resource: "tv"}}, "resource"},
		{"networks", keys.CreateRequest{Key: keys.Key{Networks: networks}}, "networks"},
		{"a rate", keys.CreateRequest{Key: keys.Key{RateLimit: keys.Rate{Requests: 1, Window: day}}}, "rate_limit"},
		{"an owner", keys.CreateRequest{Key: keys.Key{Owner: "ops"}}, "owner"},
		{"a description", keys.CreateRequest{Key: keys.Key{Description: "for ci"}}, "--reason"},
		{"metadata", keys.CreateRequest{Key: keys.Key{Metadata: map[string]string{"a": "b"}}}, "metadata"},
		{"a prefix", keys.CreateRequest{Key: keys.Key{Prefix: "kr"}}, "{secret}"},
		{"a length", keys.CreateRequest{SecretBytes: 32}, "{secret}"},
		{"a scheme", keys.CreateRequest{Scheme: keys.SHA256}, "bcrypt"},
		{"an older scheme", keys.CreateRequest{Legacy: true}, "bcrypt"},
	} {
		b := benchOf(t, scanning(), scanningFields)
		wantSays(t, tt.name, b.creating(tt.q), keys.ReasonUnsupported, tt.says)
		b.untouched(tt.name, 0)
	}
}

func TestServersSettleWhatIsLeftOpen(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	q := keys.CreateRequest{Key: keys.Key{Label: "ci", Role: "viewer"}}
	for bytes, reason := range map[int]keys.Reason{31: keys.ReasonInvalid, 32: "", 64: "", 257: keys.ReasonInvalid} {
		q.SecretBytes = bytes
		if err := b.creating(q); err != nil || reason != "" {
			wantReason(t, fmt.Sprintf("a secret of %d bytes", bytes), err, reason)
		}
	}
	q.SecretBytes = 32
	if issued := b.made(q); len(issued.Token) != 63 {
		t.Errorf("a token of %d characters", len(issued.Token))
	}
	b = benchOf(t, scanning(), scanningFields)
	for cost, reason := range map[int]keys.Reason{3: keys.ReasonInvalid, 5: "", 13: keys.ReasonPolicy, 16: keys.ReasonInvalid} {
		err := b.creating(keys.CreateRequest{BcryptCost: cost})
		if err != nil || reason != "" {
			wantReason(t, fmt.Sprintf("a cost of %d", cost), err, reason)
		}
	}
	b.made(keys.CreateRequest{SecretBytes: 48}) // what it would be anyway
	bold := scanning()
	bold.Hash.Cost, bold.Hash.MostCost = 16, 31
	err := benchOf(t, bold, scanningFields).creating(keys.CreateRequest{})
	wantReason(t, "a server's cost that takes for ever", err, keys.ReasonPolicy)
}

func TestVocabulary(t *testing.T) {
	for _, tt := range []struct {
		rules  *keys.Rules
		fields keys.Fields
		key    keys.Key
		says   []string
	}{
		{ranking(), rankingFields, keys.Key{Label: "a"}, []string{"demands a role", "admin, operator or viewer"}},
		{ranking(), rankingFields, keys.Key{Label: "a", Role: "Admin"}, []string{`"Admin"`, "admin, operator or viewer"}},
		{signing(), signingFields, keys.Key{}, []string{"demands a scope", "read, routes, admin or routes:read"}},
		{signing(), signingFields, keys.Key{Scopes: []string{"read", "write"}}, []string{`"write"`, "routes:read"}},
		{signing(), signingFields, keys.Key{Scopes: []string{"*"}}, []string{`"*"`}},
	} {
		b := benchOf(t, tt.rules, tt.fields)
		b.Secret = strongSecret
		what := fmt.Sprintf("%q %q", tt.key.Role, tt.key.Scopes)
		wantSays(t, what, b.creating(keys.CreateRequest{Key: tt.key}), keys.ReasonVocabulary, tt.says...)
		b.untouched(what, 0)
	}
}

func TestLabelsOfAServer(t *testing.T) {
	b := benchOf(t, ranking(), rankingFields)
	for label, says := range map[string]string{
		"": "demands a label", "<b>": "small letters", "ABC": "small letters", strings.Repeat("a", 21): "21 characters",
	} {
		err := b.creating(keys.CreateRequest{Key: keys.Key{Label: label, Role: "admin"}})
		wantSays(t, "the label "+label, err, keys.ReasonPolicy, says)
	}
	err := b.creating(keys.CreateRequest{Key: keys.Key{Label: strings.Repeat("a", 19), Role: "admin"}, Count: 5})
	wantReason(t, "labels that numbers make too long", err, keys.ReasonPolicy)
	twice := keys.CreateRequest{Key: keys.Key{Label: "same", Role: "admin"}}
	b.made(twice)
	issued := b.made(twice) // no server of these keeps them apart
	if !slices.Contains(issued.Advice, "Ranker shows the labels of active keys on its page, to everybody") {
		t.Errorf("the advice is %q", issued.Advice)
	}
	scanner := benchOf(t, scanning(), scanningFields)
	if issued := scanner.made(keys.CreateRequest{}); issued.Key.Label != "" || issued.Advice != nil {
		t.Errorf("%+v", issued)
	}
}

func TestLifetimesOfAServer(t *testing.T) {
	b := benchOf(t, signing(), signingFields)
	b.Secret = strongSecret
	for _, tt := range []struct {
		expires keys.Instant
		want    keys.Reason
	}{
		{keys.Instant{}, ""},
		{keys.At(noon.Add(day)), ""},
		{keys.At(noon.Add(day - 10e9)), ""}, // "1d", ten seconds ago
		{keys.At(noon.Add(day / 2)), keys.ReasonPolicy},
		{keys.At(noon.Add(3650 * day)), ""},
		{keys.At(noon.Add(3650*day + 1e6)), keys.ReasonPolicy},
		{keys.At(noon.Add(-1)), keys.ReasonInvalid},
	} {
		err := b.creating(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}, ExpiresAt: tt.expires}})
		if err != nil || tt.want != "" {
			wantReason(t, "an expiry at "+tt.expires.String(), err, tt.want)
		}
	}
}

// The secret under which a server hashes is needed, must be one that it starts
// with, and its warning is not passed over in silence.
func TestSecretOfAServer(t *testing.T) {
	for name, tt := range map[string]struct {
		secret string
		change func(*keys.CreateRequest)
		want   keys.Reason
	}{
		"none":                     {"", func(*keys.CreateRequest) {}, keys.ReasonSecret},
		"a forbidden one":          {"ChangeMe", func(*keys.CreateRequest) {}, keys.ReasonSecret},
		"a forbidden one, allowed": {"changeme", func(q *keys.CreateRequest) { q.WeakSecret = true }, keys.ReasonSecret},
		"a short one":              {"not so long", func(*keys.CreateRequest) {}, keys.ReasonSecret},
		"a short one, allowed":     {"not so long", func(q *keys.CreateRequest) { q.WeakSecret = true }, ""},
		"none, and an older hash":  {"", func(q *keys.CreateRequest) { q.Legacy = true }, ""},
	} {
		b := benchOf(t, signing(), signingFields)
		b.Secret = []byte(tt.secret)
		q := keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}}}
		tt.change(&q)
		err := b.creating(q)
		if err != nil || tt.want != "" {
			wantReason(t, name, err, tt.want)
			b.untouched(name, 0)
		}
	}
	b := benchOf(t, signing(), signingFields)
	issued := b.made(keys.CreateRequest{Key: keys.Key{Scopes: []string{"read"}}, Legacy: true})
	if issued.Key.Hash != keys.Digest(issued.Token) || issued.Key.Scheme != keys.SHA256 {
		t.Errorf("an older hash is %s of %s", issued.Key.Hash, issued.Key.Scheme)
	}
	b.outcome("its token, without the secret", issued.Token, keys.Request{}, keys.OK)
}

func TestSuppliedTokensOfAServer(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	long := strings.Repeat("sixteen-letters+", 5)
	for token, want := range map[string]keys.Reason{long[:31]: keys.ReasonInvalid, long[:73]: keys.ReasonInvalid, long[:72]: "", long[:32]: ""} {
		err := b.creating(keys.CreateRequest{Supplied: token})
		if err != nil || want != "" {
			wantReason(t, fmt.Sprintf("a token of %d bytes", len(token)), err, want)
		}
	}
	err := b.creating(keys.CreateRequest{Supplied: long[:72]})
	wantSays(t, "the same token again", err, keys.ReasonTokenTaken, "key")
	b = benchOf(t, ranking(), rankingFields)
	q := keys.CreateRequest{Key: keys.Key{Label: "a", Role: "admin"}, Supplied: long[:64]}
	wantReason(t, "a token of another form", b.creating(q), keys.ReasonInvalid)
	first := b.made(keys.CreateRequest{Key: q.Key})
	q.Supplied = first.Token[:72] + "-another-tail"
	wantReason(t, "a token that the server would take for another", b.creating(q), keys.ReasonTokenTaken)
}

// Who keeps the number of a deleted key is told of, since it names another one.
func TestNumbersUsedAgainAreTold(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	b.made(keys.CreateRequest{})
	second := b.made(keys.CreateRequest{})
	if _, err := b.Delete(t.Context(), keys.ChangeRequest{Refs: idRefs(second.Key.ID)}); err != nil {
		t.Fatal(err)
	}
	again := b.made(keys.CreateRequest{})
	if again.Key.ID != second.Key.ID || len(again.Advice) != 1 || !strings.Contains(again.Advice[0], "the id 2 was another key's") {
		t.Errorf("%s, advice %q", again.Key.ID, again.Advice)
	}
	if third := b.made(keys.CreateRequest{}); third.Advice != nil {
		t.Errorf("advice on a new number: %q", third.Advice)
	}
}

// How many slow keys a wrong token costs is for a server to say that limits them.
func TestSlowKeysWithoutALimit(t *testing.T) {
	b := benchOf(t, scanning(), scanningFields)
	issued, err := b.Create(t.Context(), keys.CreateRequest{Count: keys.DefaultPolicy().SlowKeys + 2}, quiet{})
	if err != nil || issued[len(issued)-1].Key.ID != "18" {
		t.Errorf("%d keys, %v", len(issued), err)
	}
	own := serviceOver(keystest.NewMemory()) // which limits them, but not those that a wrong token need not be tried on
	q := keys.CreateRequest{Count: keys.DefaultPolicy().SlowKeys + 2, Scheme: keys.Bcrypt, BcryptCost: 4}
	if _, err := own.Create(t.Context(), q, quiet{}); err != nil {
		t.Error(err)
	}
}
