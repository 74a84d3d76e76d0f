package keys_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestAPolicyIsSetAndRecorded(t *testing.T) {
	b := ruledBench(t)
	done := b.rule("slow_keys", "3", "scopes", "read, write", "unique_labels", "true")
	want := []keys.Setting{{Name: "slow_keys", Value: "3"}, {Name: "scopes", Value: "read,write"}}
	if !reflect.DeepEqual(done.Changed, want) || done.Before.SlowKeys != 16 || done.After.SlowKeys != 3 {
		t.Errorf("%+v", done)
	}
	e := b.m.Audit()[0]
	if e.Action != keys.ActionPolicy || e.KeyID != "" || e.Before != `{"slow_keys":"16","scopes":""}` || e.After != `{"slow_keys":"3","scopes":"read,write"}` {
		t.Errorf("%+v", e)
	}
	if p, err := b.Policy(t.Context()); err != nil || !reflect.DeepEqual(p, done.After) {
		t.Errorf("%+v, %v", p, err)
	}
	if again := b.rule("slow_keys", "3"); len(again.Changed) > 0 {
		t.Errorf("%+v", again.Changed)
	}
	b.untouched("what is so already", 1)
	if done = b.rule("slow_keys", "default", "scopes", ""); len(done.Changed) != 2 || !reflect.DeepEqual(done.After, keys.DefaultPolicy()) {
		t.Errorf("%+v", done)
	}
	b.rule("slow_keys", "3", "admin_role", "root")
	done, err := b.SetPolicy(t.Context(), keys.PolicyRequest{Reset: true, Settings: []keys.Setting{{Name: "slow_keys", Value: "4"}}, Reason: "a new start"})
	if err != nil || done.After.SlowKeys != 4 || done.After.AdminRole != "" || b.m.Audit()[3].Reason != "a new start" {
		t.Errorf("%+v, %v", done, err)
	}
}

// All of the settings or none: what does not hold together with the others that are
// stored changes nothing, nor does a dry run.
func TestAPolicyIsSetAsAWhole(t *testing.T) {
	b := ruledBench(t, "supplied_least", "50")
	before, events := must(b.Policy(t.Context())), len(b.m.Audit())
	for _, q := range []keys.PolicyRequest{
		{Settings: []keys.Setting{{Name: "slow_keys", Value: "3"}, {Name: "bcrypt_cost", Value: "99"}}},
		{Settings: []keys.Setting{{Name: "slow_keys", Value: "3"}}, Reason: "a\nb"},
	} {
		_, err := b.SetPolicy(t.Context(), q)
		wantReason(t, fmt.Sprint(q.Settings), err, keys.ReasonInvalid)
	}
	_, err := b.SetPolicy(t.Context(), settings("slow_keys", "3", "supplied_most", "40"))
	wantReason(t, "against what is stored", err, keys.ReasonPolicy)
	done, err := b.SetPolicy(t.Context(), keys.PolicyRequest{Settings: []keys.Setting{{Name: "slow_keys", Value: "3"}}, DryRun: true})
	if err != nil || len(done.Changed) != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	if after := must(b.Policy(t.Context())); !reflect.DeepEqual(after, before) {
		t.Errorf("%+v, want %+v", after, before)
	}
	b.untouched("refusals and a dry run", events)
	foreign := benchOf(t, scanning(), scanningFields)
	_, err = foreign.SetPolicy(t.Context(), keys.PolicyRequest{Settings: []keys.Setting{{Name: "slow_keys", Value: "3"}}})
	wantReason(t, "another server's table", err, keys.ReasonUnsupported)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// What another version stored keeps keys from being made, until it is restored.
func TestAPolicyThatIsNotUnderstood(t *testing.T) {
	b := ruledBench(t, "slow_keys", "3")
	b.store("from_the_future", "1")
	wantReason(t, "create", b.creating(keys.CreateRequest{}), keys.ReasonPolicy)
	for _, q := range []keys.PolicyRequest{{Settings: []keys.Setting{{Name: "slow_keys", Value: "4"}}}, {Reset: true}} {
		_, err := b.SetPolicy(t.Context(), q)
		wantSays(t, "set", err, keys.ReasonPolicy, "from_the_future")
	}
	events := len(b.m.Audit())
	done := b.rule("from_the_future", "default")
	if p := must(b.Policy(t.Context())); p.SlowKeys != 3 || len(done.Changed) != 1 || len(b.m.Audit()) != events+1 {
		t.Errorf("%+v, %+v", p, done)
	}
	b.store("slow_keys", "many")
	b.rule("slow_keys", "5")
}

// store writes a setting past every rule.
func (b *bench) store(name, value string) {
	b.Helper()
	err := b.m.Update(b.Context(), func(tx keys.Tx) error { return tx.SetPolicy(b.Context(), []keys.Setting{{Name: name, Value: value}}) })
	if err != nil {
		b.Fatal(err)
	}
}

// A contradiction that somebody stored is no policy to make keys by.
func TestAStoredContradiction(t *testing.T) {
	b := ruledBench(t, "supplied_least", "50")
	b.store("supplied_most", "40")
	wantSays(t, "create", b.creating(keys.CreateRequest{}), keys.ReasonPolicy, "contradicts itself")
	b.rule("supplied_most", "60")
	b.made(keys.CreateRequest{})
}

// A policy tells which keys do not comply, and breaks none of them.
func TestKeysThatDoNotComplyAreToldAndLetBe(t *testing.T) {
	b := ruledBench(t, "unique_labels", "false", "slow_keys", "0")
	ends := keys.At(noon.Add(day))
	tokens := map[string]string{}
	for name, q := range map[string]keys.CreateRequest{
		"fit":      {Key: keys.Key{Owner: "ann", Role: "user", ExpiresAt: ends, Scopes: []string{"read"}}},
		"endless":  {Key: keys.Key{Owner: "bob", Role: "user", Scopes: []string{"read"}}},
		"nobody's": {Key: keys.Key{ExpiresAt: ends}},
		"strange":  {Key: keys.Key{Owner: "eve", ExpiresAt: ends, Role: "boss", Scopes: []string{"*"}}},
		"slow":     {Key: keys.Key{Owner: "kim", ExpiresAt: ends}, Supplied: strings.Repeat("s", 40), BcryptCost: 4},
	} {
		q.Key.Label = name
		tokens[name] = b.made(q).Token
	}
	off := b.made(keys.CreateRequest{Key: keys.Key{Label: "off"}}).Key
	b.patch(off.ID, func(k *keys.Key) { k.Enabled = false })
	done := b.rule("required", "owner", "max_lifetime", "2d", "scopes", "read", "roles", "user", "bcrypt_cost", "5", "token_prefixes", "kr")
	got := map[string]string{}
	for _, u := range done.Unfit {
		got[u.Key.Label] += u.Setting + " "
		if u.Problem == "" {
			t.Errorf("%+v", u)
		}
	}
	want := map[string]string{"endless": "max_lifetime ", "nobody's": "required ", "strange": "scopes roles ", "slow": "token_prefixes bcrypt_cost "}
	if !reflect.DeepEqual(got, want) || done.UnfitKeys != 4 {
		t.Errorf("%d do not comply: %q, want %q", done.UnfitKeys, got, want)
	}
	for name, token := range tokens {
		b.accepted(name, token)
	}
	for _, u := range done.Unfit {
		if list := done.After.Judge(&u.Key, keys.At(noon)); !slices.ContainsFunc(list, func(j keys.Unfit) bool { return j.Setting == u.Setting }) {
			t.Errorf("%s is judged %+v", u.Key.Label, list)
		}
	}
}

// What keys may not have in common is told of all but one.
func TestWhatKeysMayNotShare(t *testing.T) {
	b := ruledBench(t, "unique_labels", "false", "slow_keys", "0")
	for i := range 3 {
		b.made(keys.CreateRequest{Key: keys.Key{Label: "same", Owner: "ann"}, Supplied: strings.Repeat(fmt.Sprint(i), 40), BcryptCost: 4})
	}
	done := b.rule("unique_labels", "true", "slow_keys", "2", "one_full_key", "true")
	n := map[string]int{}
	for _, u := range done.Unfit {
		n[u.Setting]++
	}
	if n["unique_labels"] != 2 || n["slow_keys"] != 1 || n["one_full_key"] != 2 || done.UnfitKeys != 2 {
		t.Errorf("%v of %d", n, done.UnfitKeys)
	}
}

func TestManyKeysThatDoNotComply(t *testing.T) {
	b := ruledBench(t)
	if _, err := b.Create(t.Context(), keys.CreateRequest{Count: keys.MostUnfit + 200}, quiet{}); err != nil {
		t.Fatal(err)
	}
	done := b.rule("required", "owner")
	if len(done.Unfit) != keys.MostUnfit || done.UnfitKeys != keys.MostUnfit+200 {
		t.Errorf("%d of %d", len(done.Unfit), done.UnfitKeys)
	}
}

// Presets are policies that hold together, from any other policy.
func TestPresetsAreSet(t *testing.T) {
	for _, preset := range keys.Presets() {
		b := ruledBench(t, "label_pattern", "x.*", "lockout_threshold", "3", "lockout_window", "1m", "lockout_duration", "1h")
		done, err := b.SetPolicy(t.Context(), preset.Request())
		if err != nil || done.After.LabelPattern != "" || done.After.Lockout.Threshold != 0 {
			t.Fatalf("%s: %+v, %v", preset.Name, done, err)
		}
		for _, set := range preset.Settings {
			if got := done.After.Get(set.Name); got != set.Value {
				t.Errorf("%s: %s is %q, want %q", preset.Name, set.Name, got, set.Value)
			}
		}
		for _, o := range preset.Not {
			if o.Statement == "" || o.Reason == "" {
				t.Errorf("%s: %+v", preset.Name, o)
			}
		}
		if again, err := b.SetPolicy(t.Context(), preset.Request()); err != nil || len(again.Changed) > 0 {
			t.Errorf("%s again: %+v, %v", preset.Name, again.Changed, err)
		}
		b.made(keys.CreateRequest{Key: keys.Key{Owner: "ann"}})
		if err := b.creating(keys.CreateRequest{Supplied: strings.Repeat("x", 31)}); !errors.Is(err, &keys.Error{Reason: keys.ReasonInvalid}) {
			t.Errorf("%s: %v", preset.Name, err)
		}
	}
}
