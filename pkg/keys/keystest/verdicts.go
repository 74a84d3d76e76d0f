package keystest

import (
	"net/netip"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var verdictPromises = []promise{
	{"verdict/follows the very next change", keys.FieldsOf(keys.FieldEnabled, keys.FieldHash), verdictFollows},
	{"verdict/of a key limited in every way", limitFields | candidateFields, verdictOfLimits},
	{"verdict/tells no secrets", candidateFields | keys.FieldsOf(keys.FieldEnabled), verdictIsDiscreet},
}

var limitFields = keys.FieldsOf(keys.FieldResource, keys.FieldNetworks, keys.FieldScopes, keys.FieldRole, keys.FieldOwner, keys.FieldRateLimit)

// verdictFollows reads with one handle what others change.
func verdictFollows(l *lab) {
	l.outcome("any-text-that-is-long-enough-to-be-one", keys.NoKeys, "a token for no keys")
	other := l.service(l.open())
	first := l.bootstrap(l.open())
	l.outcome("a text with spaces that no token can be", keys.Malformed, "no token")
	issued, err := other.Create(ctx, keys.CreateRequest{}, delivered{})
	l.must(err)
	for range 5 {
		l.outcome(issued[0].Token, keys.OK, "a good token")
		_, err = other.Revoke(ctx, keys.ChangeRequest{Refs: refs(issued[0].Key)})
		l.must(err)
		l.outcome(issued[0].Token, keys.KeyRevoked, "a revoked token")
		_, err = other.Activate(ctx, keys.ChangeRequest{Refs: refs(issued[0].Key)})
		l.must(err)
	}
	_, err = other.Delete(ctx, keys.ChangeRequest{Refs: refs(issued[0].Key)})
	l.must(err)
	l.outcome(issued[0].Token, keys.Unknown, "a deleted token")
	l.outcome(first.Token, keys.OK, "the other token")
}

func verdictOfLimits(l *lab) {
	at := netip.MustParseAddr("192.0.2.7")
	k := keys.Key{
		Resource: "tv/1", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Scopes: []string{"read"},
		Role: "reader", Owner: "ops", RateLimit: keys.Rate{Requests: 5, Window: keys.GuardHorizon},
	}
	issued, err := l.service(l.store).Create(ctx, keys.CreateRequest{Key: k}, delivered{})
	l.must(err)
	for _, tt := range []struct {
		q         keys.Request
		want      keys.Outcome
		unchecked []string
	}{
		{keys.Request{}, keys.WrongNetwork, nil},
		{keys.Request{Addr: netip.MustParseAddr("198.51.100.7")}, keys.WrongNetwork, nil},
		{keys.Request{Addr: at}, keys.WrongResource, nil},
		{keys.Request{Addr: at, Resource: "tv/2"}, keys.WrongResource, nil},
		{keys.Request{Addr: at, Resource: "tv/1"}, keys.OK, []string{"scope", "role", "owner", "rate"}},
		{keys.Request{Addr: at, Resource: "tv/1", Scopes: []string{"read", "write"}}, keys.MissingScope, nil},
		{keys.Request{Addr: at, Resource: "tv/1", Scopes: []string{"read"}, Role: "admin"}, keys.WrongRole, nil},
		{keys.Request{Addr: at, Resource: "tv/1", Role: "reader", Owner: "OPS"}, keys.WrongOwner, nil},
		{keys.Request{Addr: at, Resource: "tv/1", Scopes: []string{"read"}, Role: "reader", Owner: "ops"}, keys.OK, []string{"rate"}},
	} {
		got, err := l.service(l.store).Verify(ctx, issued[0].Token, tt.q)
		l.must(err)
		if got.Outcome != tt.want || !slices.Equal(got.Unchecked, tt.unchecked) || got.Key == nil || got.Key.ID != issued[0].Key.ID {
			l.errorf("for %+v: %+v, want %q and unchecked %q", tt.q, got, tt.want, tt.unchecked)
		}
	}
}

// verdictIsDiscreet: a wrong secret never learns what became of the key.
func verdictIsDiscreet(l *lab) {
	for _, q := range []keys.CreateRequest{{}, {Scheme: keys.Bcrypt, BcryptCost: 4}, supply("a-token-that-a-person-thought-up", keys.Bcrypt)} {
		l.bootstrapAnother()
		issued, err := l.service(l.store).Create(ctx, q, delivered{})
		l.must(err)
		wrong := l.otherSecret(issued[0])
		l.outcome(wrong, keys.Unknown, "a wrong secret of an active key")
		_, err = l.service(l.store).Revoke(ctx, keys.ChangeRequest{Refs: refs(issued[0].Key)})
		l.must(err)
		l.outcome(wrong, keys.Unknown, "a wrong secret of a revoked key")
		l.outcome(issued[0].Token, keys.KeyRevoked, "the token of a revoked key")
	}
}

func (l *lab) bootstrapAnother() {
	_, err := l.service(l.store).Create(ctx, keys.CreateRequest{}, delivered{})
	l.must(err)
}

// otherSecret returns a token of the same id with another secret and a right checksum.
func (l *lab) otherSecret(i keys.Issued) string {
	t, err := keys.ParseToken(i.Token)
	if err != nil {
		return i.Token[:len(i.Token)-1] + "!"
	}
	t.Secret = l.word(len(t.Secret))
	t.Check = keys.Checksum(t.ID + t.Secret)
	return t.String()
}
