package cmd

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// policyHints tells how to see the rule that forbids something, and where it can be
// mended if it is the rule that is wrong.
func policyHints(g *globals, e *keys.Error) []string {
	name := settingIn(e.Message)
	switch {
	case e.Path != "" && name != "":
		return say("set it anew: %s", g.command("policy set", name+"="+keys.DefaultValue))
	case e.Path != "":
		_, other, _ := strings.Cut(e.Message, `has a policy "`)
		other, _, _ = strings.Cut(other, `"`)
		return []string{"use a newer version of keyreeve; this is " + version(), "or forget that rule: " + g.command("policy set", shellQuote(other)+"="+keys.DefaultValue)}
	case name == "slow_keys":
		return []string{"see that rule: " + g.command("policy show", name), "a generated token is not limited: " + g.command("create")}
	case wanted(name, e.Message) != "":
		return []string{"give it what is wanted: " + g.command(g.verb, subject(g, e), wanted(name, e.Message)), "see that rule: " + g.command("policy show", name)}
	case name == "one_full_key" && e.Key != "":
		return []string{"give the key a successor instead: " + g.command("rotate", asWord(e.Key)), "see that rule: " + g.command("policy show", name)}
	case name != "":
		return say("see that rule: %s", g.command("policy show", name))
	}
	return []string{"see which keys there are: " + g.command("list -o wide"), "see the rules: " + g.command("policy show")}
}

// subject names the key that a command was about, "" where it makes one.
func subject(g *globals, e *keys.Error) string {
	if prints[g.verb] == newTokens && !slices.Contains(g.refVerbs, g.verb) {
		return ""
	}
	return asWord(e.Key)
}

// wanted are the flags with which the same command would not be refused, "" where
// that is not as simple.
func wanted(setting, message string) string {
	switch flags := lacking(message); {
	case setting == "max_lifetime" || setting == "required" && flags == "":
		return mends["max_lifetime"]
	case setting == "required" || setting == "one_full_key":
		return flags
	}
	return ""
}

// settingHints tells what there is to set, and which setting somebody may have meant.
func settingHints(args []string) (lines []string) {
	all := keys.PolicySettings()
	for _, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		is := func(s keys.SettingInfo) bool { return s.Name == name }
		meant := func(s keys.SettingInfo) bool { return similar(name, s.Name) }
		if at := slices.IndexFunc(all, meant); at >= 0 && !slices.ContainsFunc(all, is) {
			lines = append(lines, "did you mean "+all[at].Name+"?")
		}
	}
	return append(lines, "see what there is to set: keyreeve help settings")
}

// similar tells whether somebody who typed this may have meant the name: with dashes,
// or only its end or beginning.
func similar(typed, name string) bool {
	plain := strings.ToLower(strings.ReplaceAll(typed, "-", "_"))
	return plain == name || len(plain) > 4 && (strings.HasSuffix(name, "_"+plain) || strings.HasPrefix(name, plain+"_"))
}

// settingIn returns the setting that a refusal names, "" for none.
func settingIn(message string) string {
	for _, s := range keys.PolicySettings() {
		if strings.Contains(message, "the policy "+s.Name+" ") || strings.Contains(message, "("+s.Name+")") {
			return s.Name
		}
	}
	return ""
}
