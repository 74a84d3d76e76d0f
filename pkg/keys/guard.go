package keys

import (
	"context"
	"errors"
)

// guard refuses to take the subjects out of service where nobody else could get
// in any more: one of them is active, and no other key is active, lasts for
// another [GuardHorizon] and opens any resource. Where there is an admin role, of
// the policy or the server, only keys of that role count, on both sides. A key that
// cannot be read lets nobody in. force overrides it; the first result tells that
// it had to.
func (s *Service) guard(ctx context.Context, tx Tx, subjects []Key, now Instant, force bool) (forced bool, err error) {
	return s.guarding(ctx, tx, func(string) []Key { return subjects }, now, force)
}

// guardChange is guard for keys that are about to be what done tells: only those
// count as subjects that narrow. It counts on the others as they are, and not on what
// the same change would make of them.
func (s *Service) guardChange(ctx context.Context, tx Tx, before []Key, done []Change, now Instant, force bool) (forced bool, err error) {
	return s.guarding(ctx, tx, func(role string) []Key {
		subjects := make([]Key, 0, len(before)) // one that grew would be in memory many times over
		for i := range before {
			if before[i].narrows(&done[i].Key, role, now) {
				subjects = append(subjects, before[i])
			}
		}
		return subjects
	}, now, force)
}

// guarding guards the subjects that matter to a role. While no key of a policy's role
// lasts, others may be all that will let somebody in, and are guarded as well.
func (s *Service) guarding(ctx context.Context, tx Tx, subjects func(role string) []Key, now Instant, force bool) (forced bool, err error) {
	role, err := s.guardedRole(ctx, tx, now, force)
	if s.rules().Guard == GuardNone || err != nil {
		return false, err
	}
	if forced, err = s.guardRole(ctx, tx, subjects(role), role, now, force); forced || err != nil || role == "" || !s.rules().Settings {
		return forced, err
	}
	others := subjects("")
	if len(others) == 0 {
		return false, nil
	}
	if lasts, err := tx.Survivor(ctx, now, role, nil); lasts || err != nil {
		return false, err
	}
	return s.guardRole(ctx, tx, others, "", now, force)
}

func (s *Service) guardRole(ctx context.Context, tx Tx, subjects []Key, role string, now Instant, force bool) (forced bool, err error) {
	var last *Key
	except := make([]string, len(subjects))
	for i := range subjects {
		k := &subjects[i]
		except[i] = k.ID
		if k.admits(role, now) && (last == nil || !last.lasts(role, now)) {
			last = k
		}
	}
	if last == nil {
		return false, nil
	}
	survives, err := tx.Survivor(ctx, now, role, except)
	if survives || err != nil || force {
		return !survives && err == nil, err
	}
	e := lastKey(last, role, s.Store.Info().Fields, now)
	if policy, err := tx.Policy(ctx); err == nil && policy.OneFullKey {
		e.Setting = oneFullKey // which leaves no way but to rotate
	}
	return false, e
}

// guardedRole returns the role that the guard counts only, "" for any. A role of the
// policy that no active key has protects nobody. What else of a policy is not
// understood keeps no key alive; the role itself does, but for force.
func (s *Service) guardedRole(ctx context.Context, r Reader, now Instant, force bool) (string, error) {
	policy, err := r.Policy(ctx)
	e := (*Error)(nil)
	if errors.As(err, &e) && e.Reason == ReasonPolicy && (force || e.Setting != adminRole) {
		err = nil
	}
	rules := s.rules()
	if err == nil && rules.Settings && policy.AdminRole != "" {
		some, err := someAdmin(ctx, r, policy.AdminRole, now)
		if !some {
			return "", err
		}
	}
	if role := policy.AdminRole; role != "" || err != nil || rules.Guard != GuardAdmin {
		return role, err
	}
	return rules.AdminRole, nil
}

// someAdmin tells whether any active key has the role.
func someAdmin(ctx context.Context, r Reader, role string, now Instant) (bool, error) {
	some, err := r.Page(ctx, Query{Now: now, Role: role, Statuses: []Status{Active}, Limit: 1})
	return len(some) > 0, err
}

// admits tells whether the key lets somebody in who has the role, if one is given.
func (k *Key) admits(role string, now Instant) bool {
	return k.Status(now) == Active && !k.Unreadable() && (role == "" || k.Role == role)
}

// narrows tells whether the key lets somebody in who will not get in with what becomes
// of it, or not for as much of the next [GuardHorizon], or only to a resource. That it
// did not last itself is no excuse: many small steps would take everybody's way in.
func (k *Key) narrows(is *Key, role string, now Instant) bool {
	if !k.admits(role, now) {
		return false
	}
	sooner := k.ExpiresAt.IsNone() || is.ExpiresAt.Millis() < k.ExpiresAt.Millis()
	return !is.admits(role, now) || k.Resource == "" && is.Resource != "" || sooner && is.ExpiresAt.Reached(now.Add(GuardHorizon))
}

// lasts tells whether a guard may count on the key.
func (k *Key) lasts(role string, now Instant) bool {
	return k.admits(role, now) && !k.ExpiresAt.Reached(now.Add(GuardHorizon)) && k.Resource == ""
}

// lastKey is the refusal, in terms of what the table knows of keys. One that does not
// last itself is no last one that does.
func lastKey(k *Key, role string, held Fields, now Instant) *Error {
	reason, text := ReasonLastActive, k.name()+" is the last active key"
	if !k.lasts(role, now) {
		text = k.name() + " is active, and there is no other active key"
	}
	if role != "" {
		reason, text = ReasonLastAdmin, text+" with the role "+role
	}
	return Errorf(reason, "%s", text+countsOn(held)).OnKey(k.ID)
}

// countsOn says what else a guard wants of an active key, of what the table knows.
func countsOn(held Fields) string {
	text := ""
	if held.Has(FieldExpiresAt) {
		text = " that lasts another hour"
	}
	if held.Has(FieldResource) {
		text += " and is not bound to a resource"
	}
	return text
}

// name returns how messages call the key.
func (k *Key) name() string {
	if k.Label == "" {
		return k.ID
	}
	return k.ID + " (" + PrintableText(k.Label) + ")"
}
