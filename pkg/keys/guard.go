package keys

import "context"

// guard refuses to take the subjects out of service where nobody else could get
// in any more: one of them is active, and no other key is active, lasts for
// another [GuardHorizon] and opens any resource. Where the policy names an admin
// role, only keys of that role count, on both sides. force overrides it; the
// first result tells that it had to.
func guard(ctx context.Context, tx Tx, subjects []Key, now Instant, force bool) (forced bool, err error) {
	policy, err := tx.Policy(ctx)
	if err != nil {
		return false, err
	}
	role := policy.AdminRole
	var last *Key
	except := make([]string, len(subjects))
	for i := range subjects {
		k := &subjects[i]
		except[i] = k.ID
		if k.Status(now) == Active && (role == "" || k.Role == role) {
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
	name := k.ID
	if k.Label != "" {
		name += " (" + PrintableText(k.Label) + ")"
	}
	if role != "" {
		return Errorf(ReasonLastAdmin, "%s is the last active key with the role %s that lasts another hour", name, role).OnKey(k.ID)
	}
	return Errorf(ReasonLastActive, "%s is the last active key: no other one lasts another hour without being bound to a resource", name).OnKey(k.ID)
}
