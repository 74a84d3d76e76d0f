package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// settingsText tells what a policy can say, and what the presets make of that.
func settingsText() string {
	var b strings.Builder
	b.WriteString(fold("The policy of keyreeve's own database is stored in it. keyreeve policy show tells it, "+
		"keyreeve policy set changes it, and the value default restores what holds where nobody sets it. "+
		"The policy binds every command that makes keys, or changes what they may do. Keys that exist go on working, "+
		"whatever it becomes: update judges only what it gives to a key or takes from it, and activate only max_lifetime "+
		"where it sets an end, one_full_key and slow_keys. Members of a list are separated by commas. A setting without a default asks nothing until it is set:", 0) + "\n\n")
	for _, s := range keys.PolicySettings() {
		fmt.Fprintf(&b, "  %-18s  %s\n", s.Name, fold(s.Doc+" ("+valuesOf(s)+")", 22))
	}
	for _, p := range keys.Presets() {
		b.WriteString("\n" + presetText(&p))
	}
	return strings.TrimRight(b.String(), "\n")
}

// valuesOf tells what a setting takes, and what it is by default.
func valuesOf(s keys.SettingInfo) string {
	text, words := s.Kind, strings.Join(s.Values, ", ")
	switch {
	case len(s.Values) > 0 && manyOf(s):
		text = "list of " + words
	case s.Kind == "word":
		text = "one of " + words
	}
	if s.Default != "" {
		text += "; by default " + s.Default
	}
	return text
}

// presetText tells what a preset sets, and which statements of its guide it leaves
// out.
func presetText(p *keys.Preset) string {
	var b strings.Builder
	b.WriteString(fold("The preset "+p.Name+" ("+p.Title+") sets:", 0) + "\n\n")
	for _, s := range p.Settings {
		fmt.Fprintf(&b, "  %-18s  %s\n", s.Name, fold(s.Value, 22))
	}
	if len(p.Not) > 0 {
		b.WriteString("\nIts guide says besides, and a policy does not make so:\n")
	}
	for i, n := range p.Not {
		if !slices.ContainsFunc(p.Not[:i], func(o keys.Omission) bool { return o.Reason == n.Reason }) {
			b.WriteString("\n  " + fold(statementsOf(p, n.Reason)+". Why: "+n.Reason+".", 2) + "\n")
		}
	}
	return b.String()
}

// statementsOf returns all that a preset leaves out for one reason.
func statementsOf(p *keys.Preset, reason string) string {
	var list []string
	for _, n := range p.Not {
		if n.Reason == reason {
			list = append(list, n.Statement)
		}
	}
	return strings.Join(list, "; ")
}
