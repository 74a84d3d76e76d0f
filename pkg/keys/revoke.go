package keys

import "context"

// switchOff is what revoking does to a key, by kind; false where it is off already.
var switchOff = map[RevokeKind]func(k *Key, now Instant) bool{
	RevokeFlag: disable, RevokeTime: disable, RevokeExpiry: end,
}

// switching are the fields that switch a key off or on. What cannot be read there a
// server may take for either, so a change always writes over it.
const switching = Fields(1<<FieldEnabled | 1<<FieldRevokedAt | 1<<FieldRevokedUntil)

func disable(k *Key, now Instant) bool {
	if !k.Enabled && k.RevokedUntil.IsNone() && !k.unread(switching) {
		return false
	}
	k.Enabled, k.RevokedUntil, k.RevokedAt = false, Instant{}, now
	k.mend(switching)
	return true
}

func end(k *Key, now Instant) bool {
	if k.ExpiresAt.Reached(now) {
		return false
	}
	k.expire(now)
	return true
}

// expire sets the expiry, and tells whether that was another one.
func (k *Key) expire(at Instant) bool {
	other := k.ExpiresAt != at || k.unread(FieldsOf(FieldExpiresAt))
	k.ExpiresAt = at
	k.mend(FieldsOf(FieldExpiresAt))
	return other
}

// pause is disable for a while: the revocation lifts itself at until. One that is
// for good, or lasts as long already, is never cut short.
func (k *Key) pause(now, until Instant) bool {
	longer := k.RevokedUntil.IsNone() || until.Reached(k.RevokedUntil)
	if !k.Enabled && longer && !k.unread(switching) {
		return false
	}
	k.Enabled, k.RevokedUntil, k.RevokedAt = false, until, now
	k.mend(switching)
	return true
}

// stayedOff says why a key is not revoked until a moment.
func (k *Key) stayedOff() []string {
	if k.RevokedUntil.IsNone() {
		return []string{"key " + k.name() + " is revoked for good already, and stays so: activate it to change that"}
	}
	return []string{"key " + k.name() + " is revoked until " + k.RevokedUntil.String() + " already, and stays so: activate it to change that"}
}

// Revoke switches keys off, all or none. A key that is off already is
// unchanged. ReasonLastActive or ReasonLastAdmin protect the last usable key.
// ReasonUnsupported says that the server only knows deleted keys, or none that come
// back by themselves at q.Until.
func (s *Service) Revoke(ctx context.Context, q ChangeRequest) ([]Change, error) {
	r := s.rules()
	off := switchOff[r.Revoke]
	if off == nil {
		return nil, Errorf(ReasonUnsupported, "the key table of %s has no way to switch a key off: delete it", r.server())
	}
	e := edition{action: ActionRevoke}
	if !q.Until.IsNone() {
		if err := s.checkUntil(q.Until); err != nil {
			return nil, err
		}
		off = func(k *Key, now Instant) bool { return k.pause(now, q.Until) }
		e.stayed = (*Key).stayedOff
	}
	e.apply = func(k *Key, now Instant) (bool, error) {
		if !off(k, now) {
			return false, nil
		}
		if !k.Enabled {
			k.RevokedBy, k.RevokedReason = s.Actor.Who(), q.Reason
		}
		return true, nil
	}
	return s.edit(ctx, q, e)
}

// checkUntil refuses a revocation that would lift itself at once, or that nothing
// would lift.
func (s *Service) checkUntil(until Instant) error {
	if !s.Store.Info().Fields.Has(FieldRevokedUntil) {
		return Errorf(ReasonUnsupported, "the key table of %s has no column for %s: revoke the key, and activate it once the time is over",
			s.rules().server(), FieldRevokedUntil)
	}
	if until.Reached(s.now()) {
		return Errorf(ReasonInvalid, "the revocation would have lifted itself at %s already", until)
	}
	return nil
}
