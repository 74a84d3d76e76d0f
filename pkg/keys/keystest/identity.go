package keystest

import (
	"math/rand/v2"
	"strconv"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// id returns an id that no key of the case has, such as the database has them.
func (l *lab) id() string {
	for {
		id := l.anyID()
		if !l.used[id] {
			l.used[id] = true
			return id
		}
	}
}

// anyID gives integers of every length, whose order is not that of their text.
func (l *lab) anyID() string {
	const url = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	switch r := l.rules.IDs; {
	case r.Assigned:
		return strconv.FormatInt(1+l.rnd.Int64N(int64(1)<<(4+l.rnd.IntN(40))), 10)
	case r.Random.Chars > 0:
		return l.text(url, r.Random.Chars)
	}
	return l.word(8)
}

// token returns one such as the server makes them.
func (l *lab) token() string {
	token, err := l.rules.Form.New(l.seed(), 0)
	l.must(err)
	return token
}

func (l *lab) seed() *rand.ChaCha8 {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(l.rnd.Uint32())
	}
	return rand.NewChaCha8(seed)
}

// identify gives k what a token of the server's would tell of its key.
func (l *lab) identify(k *keys.Key) {
	if l.rules.Form == nil {
		k.ID, k.Prefix = l.id(), "kr"
		k.Masked = keys.Token{Prefix: k.Prefix, ID: k.ID}.Masked()
		return
	}
	parts, _ := l.rules.Form.Parse(l.token())
	k.Masked = parts.Masked
	if k.ID = parts.Selector; !fromToken(l.rules.IDs) {
		k.ID = l.id()
	}
}

// hash returns what the scheme could have stored for a token that nobody has.
func (l *lab) hash(s keys.Scheme) string {
	switch s {
	case keys.Bcrypt, keys.Bcrypt72:
		return "$2b$04$" + l.word(53)
	case keys.Argon2id:
		return "$argon2id$v=19$m=64,t=1,p=1$" + l.word(24) + "$" + l.word(44)
	case keys.SHA512:
		return keys.Digest(l.word(40)) + keys.Digest(l.word(40))
	case keys.Clear:
		return l.word(40)
	}
	return keys.Digest(l.word(40))
}
