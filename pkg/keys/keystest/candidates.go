package keystest

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var candidateFields = keys.FieldsOf(keys.FieldHash)

var candidatePromises = []promise{
	{"candidates/are what the token may belong to", candidateFields, candidates},
	{"candidates/slow keys are those without a selector", candidateFields, slowKeys},
}

// holder is a key with a token that may be its own.
type holder struct {
	key   keys.Key
	token string
}

// randomHolder makes a random key the holder of a token that is found by its
// digest, by its id, or not at all, as it can be in the table.
func (l *lab) randomHolder() holder {
	if l.rules.Form != nil {
		return l.servedHolder()
	}
	l.seeds++
	t, err := keys.NewToken(rand.NewChaCha8([32]byte{l.seeds}), "kr", keys.DefaultSecretBytes)
	l.must(err)
	k := l.randomKey()
	k.ID = t.ID
	switch l.rnd.IntN(3) {
	case 0:
		k.Scheme, k.Prefix, k.Masked, k.Hash = keys.SHA256, "kr", t.Masked(), keys.Digest(t.String())
	case 1:
		k.Scheme, k.Prefix, k.Masked = keys.Bcrypt, "kr", t.Masked()
	case 2:
		k.Scheme, k.Prefix, k.Masked = keys.Bcrypt, "", "supplied…"
		return holder{k, "supplied-" + l.word(30)}
	}
	return holder{k, t.String()}
}

// servedHolder is randomHolder for the tokens of another server.
func (l *lab) servedHolder() holder {
	k, token := l.randomKey(), l.token()
	parts, _ := l.rules.Form.Parse(token)
	if k.Masked != "" {
		k.Masked = parts.Masked
	}
	if fromToken(l.rules.IDs) {
		k.ID = parts.Selector
	}
	schemes := append(slices.Clone(l.rules.Hash.Legacy), k.Scheme)
	if s := schemes[l.rnd.IntN(len(schemes))]; s.Searchable() {
		var err error
		k.Hash, err = s.Hash(parts.Hashed, keys.HashOptions{Secret: l.database.Secret})
		l.must(err)
	}
	return holder{k, token}
}

func candidates(l *lab) {
	if l.rules.Form == nil && !l.fields.Has(keys.FieldMasked) {
		l.skip("without masked forms no key of keyreeve's is found by its id")
	}
	var held []holder
	var list []keys.Key
	for range 60 {
		h := l.randomHolder()
		held, list = append(held, h), append(list, h.key)
	}
	l.insert(list...)
	for _, h := range held {
		l.checkCandidates(list, h.token)
		l.checkCandidates(list, h.token[:len(h.token)-1])
		l.checkCandidates(list, strings.ToUpper(h.token))
		l.checkCandidates(list, l.otherSecret(h.token))
	}
	other := l.randomHolder()
	l.checkCandidates(list, other.token)
	l.checkCandidates(list, "nobody's but a long one, 32 bytes")
}

// presented is a token as the table is searched for it.
func (l *lab) presented(token string) keys.Presented {
	if l.rules.Form != nil {
		return l.servedPresented(token)
	}
	p := keys.Presented{Digests: []keys.Digested{{Scheme: keys.SHA256, Hash: keys.Digest(token)}}, Scan: true}
	if t, err := keys.ParseToken(token); err == nil {
		p.Selector, p.Scan = t.ID, false
	}
	return p
}

// servedPresented is presented for the tokens of another server.
func (l *lab) servedPresented(token string) keys.Presented {
	parts, _ := l.rules.Form.Parse(token)
	if parts.Hashed == "" {
		parts.Hashed = token
	}
	p := keys.Presented{Selector: parts.Masked, Scan: parts.Selector == ""}
	if fromToken(l.rules.IDs) {
		p.Selector = parts.Selector
	}
	for _, s := range append([]keys.Scheme{l.rules.Hash.Scheme}, l.rules.Hash.Legacy...) {
		if s.Searchable() {
			hash, err := s.Hash(parts.Hashed, keys.HashOptions{Secret: l.database.Secret})
			l.must(err)
			p.Digests = append(p.Digests, keys.Digested{Scheme: s, Hash: hash})
		}
	}
	return p
}

func (l *lab) checkCandidates(list []keys.Key, token string) {
	for _, inactive := range []bool{false, true} {
		at := l.moment(100)
		p := l.presented(token)
		p.Now, p.Inactive = at, inactive
		l.view(func(r keys.Reader) error {
			got, err := r.Candidates(ctx, p)
			l.sameSet(got, candidatesOf(l.store.Info(), list, p), "candidates, inactive %t", inactive)
			rest := slices.IndexFunc(got, func(k keys.Key) bool { return k.Status(at) != keys.Active })
			if rest >= 0 && slices.ContainsFunc(got[rest:], func(k keys.Key) bool { return k.Status(at) == keys.Active }) {
				l.errorf("an active candidate comes after an inactive one")
			}
			return err
		})
	}
}

func (l *lab) sameSet(got, want []keys.Key, format string, args ...any) {
	got, want = slices.Clone(got), slices.Clone(want)
	slices.SortFunc(got, newest)
	slices.SortFunc(want, newest)
	l.sameIDs(got, want, format, args...)
}

func slowKeys(l *lab) {
	list := l.randomKeys(100)
	l.insert(list...)
	var want []keys.Key
	for _, k := range list {
		if costly(l.store.Info(), &k) {
			want = append(want, k)
		}
	}
	l.view(func(r keys.Reader) error {
		got, err := r.SlowKeys(ctx)
		l.sameSet(got, want, "slow keys")
		return err
	})
}
