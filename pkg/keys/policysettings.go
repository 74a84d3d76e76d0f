package keys

import (
	"net/netip"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
)

// SettingInfo describes one rule of a [Policy] for people.
type SettingInfo struct {
	Name    string
	Kind    string   // of its value, such as "duration"; of several, separated by commas, where it ends in "list"
	Default string   // "" where nothing is asked
	Values  []string // the only ones that there are, nil where there are others
	Doc     string   // one line: what it asks
}

// setting is one rule of a policy: how its value is read and written.
type setting struct {
	SettingInfo
	read  func(p *Policy, value string) error
	write func(p *Policy) string
}

// policySettings are all rules, in the order in which people read them. Values that
// are set by nobody are those of [DefaultPolicy].
var policySettings = []setting{
	ofWords("token_format", "what generated tokens look like", NativeTokens, []TokenFormat{NativeTokens, HexTokens, Base64URLTokens, SelectorTokens},
		func(p *Policy) *TokenFormat { return &p.TokenFormat }),
	ofList("token_prefixes", "prefix", "what tokens may begin with, the first where no other is asked for", ValidatePrefix, func(p *Policy) *[]string { return &p.TokenPrefixes }),
	ofNumber("token_bytes", "", "bytes of randomness in a generated token: at least so many in native ones, exactly so many in others; 32 where it is not set",
		minSecretBytes, MaxTokenBytes, func(p *Policy) *int { return &p.TokenBytes }),
	ofWords("hash", "how generated tokens are hashed; where it is bcrypt, so are all others", SHA256, []Scheme{SHA256, Bcrypt}, func(p *Policy) *Scheme { return &p.Hash }),
	ofNumber("bcrypt_cost", "", "work factor of bcrypt, and the least; 12 where it is not set, and 4 the least", minBcryptCost, maxBcryptCost, func(p *Policy) *int { return &p.BcryptCost }),
	ofNumber("supplied_least", "32", "characters that a supplied token has at least", minSuppliedBytes, MaxTokenBytes, func(p *Policy) *int { return &p.SuppliedLeast }),
	ofNumber("supplied_most", "72", "characters that a supplied token has at most", minSuppliedBytes, MaxTokenBytes, func(p *Policy) *int { return &p.SuppliedMost }),
	ofNumber("slow_keys", "0", "how many usable keys may have a slow hash and no selector; 0 for any number", 0, mostKeys, func(p *Policy) *int { return &p.SlowKeys }),
	ofSpan("max_lifetime", "from the making of a key to its end", time.Hour, 100*365*day, func(p *Policy) *time.Duration { return &p.MaxLifetime }),
	{SettingInfo{Name: "required", Kind: "field list", Doc: "what a key must have", Values: fieldNames(requirable)}, readRequired,
		func(p *Policy) string { return strings.Join(fieldNames(p.Required.List()), ",") }},
	ofList("scopes", "scope", "the only scopes that a key may have, * among them if it may have that", ValidateScope, func(p *Policy) *[]string { return &p.Scopes }),
	ofList("roles", "role", "the only roles that a key may have", ValidateRole, func(p *Policy) *[]string { return &p.Roles }),
	ofText("admin_role", "role", "the role of which the last active key is protected; any key where it is not set",
		ValidateRole, func(p *Policy) *string { return &p.AdminRole }),
	ofText("label_pattern", "regular expression", "what all of a label must match (RE2)", validatePattern, func(p *Policy) *string { return &p.LabelPattern }),
	ofFlag("unique_labels", "a label is that of one usable key without a successor", func(p *Policy) *bool { return &p.UniqueLabels }),
	ofFlag("one_full_key", "an owner has one usable key that is not bound to a resource; one with a successor does not count", func(p *Policy) *bool { return &p.OneFullKey }),
	{SettingInfo{Name: "prefix_resources", Kind: "prefix=pattern list", Doc: "which resource a key needs whose token has the prefix; none at all after prefix="},
		readPrefixResources, writePrefixResources},
	{SettingInfo{Name: "default_networks", Kind: "network list", Doc: "where a key may come from for which nothing else is asked"},
		func(p *Policy, v string) error { return readList(&p.Networks, v, ParseNetwork) },
		func(p *Policy) string { return writeList(p.Networks, netip.Prefix.String) }},
	ofRate("default_rate", "how often a key may be used for which nothing else is asked", func(p *Policy) *Rate { return &p.Rate }),
	ofNumber("lockout_threshold", "0", "failures of one address within lockout_window that lock it out; 0 for no lockout", 0, 1_000_000,
		func(p *Policy) *int { return &p.Lockout.Threshold }),
	ofSpan("lockout_window", "in which failures are counted", time.Second, 366*day, func(p *Policy) *time.Duration { return &p.Lockout.Window }),
	ofSpan("lockout_duration", "how long an address is locked out", time.Second, 366*day, func(p *Policy) *time.Duration { return &p.Lockout.Duration }),
	ofFlag("lockout_strict", "a valid key does not pass a locked address either", func(p *Policy) *bool { return &p.Lockout.Strict }),
	ofRate("address_rate", "requests of one address that servers answer", func(p *Policy) *Rate { return &p.AddressRate }),
}

// PolicySettings returns the rules that a policy can have, in the order in which
// people read them.
func PolicySettings() []SettingInfo {
	list, usual := make([]SettingInfo, len(policySettings)), DefaultPolicy()
	for i := range policySettings {
		list[i] = policySettings[i].SettingInfo
		list[i].Default = policySettings[i].write(&usual)
	}
	return list
}

func findSetting(name string) *setting {
	for i := range policySettings {
		if policySettings[i].Name == name {
			return &policySettings[i]
		}
	}
	return nil
}

// validatePattern wants a pattern that a label can be matched by.
func validatePattern(v string) error {
	_, err := syntax.Parse(v, syntax.Perl) // of which wholly could make a whole one
	if err == nil {
		_, err = regexp.Compile(wholly(v)) // also a pattern that is too large
	}
	switch {
	case len(v) > maxPattern:
		return Errorf(ReasonInvalid, "the pattern has %d bytes: at most %d", len(v), maxPattern)
	case PrintableText(v) != v:
		return Errorf(ReasonInvalid, "the pattern has characters that cannot be shown")
	case err != nil:
		return Errorf(ReasonInvalid, "the pattern %s is no regular expression of RE2: %v", quote(v), err)
	}
	return nil
}

const maxPattern = 256 // bytes

// wholly is a pattern that must match all of a text.
func wholly(pattern string) string { return `^(?:` + pattern + `)$` }
