package keystest

import (
	"errors"
	"sync/atomic"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var bootstrapPromises = []promise{
	{"bootstrap/makes the first key", 0, bootstraps},
	{"bootstrap/happens once, ever", 0, bootstrapsOnce},
	{"bootstrap/is not for a database with keys", 0, bootstrapsNothingInUse},
	{"bootstrap/one of a crowd wins", 0, bootstrapCrowd},
	{"bootstrap/what fails leaves it open", 0, bootstrapFails},
	{"bootstrap/is not for servers that keys do not open", 0, bootstrapsNothing},
}

// delivered is a delivery that succeeds, or fails in one of its steps.
type delivered struct {
	stage, deliver, publish error
	seen                    bool
}

func (d delivered) Stage([]keys.Issued) error { return d.stage }
func (d delivered) Deliver() (bool, error)    { return d.seen, d.deliver }
func (d delivered) Publish() error            { return d.publish }
func (delivered) Discard()                    {}

// first asks for the first key, whose attributes the rules say.
func (l *lab) first() keys.CreateRequest {
	return keys.CreateRequest{BcryptCost: l.request().BcryptCost}
}

// bootstrap makes the first key, by create where there is no bootstrap, or ends
// the case.
func (l *lab) bootstrap(s keys.Store) keys.Issued {
	do, q := (*keys.Service).Bootstrap, l.first()
	if l.rules.Bootstrap.Kind == keys.BootstrapNone {
		do, q = (*keys.Service).Create, l.request()
	}
	issued, err := do(l.service(s), ctx, q, delivered{})
	l.must(err)
	if len(issued) != 1 {
		l.must(errors.New("bootstrap gives no key"))
	}
	return issued[0]
}

// create makes a key or ends the case.
func (l *lab) create(s *keys.Service, q keys.CreateRequest) keys.Issued {
	issued, err := s.Create(ctx, q, delivered{})
	l.must(err)
	l.used[issued[0].Key.ID] = true
	return issued[0]
}

// outcome notes a token that does not get the outcome.
func (l *lab) outcome(token string, want keys.Outcome, format string) {
	got, err := l.service(l.store).Verify(ctx, token, keys.Request{})
	l.must(err)
	if got.Outcome != want || got.Accepted != (want == keys.OK) {
		l.errorf("%s: %+v, want %q", format, got, want)
	}
}

func bootstraps(l *lab) {
	l.needsBootstrap()
	sum, err := l.service(l.store).Status(ctx)
	l.must(err)
	if !sum.Claimed.IsNone() {
		l.errorf("a new database was claimed at %s", sum.Claimed)
	}
	first := l.bootstrap(l.store)
	l.outcome(first.Token, keys.OK, "the first token")
	after := l.shadow()
	if !about(after.Claimed, l.claimAt(now)) || len(after.Keys) != 1 {
		l.errorf("claimed at %s with %d keys", after.Claimed, len(after.Keys))
	}
	b := l.rules.Bootstrap
	l.sameIn(keys.FieldsOf(keys.FieldScopes, keys.FieldRole)&l.fields, after.Keys[0], keys.Key{Scopes: b.Scopes, Role: b.Role}, "the first key")
	l.audited(after.Audit, keys.ActionBootstrap, first.Key.ID)
}

func bootstrapsOnce(l *lab) {
	l.needsBootstrap()
	first := l.bootstrap(l.store)
	again := func(when string) {
		before, s := l.shadow(), l.service(l.open())
		q := l.first()
		_, err := s.Bootstrap(ctx, q, delivered{})
		l.want(err, keys.ReasonAlreadyBootstrapped, "bootstrap %s", when)
		q.IfNeeded = true
		issued, err := s.Bootstrap(ctx, q, delivered{})
		if issued != nil || err != nil {
			l.errorf("bootstrap --if-needed %s gives %d keys, %v", when, len(issued), err)
		}
		l.unchanged(before, "bootstrap %s", when)
	}
	again("again")
	_, err := l.service(l.store).Delete(ctx, keys.ChangeRequest{Refs: []keys.Ref{keys.IDRef(first.Key.ID)}, Force: true})
	l.must(err)
	if l.rules.Bootstrap.Kind != keys.BootstrapClaim { // nothing is left to tell
		l.outcome(l.bootstrap(l.open()).Token, keys.OK, "the token of another first key")
		again("after a second one")
		return
	}
	again("after every key was deleted")
	l.outcome(l.create(l.service(l.store), l.request()).Token, keys.OK, "the token of the way back in")
}

func bootstrapsNothing(l *lab) {
	if l.rules.Bootstrap.Kind != keys.BootstrapNone {
		l.skip("there is a bootstrap")
	}
	before := l.shadow()
	_, err := l.service(l.store).Bootstrap(ctx, l.request(), delivered{})
	l.want(err, keys.ReasonUnsupported, "bootstrap")
	l.unchanged(before, "bootstrap of what has none")
}

func bootstrapsNothingInUse(l *lab) {
	l.needsBootstrap()
	k := l.plainKey()
	if l.rules.Bootstrap.Kind == keys.BootstrapActive {
		l.opensWithout(k)
	} else {
		l.switchOff(&k) // any key counts
	}
	l.insert(l.fit(k))
	before := l.shadow()
	_, err := l.service(l.store).Bootstrap(ctx, l.first(), delivered{})
	l.want(err, keys.ReasonAlreadyBootstrapped, "bootstrap over keys that nobody claimed")
	l.unchanged(before, "bootstrap over keys")
	l.create(l.service(l.store), l.request())
	if at := l.claimed(); !about(at, l.claimAt(now)) {
		l.errorf("create left the claim at %s", at)
	}
}

// opensWithout notes a database that takes a key which is switched off for one in
// use, where only active keys close the bootstrap.
func (l *lab) opensWithout(k keys.Key) {
	l.switchOff(&k)
	l.insert(l.fit(k))
	l.outcome(l.bootstrap(l.store).Token, keys.OK, "the first token beside keys that are off")
	l.empty()
}

func bootstrapCrowd(l *lab) {
	l.needsBootstrap()
	services, q := l.services(crowd), l.first()
	var winners atomic.Int32
	var token atomic.Value
	together(crowd, func(i int) {
		issued, err := services[i].Bootstrap(ctx, q, delivered{})
		if err == nil {
			winners.Add(1)
			token.Store(issued[0].Token)
			return
		}
		l.want(err, keys.ReasonAlreadyBootstrapped, "bootstrap in a crowd")
	})
	if n := winners.Load(); n != 1 {
		l.errorf("%d of %d bootstraps won", n, crowd)
		return
	}
	l.outcome(token.Load().(string), keys.OK, "the winner's token")
	if s := l.shadow(); len(s.Keys) != 1 || len(s.Audit) != 1 {
		l.errorf("%d keys and %d events", len(s.Keys), len(s.Audit))
	}
}

func bootstrapFails(l *lab) {
	l.needsBootstrap()
	broken := errors.New("broken")
	before := l.shadow()
	for _, d := range []delivered{{stage: broken}, {deliver: broken}, {deliver: broken, seen: true}} {
		_, err := l.service(l.store).Bootstrap(ctx, l.first(), d)
		if err == nil {
			l.errorf("%+v is no error", d)
		}
		l.unchanged(before, "%+v", d)
	}
	_, err := l.service(failing{l.store, 0}).Bootstrap(ctx, l.first(), delivered{})
	l.wantUnrecorded(err, "bootstrap")
	l.unchanged(before, "bootstrap without audit")
	l.bootstrap(l.store)
}
