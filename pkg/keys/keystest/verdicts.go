package keystest

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var verdictPromises = []promise{
	{"verdict/follows the very next change", keys.FieldsOf(keys.FieldHash), verdictFollows},
	{"verdict/of a key limited in every way", limitFields | candidateFields, verdictOfLimits},
	{"verdict/tells no secrets", candidateFields, verdictIsDiscreet},
	{"verdict/roles are ranked as the server ranks them", candidateFields | keys.FieldsOf(keys.FieldRole), verdictOfRoles},
	{"verdict/scopes grant what the server lets them", candidateFields | keys.FieldsOf(keys.FieldScopes), verdictOfScopes},
}

var limitFields = keys.FieldsOf(keys.FieldResource, keys.FieldNetworks, keys.FieldScopes, keys.FieldRole, keys.FieldOwner, keys.FieldRateLimit)

// verdictFollows reads with one handle what others change.
func verdictFollows(l *lab) {
	l.outcome("any-text-that-is-long-enough-to-be-one", keys.NoKeys, "a token for no keys")
	other := l.service(l.open())
	first := l.bootstrap(l.open())
	if f := l.rules.Form; f == nil || f.Pattern != nil {
		l.outcome("a text with spaces that no token can be", keys.Malformed, "no token")
	}
	issued := l.create(other, l.request())
	for range 5 {
		l.outcome(issued.Token, keys.OK, "a good token")
		if !l.revocable() {
			break
		}
		_, err := other.Revoke(ctx, keys.ChangeRequest{Refs: refs(issued.Key)})
		l.must(err)
		l.outcome(issued.Token, l.offOutcome(), "a revoked token")
		_, err = other.Activate(ctx, keys.ChangeRequest{Refs: refs(issued.Key)})
		l.must(err)
	}
	_, err := other.Delete(ctx, keys.ChangeRequest{Refs: refs(issued.Key), Force: true})
	l.must(err)
	l.outcome(issued.Token, keys.Unknown, "a deleted token")
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
	l.needsRevoke()
	for _, q := range l.everyKind() {
		l.create(l.service(l.store), l.request())
		issued := l.create(l.service(l.store), q)
		wrong := l.otherSecret(issued.Token)
		l.outcome(wrong, keys.Unknown, "a wrong secret of an active key")
		_, err := l.service(l.store).Revoke(ctx, keys.ChangeRequest{Refs: refs(issued.Key)})
		l.must(err)
		l.outcome(wrong, keys.Unknown, "a wrong secret of a revoked key")
		l.outcome(issued.Token, l.offOutcome(), "the token of a revoked key")
	}
}

// everyKind asks for the kinds of keys that are found in different ways.
func (l *lab) everyKind() []keys.CreateRequest {
	supplied := l.supply(l.supplied("a-token-that-a-person-thought-up"), l.suppliable()[0])
	list := []keys.CreateRequest{l.request(), supplied}
	if l.rules.Form == nil && l.fields.Has(keys.FieldScheme) {
		list = append(list, keys.CreateRequest{Scheme: keys.Bcrypt, BcryptCost: 4})
	}
	if len(l.rules.Hash.Legacy) > 0 {
		legacy := l.request()
		legacy.Legacy = true
		list = append(list, legacy)
	}
	return list
}

// hold makes a key of these attributes, whatever the server demands of new ones.
func (l *lab) hold(set func(k *keys.Key)) (token string) {
	issued := l.create(l.service(l.store), l.request())
	k := l.current(issued.Key)
	set(&k)
	l.replace(&k)
	return issued.Token
}

// asked notes a verdict that is not as the model has it.
func (l *lab) asked(token string, q keys.Request, accepted bool, refused keys.Outcome) {
	want := refused
	if accepted {
		want = keys.OK
	}
	got, err := l.service(l.store).Verify(ctx, token, q)
	l.must(err)
	if got.Outcome != want {
		l.errorf("for %+v: %+v of %+v, want %q", q, got, got.Key, want)
	}
}

func verdictOfRoles(l *lab) {
	r := l.rules.Roles
	if r == nil {
		l.skip("a role is any word here")
	}
	for _, has := range append([]string{"", "Admin"}, r.Words...) {
		token := l.hold(func(k *keys.Key) { k.Role = has })
		acts := slices.Index(r.Words, cmp.Or(has, r.Empty))
		for i, demanded := range r.Words {
			accepted := acts >= 0 && (acts == i || r.Ranked && acts < i)
			l.asked(token, keys.Request{Role: demanded}, accepted, keys.WrongRole)
		}
		l.empty()
	}
}

func verdictOfScopes(l *lab) {
	r := l.rules.Scopes
	if r == nil {
		l.skip("a scope is any word here")
	}
	for _, has := range append([]string{"", "*"}, r.Words...) {
		token := l.hold(func(k *keys.Key) { k.Scopes = slices.DeleteFunc([]string{has}, func(s string) bool { return s == "" }) })
		for _, demanded := range r.Words {
			by := r.By[demanded]
			accepted := has == demanded || has != "" && (by == has || by == keys.AnyScope)
			l.asked(token, keys.Request{Scopes: []string{demanded}}, accepted, keys.MissingScope)
		}
		l.empty()
	}
}
