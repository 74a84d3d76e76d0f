package keystest

import (
	"context"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// restoresExpiry: where revoking a key only ends its time, the audit remembers
// what that was.
func restoresExpiry(l *lab) {
	if l.rules.Revoke != keys.RevokeExpiry {
		l.skip("revoking a key leaves its expiry alone")
	}
	s := l.service(l.store)
	for _, expiry := range []keys.Instant{{}, now.Add(1000 * keys.GuardHorizon)} {
		k := l.plainKey()
		k.ExpiresAt = expiry
		k = l.inserted(k)
		_, err := s.Revoke(ctx, keys.ChangeRequest{Refs: refs(k), Force: true})
		l.must(err)
		done, err := s.Activate(ctx, keys.ChangeRequest{Refs: refs(k)})
		l.must(err)
		k.UpdatedAt = done[0].Key.UpdatedAt
		l.same(done[0].Key, k, "activated again")
	}
	l.needsExpiry()
}

// needsExpiry: what nobody revoked here nobody knows how to restore.
func (l *lab) needsExpiry() {
	s := l.service(l.store)
	k := l.plainKey()
	k.ExpiresAt = now
	k = l.inserted(k)
	before := l.shadow()
	_, err := s.Activate(ctx, keys.ChangeRequest{Refs: refs(k)})
	if err == nil {
		l.errorf("a key that ended by itself is activated without saying for how long")
	}
	l.unchanged(before, "activating without an expiry")
	later := now.Add(500 * keys.GuardHorizon)
	done, err := s.Activate(ctx, keys.ChangeRequest{Refs: refs(k), Expires: true, ExpiresAt: later})
	l.must(err)
	if !about(done[0].Key.ExpiresAt, later) || done[0].Result != keys.Changed {
		l.errorf("activated until %s: %+v", later, done[0])
	}
	l.readBack(l.store, []keys.Key{done[0].Key})
}

func refusesRevocation(l *lab) {
	if l.rules.Revoke != keys.RevokeNone {
		l.skip("keys can be revoked")
	}
	list := l.pair(keys.ActionDelete)
	before := l.shadow()
	for _, do := range []func(context.Context, keys.ChangeRequest) ([]keys.Change, error){l.service(l.store).Revoke, l.service(l.store).Activate} {
		_, err := do(ctx, keys.ChangeRequest{Refs: refs(list[0])})
		l.want(err, keys.ReasonUnsupported, "what the table has no way for")
	}
	l.unchanged(before, "a revocation that cannot be")
}
