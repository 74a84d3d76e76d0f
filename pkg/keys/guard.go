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
	return false, lastKey(last, role, s.Store.Info().Fields)
}

// lastKey is the refusal, in terms of what the table knows of keys.
func lastKey(k *Key, role string, held Fields) error {
	reason, text := ReasonLastActive, k.name()+" is the last active key"
	if role != "" {
		reason, text = ReasonLastAdmin, text+" with the role "+role
	}
	if held.Has(FieldExpiresAt) {
		text += " that lasts another hour"
	}
	if held.Has(FieldResource) {
		text += " and is not bound to a resource"
	}
	return Errorf(reason, "%s", text).OnKey(k.ID)
}

// name returns how messages call the key.
func (k *Key) name() string {
	if k.Label == "" {
		return k.ID
	}
	return k.ID + " (" + PrintableText(k.Label) + ")"
}
