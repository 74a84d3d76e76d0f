package keys

import "slices"

// prefixLike returns the prefix of another token for what the key opens: that of its
// own, if somebody chose it, else the usual one, else the first that the policy allows
// for that resource. One that makes the policy's tokens too long comes last.
func (j *judge) prefixLike(k *Key) string {
	prefixes := append([]string{j.usualPrefix()}, j.TokenPrefixes...)
	if k.chosenPrefix(j.Policy) {
		prefixes[0] = k.Prefix
		prefixes = append(prefixes, j.usualPrefix())
	}
	for _, bound := range j.PrefixResources {
		if j.allowsPrefix(bound.Prefix) {
			prefixes = append(prefixes, bound.Prefix)
		}
	}
	fits := func(prefix string) bool {
		return j.wrongResource(&Key{Prefix: prefix, Resource: k.Resource}, Instant{}) == ""
	}
	long := func(prefix string) int { return max(j.tokenLen(prefix, j.usualBytes()), MaxTokenBytes) }
	slices.SortStableFunc(prefixes, func(a, b string) int { return long(a) - long(b) })
	return prefixes[max(slices.IndexFunc(prefixes, fits), 0)]
}

// opensAsBefore refuses a token of this prefix for what the key opens.
func (j *judge) opensAsBefore(k *Key, prefix string) error {
	return j.refuse(&resourceDemand, &Key{ID: k.ID, Prefix: prefix, Resource: k.Resource}, Instant{})
}

// shorten brings the end that a successor inherits, or that it has none, into the
// longest life of the policy, and tells whether it had to.
func (p *Policy) shorten(k *Key, now Instant) (bool, error) {
	end := now.Add(p.MaxLifetime)
	if p.MaxLifetime <= 0 || !k.ExpiresAt.IsNone() && k.ExpiresAt.Millis() <= end.Millis() {
		return false, nil
	}
	if end.Reached(k.NotBefore) {
		return false, Errorf(ReasonPolicy, "the policy %s would end the successor at %s, before it begins at %s", maxLifetime, end, k.NotBefore).OnSetting(maxLifetime)
	}
	k.ExpiresAt = end
	return true, nil
}

// adviceOnLife says of a successor that it does not live as long as the old key.
func (t *turn) adviceOnLife() []string {
	if !t.shortened {
		return nil
	}
	return []string{"the successor of " + t.old.name() + " ends at " + t.issued.Key.ExpiresAt.String() + ", where the policy " + maxLifetime + " ends it"}
}
