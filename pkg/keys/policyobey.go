package keys

import (
	"slices"
	"time"
)

// attributes refuses a new key for what it is asked to be.
func (j *judge) attributes(k *Key, now Instant) error {
	for i := range demands {
		if err := j.refuse(&demands[i], k, now); err != nil {
			return err
		}
	}
	return nil
}

// lifetime refuses an end that a key may not have, or that it has none.
func (j *judge) lifetime(k *Key, now Instant) error {
	if k.ExpiresAt.IsNone() && j.Required.Has(FieldExpiresAt) {
		e := Errorf(ReasonPolicy, "the policy required refuses the key: it never expires").OnKey(k.ID).OnSetting(required)
		e.Missing = FieldsOf(FieldExpiresAt)
		return e
	}
	return j.refuse(&lifetimeDemand, k, now)
}

// reading is what may pass between the reading of a duration, from which a moment
// was computed, and its use.
const reading = time.Minute

// checkLifetime holds the expiry of a key that is made now to the bounds of the
// policy, and to the server's, for which none is no lifetime.
func (r *Rules) checkLifetime(expires, now Instant) error {
	if err := r.judged().lifetime(&Key{ExpiresAt: expires, CreatedAt: now}, now); err != nil || expires.IsNone() {
		return err
	}
	bound, side := r.Lifetime.Most, "most"
	switch d := expires.Sub(now); {
	case bound > 0 && d > bound:
	case r.Lifetime.Least > 0 && d < r.Lifetime.Least-reading:
		bound, side = r.Lifetime.Least, "least"
	default:
		return nil
	}
	e := Errorf(ReasonPolicy, "%s lets a key live for %s at %s: it would expire at %s", r.server(), FormatDuration(bound), side, expires)
	e.Missing = FieldsOf(FieldExpiresAt)
	return e
}

// renewed is lifetime for a key that had another end, or none: an earlier one is
// always allowed.
func (j *judge) renewed(before, after *Key, now Instant) error {
	if newEnd(before, after) == nil {
		return nil
	}
	return j.lifetime(after, now)
}

// updated refuses what a change gives to a key, or takes from it, against the policy.
// What was wrong with the key before is let be, and may become less wrong.
func (j *judge) updated(before, after *Key, now Instant) error {
	p := *j.Policy
	p.Required = p.Required.Without(j.missing(before))
	lenient := judge{Policy: &p, label: j.label}
	for i := range demands {
		k := demands[i].news(before, after)
		if k == nil {
			continue
		}
		if err := lenient.refuse(&demands[i], k, now); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) refuse(d *demand, k *Key, now Instant) error {
	problem := d.problem(j, k, now)
	if problem == "" {
		return nil
	}
	e := Errorf(d.reason, "the policy %s refuses the key: it %s", d.setting, problem).OnKey(k.ID).OnSetting(d.setting)
	e.Missing = j.wanted(d.setting, k)
	return e
}

// wanted are the fields that a key has not, and a setting that refuses it wants.
func (j *judge) wanted(setting string, k *Key) Fields {
	switch {
	case setting == required:
		return j.missing(k)
	case setting == oneFullKey:
		return FieldsOf(FieldOwner)
	case setting == maxLifetime && k.ExpiresAt.IsNone():
		return FieldsOf(FieldExpiresAt)
	}
	return 0
}

func all(_, after *Key) *Key { return after }

// newEnd judges an end that is later than it was; one that nobody could read may have
// been anything.
func newEnd(before, after *Key) *Key {
	was, is := before.ExpiresAt, after.ExpiresAt
	earlier := !is.IsNone() && (was.IsNone() || is.Millis() < was.Millis())
	if (was == is || earlier) && !before.unread(FieldsOf(FieldExpiresAt)) {
		return nil
	}
	return after
}

// newScopes judges those that the key did not have.
func newScopes(before, after *Key) *Key {
	k := *after
	k.Scopes = slices.DeleteFunc(slices.Clone(k.Scopes), func(s string) bool { return slices.Contains(before.Scopes, s) })
	return &k
}

func newRole(before, after *Key) *Key { return judgedIf(before.Role != after.Role, after) }

func newLabel(before, after *Key) *Key { return judgedIf(before.Label != after.Label, after) }

func newResource(before, after *Key) *Key { return judgedIf(before.Resource != after.Resource, after) }

// newlyFree judges a key that had an owner, or was bound to a resource.
func newlyFree(before, after *Key) *Key {
	return judgedIf(before.Owner != "" || before.Resource != "", after)
}

func judgedIf(news bool, k *Key) *Key {
	if news {
		return k
	}
	return nil
}
