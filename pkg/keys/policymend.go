package keys

import "time"

// Mend returns the words of a keyreeve command after which a key complies with the
// setting that it does not comply with. They are ready to be typed, or else those in
// capitals stand for what only people know, such as an owner.
func (p *Policy) Mend(u *Unfit, now Instant) (words []string, ready bool) {
	k := &u.Key
	switch u.Setting {
	case required:
		return p.mendMissing(k, u.Missing)
	case maxLifetime:
		return p.mendLife(k, now), true
	case oneFullKey:
		if k.Owner != "" { // who has another
			return []string{"revoke", k.ID}, true
		}
	case "prefix_resources":
		if p.unbound(k.Prefix) {
			return []string{"update", k.ID, "--clear", "resource"}, true
		}
	}
	if flags, known := mendingFlags[u.Setting]; known {
		return append([]string{"update", k.ID}, flags...), false
	}
	return p.renewal(k), true
}

// mendingFlags are the flags of update after which a key complies with a setting. For
// the others it needs a new token.
var mendingFlags = map[string][]string{
	"scopes":           {"--scope", "SCOPE"},
	"roles":            {"--role", "ROLE"},
	"label_pattern":    {"--label", "LABEL"},
	"unique_labels":    {"--label", "LABEL"},
	oneFullKey:         {"--owner", "OWNER"},
	"prefix_resources": {"--resource", "RESOURCE"},
}

// givingFlags are the flags of update that give a key what the setting required wants.
var givingFlags = map[Field][]string{
	FieldLabel: {"--label", "LABEL"}, FieldDescription: {"--description", "TEXT"}, FieldOwner: {"--owner", "OWNER"},
	FieldRole: {"--role", "ROLE"}, FieldScopes: {"--scope", "SCOPE"}, FieldResource: {"--resource", "RESOURCE"},
	FieldNetworks: {"--allow-ip", "NETWORK"}, FieldRateLimit: {"--rate-limit", "N/DURATION"}, FieldNotBefore: {"--not-before", "TIME"},
	FieldMetadata: {"--metadata", "NAME=VALUE"},
}

// Give returns the flags, for create and update, that give a key these fields, in
// words as those of [Policy.Mend] are.
func (p *Policy) Give(missing Fields) (flags []string, ready bool) {
	ready = true
	for _, f := range missing.List() {
		if f == FieldExpiresAt {
			flags = append(flags, "--expires", FormatDuration(p.usualLife()))
			continue
		}
		flags, ready = append(flags, givingFlags[f]...), false
	}
	return flags, ready
}

func (p *Policy) mendMissing(k *Key, missing Fields) ([]string, bool) {
	flags, ready := p.Give(missing)
	return append([]string{"update", k.ID}, flags...), ready
}

// mendLife gives a key the longest life that it may have, or another key where that is
// over already.
func (p *Policy) mendLife(k *Key, now Instant) []string {
	if end := k.CreatedAt.Add(p.MaxLifetime); !k.CreatedAt.IsNone() && !end.Reached(now.Add(time.Hour)) {
		return []string{"update", k.ID, "--expires", end.String()}
	}
	words := p.renewal(k)
	if k.Successor == "" {
		words = append(words, "--expires", FormatDuration(p.MaxLifetime))
	}
	return words
}

// usualLife is one that every new key may have.
func (p *Policy) usualLife() time.Duration {
	if p.MaxLifetime > 0 {
		return min(p.MaxLifetime, 30*day)
	}
	return 30 * day
}

// renewal gives a key another token, or ends it if it has a successor that has one.
func (p *Policy) renewal(k *Key) []string {
	switch {
	case k.Successor != "":
		return []string{"rotate", "--finish", k.ID}
	case k.ExpiresAt.IsNone() && p.Required.Has(FieldExpiresAt) && p.MaxLifetime <= 0: // else a successor gets an end
		return []string{"rotate", k.ID, "--expires", FormatDuration(p.usualLife())}
	}
	return []string{"rotate", k.ID}
}

// unbound tells whether keys whose tokens have the prefix may not be bound.
func (p *Policy) unbound(prefix string) bool {
	for _, bound := range p.PrefixResources {
		if bound.Prefix == prefix && bound.Pattern == "" {
			return true
		}
	}
	return false
}
