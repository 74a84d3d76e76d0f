package keystest

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Small vocabularies make random keys meet each other and the queries. The texts
// are such as an engine could take for something else.
var (
	owners    = []string{"", "ops", "OPS", "o'neil", `"q"`, "ops\u00e9"}
	roles     = []string{"", "admin", "Admin", "reader"}
	resources = []string{"", "", "tv/1", "tv/%"}
	labels    = []string{"", "ci", "CI", "ci-1", "ci-2", "ci_2", "deploy", "a*b", "a[b]c", "[ab]", "100%", "?", "tür", "日本", "x'--", "…"}
	globs     = []string{"*", "ci*", "c?", "?i-*", "*-?", "a[*]b", "a[b]c", "[ab]", "*%", "t?r", "??", "*[*", "***", "x'--", "CI", "…"}
	scopes    = []string{"read", "write", "read:all", "rea", "*", "read:*", "a<b&c", "[]", "]", "Read"}
	schemes   = []keys.Scheme{keys.SHA256, keys.SHA256, keys.SHA256, keys.Bcrypt, keys.Bcrypt72, keys.Argon2id}
	networks  = []string{"10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "::/0"}
)

func (l *lab) pick(words []string) string { return words[l.rnd.IntN(len(words))] }

func (l *lab) chance(percent int) bool { return l.rnd.IntN(100) < percent }

// moment returns none, or a moment around now: on either side of the boundaries
// that matter, and on them.
func (l *lab) moment(percent int) keys.Instant {
	if !l.chance(percent) {
		return keys.Instant{}
	}
	base := []time.Duration{0, keys.GuardHorizon, -24 * time.Hour, 24 * time.Hour}[l.rnd.IntN(4)]
	return now.Add(base + time.Duration(l.rnd.IntN(3)-1)*time.Millisecond)
}

// word returns random base62 text, such as ids are made of.
func (l *lab) word(n int) string {
	return l.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", n)
}

func (l *lab) text(alphabet string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[l.rnd.IntN(len(alphabet))])
	}
	return b.String()
}

// plainKey returns an active key of the least attributes. Where the server must
// not lose its last admin, it is one.
func (l *lab) plainKey() keys.Key {
	k := keys.Key{
		Scheme: l.rules.Hash.Scheme, Role: l.rules.AdminRole,
		Enabled: true, CreatedAt: now.Add(-time.Hour), CreatedBy: "ann", UpdatedAt: now.Add(-time.Hour),
	}
	l.identify(&k)
	k.Hash = l.hash(k.Scheme)
	return l.fit(k)
}

// randomKey returns a key of which every attribute may be set, or not.
func (l *lab) randomKey() keys.Key {
	k := l.plainKey()
	k.Label, k.Owner, k.Role, k.Resource = l.pick(labels), l.pick(owners), l.pick(roles), l.pick(resources)
	k.Description = l.pick(labels)
	l.randomScheme(&k)
	k.Enabled, k.RevokedUntil = l.chance(60), l.moment(30)
	k.NotBefore, k.ExpiresAt, k.LastUsedAt = l.moment(30), l.moment(50), l.moment(50)
	k.CreatedAt = now.Add(-time.Duration(l.rnd.IntN(6)) * time.Millisecond)
	k.RevokedAt, k.RevokedBy, k.RevokedReason = l.moment(30), l.pick(owners), l.pick(labels)
	k.LastUsedFrom, k.RequestID = l.pick(owners), l.pick(labels)
	if l.chance(20) {
		k.Successor = l.word(8)
	}
	if l.chance(20) {
		k.Predecessor = l.word(8)
	}
	l.lists(&k)
	return l.fit(k)
}

// randomScheme gives k any scheme, and a display start of any kind, where the
// table keeps them.
func (l *lab) randomScheme(k *keys.Key) {
	if l.rules.Form != nil || !l.fields.Has(keys.FieldScheme) {
		return
	}
	k.Scheme = schemes[l.rnd.IntN(len(schemes))]
	k.Hash = l.hash(k.Scheme)
	if k.Scheme != keys.SHA256 && l.chance(60) {
		k.Prefix, k.Masked = "", l.word(8)+"…"
	}
}

// lists gives k what there can be several of.
func (l *lab) lists(k *keys.Key) {
	for _, s := range scopes {
		if l.chance(20) {
			k.Scopes = append(k.Scopes, s)
		}
	}
	for _, n := range networks {
		if l.chance(15) {
			k.Networks = append(k.Networks, netip.MustParsePrefix(n))
		}
	}
	if l.chance(20) {
		k.RateLimit = keys.Rate{Requests: 1 + l.rnd.Int64N(1_000_000), Window: time.Duration(1000+l.rnd.IntN(10_000)) * time.Millisecond}
	}
	if l.chance(30) {
		k.Metadata = map[string]string{"team": l.pick(owners), l.pick(labels): "\u2028<&>\"\\\n"}
	}
}

// fit returns k without what the store's table cannot hold.
func (l *lab) fit(k keys.Key) keys.Key {
	fitted := keys.Key{Enabled: true, Scheme: l.rules.Hash.Scheme}
	if l.rules.Revoke == keys.RevokeTime && !l.fields.Has(keys.FieldEnabled) {
		fitted.Enabled = k.RevokedAt.IsNone()
	}
	for _, f := range l.fields.List() {
		switch to := f.Ref(&fitted).(type) {
		case nil:
		case *string:
			*to = *f.Ref(&k).(*string)
		case *bool:
			*to = *f.Ref(&k).(*bool)
		case *keys.Instant:
			*to = *f.Ref(&k).(*keys.Instant)
		case *keys.Rate:
			*to = *f.Ref(&k).(*keys.Rate)
		case *[]string:
			*to = *f.Ref(&k).(*[]string)
		case *[]netip.Prefix:
			*to = *f.Ref(&k).(*[]netip.Prefix)
		case *map[string]string:
			*to = *f.Ref(&k).(*map[string]string)
		default:
			panic(fmt.Sprintf("a field of type %T", to))
		}
	}
	return fitted
}

func (l *lab) randomKeys(n int) []keys.Key {
	list := make([]keys.Key, n)
	for i := range list {
		list[i] = l.randomKey()
	}
	return list
}
