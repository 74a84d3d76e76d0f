package keys

// Admission is the time in which a key lets somebody in, from some moment on. The zero
// value is that of a key which never does.
type Admission struct {
	From  Instant
	Until Instant // refused from then on, none for never
}

// Never tells that nobody gets in at any time.
func (a Admission) Never() bool { return a.From.IsNone() }

// exceeds tells whether a holds a moment that b does not.
func (a Admission) exceeds(b Admission) bool {
	switch {
	case a.Never():
		return false
	case b.Never():
		return true
	}
	return !b.From.Reached(a.From) || !b.Until.IsNone() && !a.Until.Reached(b.Until)
}

// admission returns when a stored key lets somebody in, at now or later and without
// anybody doing anything; nil is a key that does not exist. What keeps it from that
// ends at most once, and its own end comes last: it is one stretch of time.
func (s *Service) admission(k *Key, now Instant) Admission {
	if k == nil || k.Unreadable() || !s.matchable(k) || !k.Enabled && k.RevokedUntil.IsNone() {
		return Admission{}
	}
	a := Admission{later(now, k.NotBefore), k.ExpiresAt}
	if !k.Enabled {
		a.From = later(a.From, k.RevokedUntil)
	}
	if a.Until.Reached(a.From) {
		return Admission{}
	}
	return a
}

// matchable tells whether there can be a token that the server accepts for the key, as
// far as its table tells.
func (s *Service) matchable(k *Key) bool {
	return !s.Store.Info().Fields.Has(FieldHash) || s.rules().Hash.Compares(k.Scheme, k.Hash)
}
