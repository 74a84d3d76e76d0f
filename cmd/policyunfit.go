package cmd

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// tellUnfit says how many keys do not comply, and how to mend one for each setting.
func (o *ruling) tellUnfit(done *keys.PolicyChange) {
	if done.UnfitKeys == 0 {
		return
	}
	o.note("existing keys that do not comply: %d; they go on working", done.UnfitKeys)
	var told []string
	for i := range done.Unfit {
		if u := &done.Unfit[i]; !slices.Contains(told, u.Setting) {
			told = append(told, u.Setting)
			o.note("hint: to mend key %s: %s", u.Key.ID, o.command(mend(u, &done.After)...))
		}
	}
}

// mends are the flags of update after which a key complies with a setting. For the
// others it needs a new token.
var mends = map[string]string{
	"max_lifetime":     "--expires 30d",
	"scopes":           "--scope SCOPE",
	"roles":            "--role ROLE",
	"label_pattern":    "--label LABEL",
	"unique_labels":    "--label LABEL",
	"one_full_key":     "--owner OWNER",
	"prefix_resources": "--resource RESOURCE",
}

// gives are the flags of update that give a key what the setting required wants.
var gives = map[keys.Field]string{
	keys.FieldLabel: "--label LABEL", keys.FieldDescription: "--description TEXT", keys.FieldOwner: "--owner OWNER",
	keys.FieldRole: "--role ROLE", keys.FieldScopes: "--scope SCOPE", keys.FieldResource: "--resource RESOURCE",
	keys.FieldNetworks: "--allow-ip NETWORK", keys.FieldRateLimit: "--rate-limit 100/1h", keys.FieldNotBefore: "--not-before 1h",
	keys.FieldExpiresAt: "--expires 30d", keys.FieldMetadata: "--metadata NAME=VALUE",
}

// mend returns a command after which a key complies with the setting that it does not
// comply with.
func mend(u *keys.Unfit, p *keys.Policy) []string {
	flags, known := mends[u.Setting]
	if u.Setting == "required" {
		flags, known = lacking(u.Problem), true
	}
	switch {
	case u.Setting == "one_full_key" && u.Key.Owner != "": // it has another
		return []string{"revoke", asWord(u.Key.ID)}
	case u.Setting == "prefix_resources" && slices.Contains(p.PrefixResources, keys.PrefixResource{Prefix: u.Key.Prefix}):
		return []string{"update", asWord(u.Key.ID), "--clear resource"}
	case !known:
		return []string{"rotate", asWord(u.Key.ID)}
	}
	return []string{"update", asWord(u.Key.ID), flags}
}

// lacking returns flags for the fields that a key is said to have none of.
func lacking(problem string) string {
	var flags []string
	for _, f := range keys.ShownFields() {
		if flag, ok := gives[f]; ok && strings.Contains(problem+" ", " no "+f.String()+" ") {
			flags = append(flags, flag)
		}
	}
	return strings.Join(flags, " ")
}
