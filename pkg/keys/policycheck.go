package keys

import (
	"fmt"
	"slices"
)

// Validate tells whether the settings are within their bounds and hold together.
// The error has ReasonInvalid and names the settings.
func (p *Policy) Validate() error {
	scratch := DefaultPolicy()
	for i := range policySettings {
		set := &policySettings[i]
		if v := set.write(p); v != "" {
			if err := set.read(&scratch, v); err != nil {
				return Errorf(ReasonInvalid, "%s: %s", set.Name, err)
			}
		}
	}
	if problem, among := p.contradiction(); problem != "" {
		return Errorf(ReasonInvalid, "the policy contradicts itself: %s", problem).OnSetting(among[0])
	}
	return nil
}

// contradictions are what settings can say against each other. Each tells "" where they
// do not.
var contradictions = []struct {
	among []string
	tell  func(p *Policy) string
}{
	{[]string{"supplied_least", "supplied_most"}, contradictsSupplied},
	{[]string{"token_format", "token_prefixes", "token_bytes"}, contradictsLength},
	{[]string{"token_prefixes", "prefix_resources"}, contradictsPrefixes},
	{[]string{"roles", "admin_role"}, contradictsRoles},
	{[]string{"required", "prefix_resources"}, contradictsRequired},
	{[]string{"lockout_threshold", "lockout_window", "lockout_duration", "lockout_strict"}, contradictsLockout},
}

func (p *Policy) contradiction() (problem string, among []string) {
	for _, c := range contradictions {
		if problem := c.tell(p); problem != "" {
			return problem, c.among
		}
	}
	return "", nil
}

func contradictsSupplied(p *Policy) string {
	if least, most := p.suppliedBounds(); least > most {
		return fmt.Sprintf("supplied_least is %d and supplied_most %d", least, most)
	}
	return ""
}

// contradictsLength tells of tokens that would be too long to be hashed by bcrypt,
// or that have no prefix where their form needs one.
func contradictsLength(p *Policy) string {
	prefixes := p.TokenPrefixes
	if len(prefixes) == 0 {
		prefixes = []string{p.usualPrefix()}
	}
	for _, prefix := range prefixes {
		if n := p.tokenLen(prefix, p.usualBytes()); n > MaxTokenBytes {
			return fmt.Sprintf("token_format %s with the prefix %s and token_bytes %d makes tokens of %d characters: at most %d",
				findSetting("token_format").write(p), quote(prefix), p.usualBytes(), n, MaxTokenBytes)
		}
	}
	return ""
}

func contradictsPrefixes(p *Policy) string {
	seen := map[string]bool{}
	for _, bound := range p.PrefixResources {
		switch {
		case len(p.TokenPrefixes) > 0 && !slices.Contains(p.TokenPrefixes, bound.Prefix):
			return fmt.Sprintf("prefix_resources has the prefix %s, which token_prefixes does not allow", bound.Prefix)
		case seen[bound.Prefix]:
			return fmt.Sprintf("prefix_resources has the prefix %s twice", bound.Prefix)
		}
		seen[bound.Prefix] = true
	}
	return ""
}

func contradictsRoles(p *Policy) string {
	if p.AdminRole != "" && len(p.Roles) > 0 && !slices.Contains(p.Roles, p.AdminRole) {
		return fmt.Sprintf("admin_role is %s, which roles does not allow", p.AdminRole)
	}
	return ""
}

// contradictsRequired tells of keys that must have a resource and may not.
func contradictsRequired(p *Policy) string {
	for _, bound := range p.PrefixResources {
		if bound.Pattern == "" && p.Required.Has(FieldResource) {
			return fmt.Sprintf("required wants a resource, and prefix_resources none for the prefix %s", bound.Prefix)
		}
	}
	return ""
}

func contradictsLockout(p *Policy) string {
	l := &p.Lockout
	switch whole := l.Window > 0 && l.Duration > 0; {
	case l.Threshold > 0 && !whole:
		return "lockout_threshold needs lockout_window and lockout_duration"
	case l.Threshold == 0 && (l.Window > 0 || l.Duration > 0 || l.Strict):
		return "without lockout_threshold there is no lockout that lockout_window, lockout_duration and lockout_strict could be of"
	}
	return ""
}
