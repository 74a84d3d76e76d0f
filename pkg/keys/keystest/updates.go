package keystest

import (
	"net/netip"
	"reflect"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var updatePromises = []promise{
	{"update/each attribute, and nothing else", 0, updatesEach},
	{"update/an attribute that the server demands stays", 0, keepsDemanded},
	{"update/a word that the server does not know is refused", 0, refusesNewWords},
	{"update/lists and metadata in part", keys.FieldsOf(keys.FieldScopes, keys.FieldNetworks, keys.FieldMetadata), updatesParts},
	{"update/into a taken label", keys.FieldsOf(keys.FieldLabel), updatesIntoTaken},
}

// setting is an update of one attribute.
func setting(f keys.Field, set func(*keys.Key), list ...keys.Key) keys.UpdateRequest {
	q := keys.UpdateRequest{ChangeRequest: keys.ChangeRequest{Refs: refs(list...)}, Set: keys.FieldsOf(f)}
	set(&q.Key)
	return q
}

// known gives k words that the server knows, where it knows only some.
func (l *lab) known(k *keys.Key) {
	if r := l.rules.Roles; r != nil && len(r.Words) > 0 && k.Role != "" {
		k.Role = r.Words[len(r.Words)-1]
	}
	if r := l.rules.Scopes; r != nil && len(r.Words) > 0 && len(k.Scopes) > 0 {
		k.Scopes = r.Words[:1]
	}
}

func updatesEach(l *lab) {
	s := l.service(l.store)
	for f, set := range attributes {
		list := []keys.Key{l.plainKey(), l.plainKey()}
		l.insert(list...)
		q := setting(f, set, list[0])
		l.known(&q.Key)
		if !l.fields.Has(f) {
			before := l.shadow()
			_, err := s.Update(ctx, q)
			l.want(err, keys.ReasonUnsupported, "an update of the %s that the table has no column for", f)
			l.unchanged(before, "an update of %s", f)
			l.empty()
			continue
		}
		want := list[0]
		copyField(f, &want, &q.Key)
		l.updated(s, q, keys.Changed, want)
		want = l.current(list[0])
		copyField(f, &q.Key, &want) // as the table keeps it
		before := l.shadow()
		l.updated(s, q, keys.Unchanged, want)
		l.unchanged(before, "an update of %s to what it is", f)
		q.Set, q.Clear = 0, keys.FieldsOf(f)
		if copyField(f, &want, &keys.Key{}); !l.demands(f) {
			l.updated(s, q, keys.Changed, want)
		}
		list[1].UpdatedAt = l.current(list[1]).UpdatedAt
		l.same(l.current(list[1]), list[1], "another key than the updated one")
		l.empty()
	}
}

// updated notes an update that does not make of the key what is wanted.
func (l *lab) updated(s *keys.Service, q keys.UpdateRequest, result keys.Result, want keys.Key) {
	done, err := s.Update(ctx, q)
	l.must(err)
	if len(done) != 1 || done[0].Result != result {
		l.errorf("an update of %v %v gives %+v, want %s", q.Set.List(), q.Clear.List(), done, result)
		return
	}
	is := l.current(want)
	if want.UpdatedAt = is.UpdatedAt; about(is.ExpiresAt, want.ExpiresAt) { // but for what the table cuts off
		want.ExpiresAt = is.ExpiresAt
	}
	l.same(is, want, "after an update of %v %v", q.Set.List(), q.Clear.List())
	l.readBack(l.store, []keys.Key{done[0].Key})
}

func copyField(f keys.Field, to, from *keys.Key) {
	reflect.ValueOf(f.Ref(to)).Elem().Set(reflect.ValueOf(f.Ref(from)).Elem())
}

// demands tells whether a key of this server must have the attribute.
func (l *lab) demands(f keys.Field) bool {
	switch f {
	case keys.FieldLabel:
		return l.rules.Label.Required
	case keys.FieldRole:
		return l.rules.Roles != nil && l.rules.Roles.Required
	case keys.FieldScopes:
		return l.rules.Scopes != nil && l.rules.Scopes.Required
	}
	return false
}

// notUpdated notes an update that is not refused for this reason, or leaves something
// behind.
func (l *lab) notUpdated(q keys.UpdateRequest, r keys.Reason, format string, args ...any) {
	before := l.shadow()
	_, err := l.service(l.store).Update(ctx, q)
	l.want(err, r, format, args...)
	l.unchanged(before, format, args...)
}

func keepsDemanded(l *lab) {
	reasons, demanded := map[keys.Field]keys.Reason{keys.FieldLabel: keys.ReasonPolicy}, 0
	for f, set := range attributes {
		if !l.fields.Has(f) || !l.demands(f) {
			continue
		}
		k := l.plainKey()
		set(&k)
		l.known(&k)
		k = l.inserted(k)
		reason, ok := reasons[f]
		if !ok {
			reason = keys.ReasonVocabulary
		}
		l.notUpdated(keys.UpdateRequest{ChangeRequest: keys.ChangeRequest{Refs: refs(k)}, Clear: keys.FieldsOf(f)}, reason, "a key without %s", f)
		demanded++
	}
	if demanded == 0 {
		l.skip("no attribute is demanded")
	}
}

func refusesNewWords(l *lab) {
	if l.rules.Roles == nil && l.rules.Scopes == nil {
		l.skip("every word is good")
	}
	k := l.inserted(l.plainKey())
	q := keys.UpdateRequest{ChangeRequest: keys.ChangeRequest{Refs: refs(k)}}
	if l.rules.Roles != nil {
		l.notUpdated(setting(keys.FieldRole, func(k *keys.Key) { k.Role = "nonsense" }, k), keys.ReasonVocabulary, "an unknown role")
	}
	if l.rules.Scopes != nil {
		l.notUpdated(setting(keys.FieldScopes, func(k *keys.Key) { k.Scopes = []string{"nonsense"} }, k), keys.ReasonVocabulary, "an unknown scope")
		q.AddScopes = []string{"nonsense"}
		l.notUpdated(q, keys.ReasonVocabulary, "an unknown scope more")
	}
}

func updatesParts(l *lab) {
	k := l.plainKey()
	k.Scopes, k.Networks = []string{"read", "write"}, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	k.Metadata = map[string]string{"team": "ops", "tier": "1"}
	k = l.inserted(k)
	more := netip.MustParsePrefix("192.0.2.0/24")
	q := keys.UpdateRequest{
		ChangeRequest: keys.ChangeRequest{Refs: refs(k)},
		AddScopes:     []string{"admin", "read"}, RemoveScopes: []string{"write", "absent"},
		AddNetworks: []netip.Prefix{more}, RemoveNetworks: k.Networks,
		SetMetadata: map[string]string{"team": "web", "room": "7"}, RemoveMetadata: []string{"tier", "absent"},
	}
	want := k
	want.Scopes, want.Networks, want.Metadata = []string{"read", "admin"}, []netip.Prefix{more}, map[string]string{"team": "web", "room": "7"}
	l.updated(l.service(l.store), q, keys.Changed, want)
	before := l.shadow()
	l.updated(l.service(l.store), q, keys.Unchanged, want)
	l.unchanged(before, "the same parts again")
}

func updatesIntoTaken(l *lab) {
	l.needsUniqueLabels()
	list := []keys.Key{l.plainKey(), l.plainKey(), l.plainKey()}
	list[0].Label, list[1].Label, list[2].Label = "one", "two", "two"
	l.insert(list...)
	name := func(k *keys.Key) { k.Label = "one" }
	l.notUpdated(setting(keys.FieldLabel, name, list[1]), keys.ReasonLabelTaken, "a label that another key has")
	l.notUpdated(setting(keys.FieldLabel, func(k *keys.Key) { k.Label = "three" }, list[1:]...), keys.ReasonLabelTaken, "one label for two keys")
	if l.fields.Has(keys.FieldOwner) { // two of a label, from before it had to be the only one
		_, err := l.service(l.store).Update(ctx, setting(keys.FieldOwner, func(k *keys.Key) { k.Owner = "ops" }, list[1:]...))
		l.must(err)
	}
}
