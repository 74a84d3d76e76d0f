package keystest

import "time"

// guardsRotation: a successor that ends within the hour replaces nobody where it is the
// last to get in, and does where somebody else is.
func guardsRotation(l *lab) {
	if l.guardReason() == "" || l.rules.Lifetime.Least > 0 {
		l.skip("no guard holds, or no key ends so soon")
	}
	s := l.service(l.store)
	old := l.inserted(l.plainKey())
	q := l.rotation(old)
	q.Overlap, q.Expires, q.ExpiresAt = 0, true, now.Add(time.Second)
	l.notRotated(s, q, l.guardReason(), "the last key for a second")
	l.inserted(l.plainKey())
	l.rotate(s, q)
}
