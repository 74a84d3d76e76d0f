package keys_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
	"github.com/keyreeve/keyreeve/pkg/keys/keystest"
)

const hour = time.Hour

// in returns the moment d after noon.
func in(d time.Duration) keys.Instant { return keys.At(noon.Add(d)) }

// storedOnly returns a database with these keys, and one that always lets somebody in.
func storedOnly(t *testing.T, list ...keys.Key) *keystest.Memory {
	t.Helper()
	m := keystest.NewMemory()
	list = append(list, keys.Key{ID: "other", Scheme: keys.SHA256, Hash: strings.Repeat("0", 64), Enabled: true})
	if err := m.Update(t.Context(), func(tx keys.Tx) error { return tx.Insert(t.Context(), list) }); err != nil {
		t.Fatal(err)
	}
	return m
}

// aKey is one that lets somebody in for ever, but for what the edits make of it.
func aKey(edits ...func(*keys.Key)) keys.Key {
	k := keys.Key{ID: "it", Scheme: keys.SHA256, Hash: strings.Repeat("1", 64), Enabled: true, CreatedAt: in(-9 * hour)}
	for _, edit := range edits {
		edit(&k)
	}
	return k
}

func ends(d time.Duration) func(*keys.Key)   { return func(k *keys.Key) { k.ExpiresAt = in(d) } }
func begins(d time.Duration) func(*keys.Key) { return func(k *keys.Key) { k.NotBefore = in(d) } }
func hashed(text string) func(*keys.Key)     { return func(k *keys.Key) { k.Hash = text } }
func hashedBy(s keys.Scheme) func(*keys.Key) { return func(k *keys.Key) { k.Scheme = s } }
func off(k *keys.Key)                        { k.Enabled, k.RevokedAt = false, in(-hour) }
func offFor(d time.Duration) func(*keys.Key) {
	return func(k *keys.Key) { off(k); k.RevokedUntil = in(d) }
}

func damagedIn(f keys.Field) func(*keys.Key) {
	return func(k *keys.Key) { k.Damage = []keys.Damage{{Field: f, Column: f.String(), Problem: "is not one"}} }
}

// A key comes back to life if it lets somebody in at a moment at which it would not
// have, however it was kept from that.
func TestRestoreTellsWhatComesBackToLife(t *testing.T) {
	type edits = []func(*keys.Key)
	const anotherHash = "1111111111111111111111111111111111111111111111111111111111111112"
	for name, c := range map[string]struct {
		was, is edits
		revived bool
	}{
		"a label":                                {edits{}, edits{func(k *keys.Key) { k.Label = "a" }}, false},
		"revoked":                                {edits{off}, edits{}, true},
		"revoked, and expired in the backup":     {edits{off}, edits{ends(-hour)}, false},
		"revoked, and ends now in the backup":    {edits{off}, edits{ends(0)}, false},
		"revoked here only":                      {edits{}, edits{off}, false},
		"revoked until some moment":              {edits{offFor(hour)}, edits{}, true},
		"a revocation that is over":              {edits{offFor(-hour)}, edits{}, false},
		"for ever, then until some moment":       {edits{off}, edits{offFor(hour)}, true},
		"until some moment, then for ever":       {edits{offFor(hour)}, edits{off}, false},
		"revoked until earlier":                  {edits{offFor(2 * hour)}, edits{offFor(hour)}, true},
		"revoked until later":                    {edits{offFor(hour)}, edits{offFor(2 * hour)}, false},
		"revoked until after its end":            {edits{offFor(hour), ends(hour)}, edits{ends(hour)}, true},
		"the revocation outlasts the end":        {edits{off}, edits{offFor(2 * hour), ends(hour)}, false},
		"the start outlasts the end":             {edits{off}, edits{begins(2 * hour), ends(hour)}, false},
		"revoked until its start at the latest":  {edits{offFor(hour), begins(2 * hour)}, edits{begins(2 * hour)}, false},
		"pending":                                {edits{begins(hour)}, edits{}, true},
		"pending for less":                       {edits{begins(2 * hour)}, edits{begins(hour)}, true},
		"pending for longer":                     {edits{begins(hour)}, edits{begins(2 * hour)}, false},
		"a start that is over":                   {edits{begins(-hour)}, edits{begins(-2 * hour)}, false},
		"revoked instead of pending":             {edits{begins(hour)}, edits{offFor(hour)}, false},
		"expired":                                {edits{ends(-hour)}, edits{}, true},
		"expired, and sooner":                    {edits{ends(-hour)}, edits{ends(-2 * hour)}, false},
		"expired, and later":                     {edits{ends(-2 * hour)}, edits{ends(-hour)}, false},
		"ends soon":                              {edits{ends(hour)}, edits{ends(2 * hour)}, true},
		"ends some day":                          {edits{ends(hour)}, edits{}, true},
		"an end":                                 {edits{}, edits{ends(hour)}, false},
		"ends sooner":                            {edits{ends(2 * hour)}, edits{ends(hour)}, false},
		"starts later, ends later":               {edits{ends(2 * hour)}, edits{begins(hour), ends(3 * hour)}, true},
		"starts later, ends sooner":              {edits{ends(2 * hour)}, edits{begins(hour), ends(hour + 1e9)}, false},
		"rotated":                                {edits{ends(hour), func(k *keys.Key) { k.Successor = "other" }}, edits{}, true},
		"another token":                          {edits{}, edits{hashed(anotherHash)}, true},
		"another token of a revoked key":         {edits{}, edits{hashed(anotherHash), off}, false},
		"the same text by another scheme":        {edits{hashedBy(keys.SHA256)}, edits{hashedBy(keys.HMACSHA256)}, true},
		"a hash that nothing fits":               {edits{hashed("junk")}, edits{}, true},
		"an end that nobody can read":            {edits{damagedIn(keys.FieldExpiresAt)}, edits{}, true},
		"a switch that nobody can read":          {edits{off, damagedIn(keys.FieldEnabled)}, edits{}, true},
		"revoked with a hash that nothing fits":  {edits{hashed("junk"), off}, edits{hashed("junk")}, false},
		"revoked with scopes that nobody grants": {edits{off, damagedIn(keys.FieldScopes)}, edits{damagedIn(keys.FieldScopes)}, false},
	} {
		s := serviceOver(storedOnly(t, aKey(c.was...)))
		done, err := s.Restore(t.Context(), keys.RestoreRequest{From: storedOnly(t, aKey(c.is...))})
		if err != nil || len(done.Keys) != 1 || done.Keys[0].Revived != c.revived {
			t.Errorf("%s: %+v, %v; want revived %t", name, done.Keys, err, c.revived)
		}
	}
}

// What a table tells of a key in all is what it tells at each moment.
func TestRevivedIsWhatStatusesSay(t *testing.T) {
	edits := []func(*keys.Key){off, offFor(-hour), offFor(hour), offFor(2 * hour), ends(-hour), ends(hour), ends(2 * hour), begins(hour), begins(2 * hour), begins(-hour)}
	var all []keys.Key
	for _, a := range edits {
		for _, b := range edits {
			for _, c := range edits {
				all = append(all, aKey(a, b, c))
			}
		}
	}
	rnd := seeded(7)
	pick := func() keys.Key {
		var b [2]byte
		rnd.Read(b[:])
		return all[(int(b[0])<<8|int(b[1]))%len(all)]
	}
	for range 400 {
		was, is := pick(), pick()
		want := false
		for at := -hour / 2; at < 4*hour; at += hour / 2 {
			moment := in(max(at, 0))
			want = want || is.Status(moment) == keys.Active && was.Status(moment) != keys.Active
		}
		s := serviceOver(storedOnly(t, was))
		done, err := s.Restore(t.Context(), keys.RestoreRequest{From: storedOnly(t, is)})
		if err != nil || want != (len(done.Keys) == 1 && done.Keys[0].Revived) {
			t.Fatalf("%+v\nbecomes %+v:\n%+v, %v; want revived %t", was, is, done.Keys, err, want)
		}
	}
}

func TestRestoreOfADeletedKey(t *testing.T) {
	for name, c := range map[string]struct {
		k       keys.Key
		revived bool
	}{"one": {aKey(), true}, "an expired one": {aKey(ends(0)), false}, "one that opens later": {aKey(begins(hour)), true}} {
		done, err := serviceOver(storedOnly(t)).Restore(context.Background(), keys.RestoreRequest{From: storedOnly(t, c.k)})
		if err != nil || len(done.Keys) != 1 || done.Keys[0].Result != keys.Created || done.Keys[0].Revived != c.revived {
			t.Errorf("%s: %+v, %v", name, done.Keys, err)
		}
	}
}

// A server that keeps what it knows of a key is told of as by the verbs that change it.
func TestRestoreTellsWhatAServerKeeps(t *testing.T) {
	named := func(k *keys.Key) { k.Label = "a" }
	for name, c := range map[string]struct {
		was, is func(*keys.Key)
		want    []string
	}{
		"a role":        {func(*keys.Key) {}, func(k *keys.Key) { k.Role = "root" }, []string{"updated"}},
		"a label":       {func(*keys.Key) {}, named, []string{"updated"}},
		"another token": {named, func(k *keys.Key) { hashed(strings.Repeat("2", 64))(k) }, []string{"revoked", "activated"}},
		"revoked there": {func(*keys.Key) {}, off, []string{"revoked"}},
		"revoked here":  {off, func(*keys.Key) {}, []string{"activated"}},
		"an end":        {func(*keys.Key) {}, ends(9 * hour), nil},
	} {
		live, info, rules := storedOnly(t, aKey(c.was)), keystest.NewMemory().Info(), *keys.NativeRules()
		rules.Advice = map[keys.Action][]string{keys.ActionUpdate: {"updated"}, keys.ActionRevoke: {"revoked"}, keys.ActionActivate: {"activated"}}
		info.Rules = &rules
		s := serviceOver(told{live, info})
		done, err := s.Restore(t.Context(), keys.RestoreRequest{From: storedOnly(t, aKey(c.is))})
		if err != nil || len(done.Keys) != 1 || !slices.Equal(done.Keys[0].Advice, c.want) {
			t.Errorf("%s: %+v, %v; want %q", name, done.Keys, err, c.want)
		}
	}
}

// told is a store that tells something else of itself.
type told struct {
	keys.Store
	info keys.Info
}

func (s told) Info() keys.Info { return s.info }
