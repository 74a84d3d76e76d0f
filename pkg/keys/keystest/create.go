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
	{"create/a label is one usable key's", keys.FieldsOf(keys.FieldLabel), labelsOnce},
	{"create/one of a crowd gets a label", keys.FieldsOf(keys.FieldLabel), labelCrowd},
	{"create/a supplied token is one key's", candidateFields, suppliedOnce},
	{"create/one of a crowd gets a supplied token", candidateFields, suppliedCrowd},
	{"create/slow keys stay few in a crowd", candidateFields | keys.FieldsOf(keys.FieldScheme), slowCrowd},
}

func createsMany(l *lab) {
	q := l.request()
	q.Count, q.Reason = 50, "a fleet"
	if l.rules.Hash.Scheme.Slow() {
		q.Count = 10
	}
	issued, err := l.service(l.store).Create(ctx, q, delivered{})
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
	many := l.labelled("fleet")
	many.Count = 5
	if l.rules.Label.Unique {
		_, err := l.service(l.store).Create(ctx, many, delivered{})
		l.want(err, keys.ReasonLabelTaken, "the third label of five is taken")
		l.unchanged(before, "a label taken")
	}
	broken := errors.New("broken")
	_, err := l.service(l.store).Create(ctx, l.labelled("a"), delivered{deliver: broken})
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

// holders are keys beside which another of their label may be made, or not, and
// the fields that they need.
var holders = map[string]struct {
	needs  keys.Field
	change func(k *keys.Key)
	free   bool
}{
	"active":                       {keys.FieldLabel, func(*keys.Key) {}, false},
	"pending":                      {keys.FieldNotBefore, func(k *keys.Key) { k.NotBefore = now.Add(keys.GuardHorizon) }, false},
	"about to expire":              {keys.FieldExpiresAt, func(k *keys.Key) { k.ExpiresAt = keys.Millis(now.Millis() + 1) }, false},
	"expired":                      {keys.FieldExpiresAt, func(k *keys.Key) { k.ExpiresAt = now }, true},
	"revoked":                      {keys.FieldEnabled, func(k *keys.Key) { k.Enabled = false }, true},
	"succeeded":                    {keys.FieldSuccessor, func(k *keys.Key) { k.Successor = "another" }, true},
	"of another case":              {keys.FieldLabel, func(k *keys.Key) { k.Label = strings.ToUpper(k.Label) }, true},
	"of a label that begins alike": {keys.FieldLabel, func(k *keys.Key) { k.Label += "-" }, true},
}

func labelsOnce(l *lab) {
	l.needsUniqueLabels()
	for name, held := range holders {
		if !l.fields.Has(held.needs) {
			continue
		}
		k := l.plainKey()
		k.Label = l.strangeLabel()
		held.change(&k)
		l.insert(k)
		_, err := l.service(l.store).Create(ctx, l.labelled(l.strangeLabel()), delivered{})
		if held.free && err != nil {
			l.errorf("beside a key that is %s: %w", name, err)
		} else if !held.free {
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
	requests := make([]keys.CreateRequest, crowd)
	for i := range requests {
		requests[i] = q(i)
	}
	together(crowd, func(i int) {
		_, err := services[i].Create(ctx, requests[i], delivered{})
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

// strangeLabel is one that an engine could take for a pattern, if the server
// allows it.
func (l *lab) strangeLabel() string {
	const strange = "a%_'label"
	if p := l.rules.Label.Pattern; p != nil && !p.MatchString(strange) {
		return "a-label"
	}
	return strange
}

func labelCrowd(l *lab) {
	l.needsUniqueLabels()
	if n := l.race(keys.ReasonLabelTaken, func(int) keys.CreateRequest { return l.labelled("one") }); n != 1 {
		l.errorf("%d keys got the label", n)
	}
}

func suppliedOnce(l *lab) {
	for _, scheme := range l.suppliable() {
		token := fmt.Sprintf("a supplied token kept by %s!!!!!!!!", scheme)
		token = l.supplied(strings.ReplaceAll(token, " ", "-"))
		issued := l.create(l.service(l.store), l.supply(token, scheme))
		l.outcome(token, keys.OK, "a supplied token")
		if strings.Contains(issued.Key.Masked, token[20:]) {
			l.errorf("the masked form is %q", issued.Key.Masked)
		}
		before := l.shadow()
		for _, again := range l.suppliable() {
			_, err := l.service(l.store).Create(ctx, l.supply(token, again), delivered{})
			l.want(err, keys.ReasonTokenTaken, "a token of %s supplied again for %s", scheme, again)
		}
		l.unchanged(before, "a token supplied again")
	}
}

func suppliedCrowd(l *lab) {
	for _, scheme := range l.suppliable() {
		token := l.supplied("the-same-token-for-everyone-" + string(scheme))
		if n := l.race(keys.ReasonTokenTaken, func(int) keys.CreateRequest { return l.supply(token, scheme) }); n != 1 {
			l.errorf("%d keys got the same token, by %s", n, scheme)
		}
		l.empty()
	}
}

func slowCrowd(l *lab) {
	if l.rules.Server != "" {
		l.skip("how many slow keys a wrong token costs is for this server to say")
	}
	most := keys.DefaultPolicy().SlowKeys
	for i := range most - 3 {
		_, err := l.service(l.store).Create(ctx, l.supply(fmt.Sprintf("one-of-those-there-already-%05d", i), keys.Bcrypt), delivered{})
		l.must(err)
	}
	before, services := l.stored(), l.services(crowd)
	together(crowd, func(i int) {
		_, err := services[i].Create(ctx, l.supply(fmt.Sprintf("one-of-a-crowd-that-comes-now-%02d", i), keys.Bcrypt), delivered{})
		if err != nil {
			l.want(err, keys.ReasonPolicy, "a slow key too many")
		}
	})
	if n := len(l.stored()) - len(before); n != 3 {
		l.errorf("%d of a crowd got a slow key, want 3", n)
	}
}
