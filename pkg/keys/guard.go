package keys

import "context"

// guard refuses to take the subjects out of service where nobody else could get
// in any more: one of them is active, and no other key is active, lasts for
// another [GuardHorizon] and opens any resource. Where there is an admin role, of
// the policy or the server, only keys of that role count, on both sides. A key that
// cannot be read lets nobody in. force overrides it; the first result tells that
// it had to.
func (s *Service) guard(ctx context.Context, tx Tx, subjects []Key, now Instant, force bool) (forced bool, err error) {
	r := s.rules()
	if r.Guard == GuardNone {
		return false, nil
	}
	policy, err := tx.Policy(ctx)
	if err != nil {
		return false, err
	}
	role := policy.AdminRole
	if r.Guard == GuardAdmin && role == "" {
		role = r.AdminRole
	}
	var last *Key
	except := make([]string, len(subjects))
	for i := range subjects {
		k := &subjects[i]
		except[i] = k.ID
		if k.Status(now) == Active && !k.Unreadable() && (role == "" || k.Role == role) {
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
	return false, lastKey(last, role)
}

func lastKey(k *Key, role string) error {
	if role != "" {
		return Errorf(ReasonLastAdmin, "%s is the last active key with the role %s that lasts another hour", k.name(), role).OnKey(k.ID)
	}
	return Errorf(ReasonLastActive, "%s is the last active key: no other one lasts another hour without being bound to a resource", k.name()).OnKey(k.ID)
}

// name returns how messages call the key.
func (k *Key) name() string {
	if k.Label == "" {
		return k.ID
	}
	return k.ID + " (" + PrintableText(k.Label) + ")"
}
