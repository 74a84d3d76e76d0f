package keystest

import (
	"net/netip"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var demandPromises = []promise{
	{"create/what the table cannot hold is refused", 0, refusesFields},
	{"create/a word that the server does not know is refused", 0, refusesWords},
	{"create/a word that the server demands is demanded", 0, demandsWords},
	{"create/the bounds of the server are kept", 0, keepsBounds},
	{"create/without the server's secret", 0, needsSecret},
}

// rejected notes a request that is not refused for this reason, or leaves
// something behind.
func (l *lab) rejected(q keys.CreateRequest, r keys.Reason, format string, args ...any) {
	before := l.shadow()
	_, err := l.service(l.store).Create(ctx, q, delivered{})
	l.want(err, r, format, args...)
	l.unchanged(before, format, args...)
}

// attributes are what a request can ask for.
var attributes = map[keys.Field]func(k *keys.Key){
	keys.FieldLabel:       func(k *keys.Key) { k.Label = "ci" },
	keys.FieldDescription: func(k *keys.Key) { k.Description = "for the robots" },
	keys.FieldOwner:       func(k *keys.Key) { k.Owner = "ops" },
	keys.FieldRole:        func(k *keys.Key) { k.Role = "admin" },
	keys.FieldScopes:      func(k *keys.Key) { k.Scopes = []string{"read"} },
	keys.FieldResource:    func(k *keys.Key) { k.Resource = "tv/1" },
	keys.FieldNetworks:    func(k *keys.Key) { k.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} },
	keys.FieldRateLimit:   func(k *keys.Key) { k.RateLimit = keys.Rate{Requests: 5, Window: time.Minute} },
	keys.FieldNotBefore:   func(k *keys.Key) { k.NotBefore = now.Add(time.Hour) },
	keys.FieldExpiresAt:   func(k *keys.Key) { k.ExpiresAt = now.Add(time.Hour * 24 * 7) },
	keys.FieldMetadata:    func(k *keys.Key) { k.Metadata = map[string]string{"team": "ops"} },
}

func refusesFields(l *lab) {
	if l.rules.Server == "" {
		l.skip("keyreeve's own table holds every attribute")
	}
	for f, set := range attributes {
		q := l.request()
		set(&q.Key)
		if !l.fields.Has(f) {
			l.rejected(q, keys.ReasonUnsupported, "a key with the %s that the table has no column for", f)
		}
	}
}

func refusesWords(l *lab) {
	if l.rules.Roles == nil && l.rules.Scopes == nil {
		l.skip("every word is good")
	}
	for _, word := range []string{"Admin", "nonsense", "*"} {
		q := l.request()
		if l.rules.Roles != nil {
			q.Key.Role = word
			l.rejected(q, keys.ReasonVocabulary, "the role %s", word)
		}
		q = l.request()
		if l.rules.Scopes != nil {
			q.Key.Scopes = append([]string{word}, q.Key.Scopes...)
			l.rejected(q, keys.ReasonVocabulary, "the scope %s", word)
		}
	}
}

func demandsWords(l *lab) {
	demanded := false
	if r := l.rules.Roles; r != nil && r.Required {
		q := l.request()
		q.Key.Role, demanded = "", true
		l.rejected(q, keys.ReasonVocabulary, "a key without a role")
	}
	if r := l.rules.Scopes; r != nil && r.Required {
		q := l.request()
		q.Key.Scopes, demanded = nil, true
		l.rejected(q, keys.ReasonVocabulary, "a key without scopes")
	}
	if !demanded {
		l.skip("no word is demanded")
	}
}

func keepsBounds(l *lab) {
	life, label := l.rules.Lifetime, l.rules.Label
	if l.rules.Server == "" {
		l.skip("keyreeve's own tables have no bounds of a server")
	}
	for _, d := range []time.Duration{life.Least - time.Hour, life.Most + 25*time.Hour} {
		if q := l.request(); l.fields.Has(keys.FieldExpiresAt) && life.Least > 0 && life.Most > 0 {
			q.Key.ExpiresAt = now.Add(d)
			l.rejected(q, keys.ReasonPolicy, "a key that lasts for %s", d)
		}
	}
	if label.Required {
		l.rejected(l.labelled(""), keys.ReasonPolicy, "a key without a label")
	}
	if label.Pattern != nil && !label.Pattern.MatchString("<b>") {
		l.rejected(l.labelled("<b>"), keys.ReasonPolicy, "a label that the server does not allow")
	}
}

// needsSecret: without the secret nothing is hashed, and everything else works.
func needsSecret(l *lab) {
	if l.rules.Secret == nil {
		l.skip("hashes need no secret")
	}
	s := l.service(l.store)
	s.Secret = nil
	before := l.shadow()
	_, err := s.Create(ctx, l.request(), delivered{})
	l.want(err, keys.ReasonSecret, "creating without the secret")
	l.unchanged(before, "creating without the secret")
	for _, c := range l.verbs() {
		list := l.pair(c.action)
		_, err := c.do(s, ctx, keys.ChangeRequest{Refs: refs(list[0])})
		l.must(err)
		l.empty()
	}
	if len(l.rules.Hash.Legacy) > 0 {
		q := l.request()
		q.Legacy = true
		l.outcome(l.create(s, q).Token, keys.OK, "a key hashed without the secret")
	}
}
