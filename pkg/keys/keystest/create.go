package keystest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var createPromises = []promise{
	{"create/many keys in one change", 0, createsMany},
	{"create/all or none", keys.FieldsOf(keys.FieldLabel), createsAllOrNone},
	{"create/a label is one usable key's", labelFields, labelsOnce},
	{"create/one of a crowd gets a label", keys.FieldsOf(keys.FieldLabel), labelCrowd},
	{"create/a supplied token is one key's", candidateFields, suppliedOnce},
	{"create/one of a crowd gets a supplied token", candidateFields, suppliedCrowd},
	{"create/slow keys stay few in a crowd", candidateFields, slowCrowd},
}

var labelFields = keys.FieldsOf(keys.FieldLabel, keys.FieldEnabled, keys.FieldSuccessor, keys.FieldExpiresAt, keys.FieldNotBefore)

func labelled(label string) keys.CreateRequest {
	return keys.CreateRequest{Key: keys.Key{Label: label}}
}

func createsMany(l *lab) {
	issued, err := l.service(l.store).Create(ctx, keys.CreateRequest{Count: 50, Reason: "a fleet"}, delivered{})
	l.must(err)
	var names []string
	for _, i := range issued {
		names = append(names, i.Key.ID)
		l.outcome(i.Token, keys.OK, "a token of many")
		l.readBack(l.store, []keys.Key{i.Key})
	}
	s := l.shadow()
	l.audited(s.Audit, keys.ActionCreate, names...)
	for _, e := range s.Audit {
		if e.Reason != "a fleet" || e.Before != "" || !strings.Contains(e.After, e.KeyID) {
			l.errorf("the audit says %+v", e)
		}
	}
	if l.database.Changes != nil && s.Changes != 1 {
		l.errorf("one change was counted as %d", s.Changes)
	}
}

func createsAllOrNone(l *lab) {
	taken := l.plainKey()
	taken.Label = "fleet-3"
	l.insert(taken)
	before := l.shadow()
	many := labelled("fleet")
	many.Count = 5
	_, err := l.service(l.store).Create(ctx, many, delivered{})
	l.want(err, keys.ReasonLabelTaken, "the third label of five is taken")
	l.unchanged(before, "a label taken")
	broken := errors.New("broken")
	_, err = l.service(l.store).Create(ctx, labelled("a"), delivered{deliver: broken})
	if !errors.Is(err, broken) {
		l.errorf("a delivery that fails gives %v", err)
	}
	l.unchanged(before, "a delivery that failed")
	many.Key.Label, many.DryRun = "herd", true
	issued, err := l.service(l.store).Create(ctx, many, delivered{deliver: broken})
	if err != nil || len(issued) != 5 {
		l.errorf("a dry run gives %d keys, %v", len(issued), err)
	}
	l.unchanged(before, "a dry run")
}

func labelsOnce(l *lab) {
	for name, tt := range map[string]struct {
		change func(k *keys.Key)
		free   bool
	}{
		"active":                       {func(*keys.Key) {}, false},
		"pending":                      {func(k *keys.Key) { k.NotBefore = now.Add(keys.GuardHorizon) }, false},
		"about to expire":              {func(k *keys.Key) { k.ExpiresAt = keys.Millis(now.Millis() + 1) }, false},
		"expired":                      {func(k *keys.Key) { k.ExpiresAt = now }, true},
		"revoked":                      {func(k *keys.Key) { k.Enabled = false }, true},
		"succeeded":                    {func(k *keys.Key) { k.Successor = "another" }, true},
		"of another case":              {func(k *keys.Key) { k.Label = strings.ToUpper(k.Label) }, true},
		"of a label that begins alike": {func(k *keys.Key) { k.Label += "-" }, true},
	} {
		k := l.plainKey()
		k.Label = "a%_'label"
		tt.change(&k)
		l.insert(k)
		_, err := l.service(l.store).Create(ctx, labelled("a%_'label"), delivered{})
		if tt.free && err != nil {
			l.errorf("beside a key that is %s: %w", name, err)
		} else if !tt.free {
			l.want(err, keys.ReasonLabelTaken, "beside a key that is %s", name)
		}
		l.empty()
	}
}

// race has a crowd create keys, and returns how many succeed. The others must
// be refused for this reason.
func (l *lab) race(r keys.Reason, q func(i int) keys.CreateRequest) int {
	var winners atomic.Int32
	services := l.services(crowd)
	together(crowd, func(i int) {
		_, err := services[i].Create(ctx, q(i), delivered{})
		if err == nil {
			winners.Add(1)
		} else {
			l.want(err, r, "creating in a crowd")
		}
	})
	if n := len(l.stored()); n != int(winners.Load()) {
		l.errorf("%d keys of %d winners", n, winners.Load())
	}
	return int(winners.Load())
}

func labelCrowd(l *lab) {
	if n := l.race(keys.ReasonLabelTaken, func(int) keys.CreateRequest { return labelled("one") }); n != 1 {
		l.errorf("%d keys got the label", n)
	}
}

// supply asks for a key of a supplied token, at the lowest cost there is.
func supply(token string, scheme keys.Scheme) keys.CreateRequest {
	return keys.CreateRequest{Supplied: token, Scheme: scheme, BcryptCost: 4}
}

func suppliedOnce(l *lab) {
	for _, scheme := range []keys.Scheme{keys.Bcrypt, keys.SHA256} {
		token := fmt.Sprintf("a supplied token kept by %s!!!!!!!!", scheme)
		token = strings.ReplaceAll(token, " ", "-")
		issued, err := l.service(l.store).Create(ctx, supply(token, scheme), delivered{})
		l.must(err)
		l.outcome(token, keys.OK, "a supplied token")
		if strings.Contains(issued[0].Key.Masked, token[12:]) {
			l.errorf("the masked form is %q", issued[0].Key.Masked)
		}
		before := l.shadow()
		for _, again := range []keys.Scheme{keys.Bcrypt, keys.SHA256} {
			_, err := l.service(l.store).Create(ctx, supply(token, again), delivered{})
			l.want(err, keys.ReasonTokenTaken, "a token of %s supplied again for %s", scheme, again)
		}
		l.unchanged(before, "a token supplied again")
	}
}

func suppliedCrowd(l *lab) {
	for _, scheme := range []keys.Scheme{keys.SHA256, keys.Bcrypt} {
		token := "the-same-token-for-everyone-" + string(scheme)
		if n := l.race(keys.ReasonTokenTaken, func(int) keys.CreateRequest { return supply(token, scheme) }); n != 1 {
			l.errorf("%d keys got the same token, by %s", n, scheme)
		}
		l.empty()
	}
}

func slowCrowd(l *lab) {
	most := keys.DefaultPolicy().SlowKeys
	for i := range most - 3 {
		_, err := l.service(l.store).Create(ctx, supply(fmt.Sprintf("one-of-those-there-already-%05d", i), keys.Bcrypt), delivered{})
		l.must(err)
	}
	before, services := l.stored(), l.services(crowd)
	together(crowd, func(i int) {
		_, err := services[i].Create(ctx, supply(fmt.Sprintf("one-of-a-crowd-that-comes-now-%02d", i), keys.Bcrypt), delivered{})
		if err != nil {
			l.want(err, keys.ReasonPolicy, "a slow key too many")
		}
	})
	if n := len(l.stored()) - len(before); n != 3 {
		l.errorf("%d of a crowd got a slow key, want 3", n)
	}
}
