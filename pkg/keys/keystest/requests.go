package keystest

import (
	"cmp"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// request asks for a key, with what the server demands of each.
func (l *lab) request() keys.CreateRequest {
	q := keys.CreateRequest{}
	if l.rules.Label.Required {
		q.Key.Label = "some-" + l.id()
	}
	if r := l.rules.Roles; r != nil && r.Required {
		q.Key.Role = cmp.Or(l.rules.AdminRole, r.Words[0])
	}
	if r := l.rules.Scopes; r != nil && r.Required {
		q.Key.Scopes = r.Words[:1]
	}
	if l.rules.Hash.Scheme.Slow() {
		q.BcryptCost = max(4, l.rules.Hash.LeastCost)
	}
	return q
}

// labelled asks for a key of this label.
func (l *lab) labelled(label string) keys.CreateRequest {
	q := l.request()
	q.Key.Label = label
	return q
}

// supply asks for a key of a supplied token, at the lowest cost there is.
func (l *lab) supply(token string, scheme keys.Scheme) keys.CreateRequest {
	q := l.request()
	q.Supplied, q.Scheme, q.BcryptCost = token, scheme, max(4, l.rules.Hash.LeastCost)
	return q
}

// supplied returns a token that somebody could have, and not two of them the same.
func (l *lab) supplied(text string) string {
	if l.rules.Form == nil {
		return text
	}
	return l.token()
}

// suppliable are the schemes that a supplied token can be kept by.
func (l *lab) suppliable() []keys.Scheme {
	if l.fields.Has(keys.FieldScheme) {
		return []keys.Scheme{keys.Bcrypt, keys.SHA256}
	}
	return []keys.Scheme{l.rules.Hash.Scheme}
}

// otherSecret returns a token that differs from this one in its secret alone, and
// within what any scheme hashes of it.
func (l *lab) otherSecret(token string) string {
	if t, err := keys.ParseToken(token); err == nil {
		t.Secret = l.word(len(t.Secret))
		t.Check = keys.Checksum(t.ID + t.Secret)
		return t.String()
	}
	at := len(token) - 1
	if form := l.rules.Form; form != nil {
		parts, _ := form.Parse(token)
		text := strings.ReplaceAll(form.Text, "{selector}", parts.Selector)
		at = strings.Index(text, "{secret}") + 5
	}
	other := byte('0')
	if token[at] == other {
		other = '1'
	}
	return token[:at] + string(other) + token[at+1:]
}
