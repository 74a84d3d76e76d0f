package keystest

import (
	"errors"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

var rotationPromises = []promise{
	{"rotate/a successor inherits everything but the secret", 0, inherits},
	{"rotate/what cannot be rotated is left as it is", 0, refusesRotation},
	{"rotate/the same request makes no third key", 0, repeatsRotation},
	{"rotate/a request that comes again ends the old key sooner, never later", 0, repeatsSooner},
	{"rotate/a supplied token is that of the successor", candidateFields, suppliesSuccessor},
	{"rotate/many by what they have in common", keys.FieldsOf(keys.FieldLabel), rotatesMany},
	{"rotate/all or none", 0, rotatesAllOrNone},
	{"rotate/one of a crowd wins", 0, rotateCrowd},
	{"rotate/at once", 0, rotatesAtOnce},
	{"rotate/nobody is locked out by a successor that ends", keys.FieldsOf(keys.FieldExpiresAt), guardsRotation},
	{"rotate/finish waits for the successor", 0, finishes},
	{"rotate/a client is never refused while it must not be", candidateFields, servesRotation},
	{"rotate/no sequence lengthens a life, loses an attribute or leaves two successors", 0, rotatesAtRandom},
}

// heritage are the fields that a successor must have from its predecessor.
var heritage = keys.FieldsOf(keys.FieldLabel, keys.FieldDescription, keys.FieldOwner, keys.FieldRole, keys.FieldScopes, keys.FieldResource,
	keys.FieldNetworks, keys.FieldRateLimit, keys.FieldNotBefore, keys.FieldExpiresAt, keys.FieldMetadata)

const overlap = 24 * time.Hour

// rotation asks for the rotation of keys, at the lowest cost there is.
func (l *lab) rotation(list ...keys.Key) keys.RotateRequest {
	return keys.RotateRequest{ChangeRequest: keys.ChangeRequest{Refs: refs(list...)}, Overlap: overlap, BcryptCost: l.request().BcryptCost}
}

// rotate rotates one key or ends the case.
func (l *lab) rotate(s *keys.Service, q keys.RotateRequest) keys.Rotated {
	done, err := s.Rotate(ctx, q, delivered{})
	l.must(err)
	if len(done) != 1 {
		l.must(errors.New("rotating one key gives another number"))
	}
	l.used[done[0].New.Key.ID] = true
	return done[0]
}

// rotatable returns a key of any attributes that can be rotated.
func (l *lab) rotatable() keys.Key {
	k := l.randomKey()
	k.Enabled, k.RevokedAt, k.RevokedBy, k.RevokedReason, k.RevokedUntil = true, keys.Instant{}, "", "", keys.Instant{}
	k.Successor, k.Predecessor, k.RequestID, k.NotBefore = "", "", "", keys.Instant{}
	if k.ExpiresAt = (keys.Instant{}); l.chance(70) {
		k.ExpiresAt = now.Add(time.Duration(1+l.rnd.IntN(100)) * 3_600_001 * time.Millisecond)
	}
	if l.chance(20) {
		k.NotBefore = now.Add(-time.Minute)
	}
	return l.fit(k)
}

func inherits(l *lab) {
	s := l.service(l.store)
	for range l.rounds(25) {
		old := l.inserted(l.rotatable())
		events := len(l.shadow().Audit)
		got := l.rotate(s, l.rotation(old))
		l.sameIn(heritage&l.fields, got.New.Key, old, "a successor")
		l.serves(got.New)
		l.readBack(l.store, []keys.Key{got.New.Key, got.Old})
		l.retired(old, got)
		if got.Result != keys.Created || got.New.Key.ID == old.ID || got.New.Key.Hash == old.Hash {
			l.errorf("a rotation gives %+v", got)
		}
		l.lined(old, got, l.shadow().Audit[events:])
	}
}

// retired notes an old key that does not end where it should.
func (l *lab) retired(old keys.Key, got keys.Rotated) {
	want, untouched := old, heritage.Without(keys.FieldsOf(keys.FieldExpiresAt))
	l.sameIn(untouched&l.fields, got.Old, want, "the old key")
	ends := now.Add(overlap)
	if !l.fields.Has(keys.FieldExpiresAt) {
		if got.EndsItself || got.OverlapEnds != ends || got.Old.Status(now) != keys.Active {
			l.errorf("the old key is %+v, and its overlap ends at %s", got.Old, got.OverlapEnds)
		}
		return
	}
	if !old.ExpiresAt.IsNone() && old.ExpiresAt.Millis() < ends.Millis() {
		ends = old.ExpiresAt
	}
	if at := got.Old.ExpiresAt; !got.EndsItself || got.OverlapEnds != at || at.Millis() > ends.Millis() || !about(at, ends) {
		l.errorf("the old key ends at %s, and its overlap at %s, want %s", at, got.OverlapEnds, ends)
	}
}

// lined notes a rotation that cannot be told from the table or the audit.
func (l *lab) lined(old keys.Key, got keys.Rotated, events []keys.Event) {
	if l.fields.Has(keys.FieldSuccessor) && got.Old.Successor != got.New.Key.ID || l.fields.Has(keys.FieldPredecessor) && got.New.Key.Predecessor != old.ID {
		l.errorf("the table says %q and %q", got.Old.Successor, got.New.Key.Predecessor)
	}
	if len(events) != 2 || events[0].Action != keys.ActionRotate || events[0].KeyID != old.ID || events[1].Action != keys.ActionCreate || events[1].KeyID != got.New.Key.ID {
		l.errorf("the audit says %+v", events)
		return
	}
	for _, e := range events {
		if strings.Contains(e.After, got.New.Key.Hash) || strings.Contains(e.After, got.New.Token) {
			l.errorf("the audit tells secrets: %+v", e)
		}
	}
	for _, k := range []keys.Key{old, got.New.Key} {
		list, err := l.service(l.store).Rotations(ctx, keys.IDRef(k.ID))
		l.must(err)
		if len(list) != 1 || list[0].Old.ID != old.ID || list[0].New == nil || list[0].New.ID != got.New.Key.ID || list[0].OverlapEnds != got.OverlapEnds {
			l.errorf("the rotation of %s is %+v", k.ID, list)
		}
	}
}

func refusesRotation(l *lab) {
	s := l.service(l.store)
	list := []keys.Key{l.inserted(l.plainKey()), l.inserted(l.plainKey())}
	if l.revocable() {
		off := l.plainKey()
		l.switchOff(&off)
		off = l.inserted(l.fit(off))
		l.notRotated(s, l.rotation(list[0], off), keys.ReasonNotUsable, "a key that is off")
	}
	if l.fields.Has(keys.FieldExpiresAt) {
		over := l.plainKey()
		over.ExpiresAt = now
		over = l.inserted(over)
		l.notRotated(s, l.rotation(over), keys.ReasonNotUsable, "an expired key")
		q := l.rotation(list[0])
		q.Expires, q.ExpiresAt = true, now
		l.notRotated(s, q, keys.ReasonInvalid, "a successor that has expired")
	}
	l.notRotated(s, l.rotation(list[0], keys.Key{ID: "absent"}), keys.ReasonNotFound, "a key that is not there")
	q := l.rotation(list[0])
	q.Overlap = -1
	l.notRotated(s, q, keys.ReasonInvalid, "a negative overlap")
	got := l.rotate(s, l.rotation(list[0]))
	err := l.notRotated(s, l.rotation(list...), keys.ReasonAlreadyRotated, "a key that has a successor")
	l.names(err, got.New.Key.ID)
	_, err = s.Rotations(ctx, keys.IDRef(list[1].ID))
	l.want(err, keys.ReasonNotRotated, "the rotation of a key that has none")
	_, err = s.Finish(ctx, keys.FinishRequest{ChangeRequest: keys.ChangeRequest{Refs: refs(list[1])}})
	l.want(err, keys.ReasonNotRotated, "finishing what was not begun")
}

// notRotated notes a rotation that is not refused for this reason, or changes something.
func (l *lab) notRotated(s *keys.Service, q keys.RotateRequest, r keys.Reason, what string) error {
	before := l.shadow()
	_, err := s.Rotate(ctx, q, delivered{})
	l.want(err, r, "rotating %s", what)
	l.unchanged(before, "rotating %s", what)
	return err
}

// names notes an error that does not name the successor.
func (l *lab) names(err error, id string) {
	var e *keys.Error
	if !errors.As(err, &e) || len(e.Matches) != 1 || e.Matches[0].ID != id {
		l.errorf("%+v does not name %s", err, id)
	}
}

// serves notes a new token that is not answered as its key is to be.
func (l *lab) serves(made keys.Issued) {
	if !l.fields.Has(keys.FieldHash) {
		return
	}
	want := l.rules.Decide(&made.Key, keys.Request{}, now)
	l.outcome(made.Token, want, "the token of a successor")
}
