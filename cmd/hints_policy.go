package cmd

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// policyHints tells how to see the rule that forbids something, and where it can be
// mended if it is the rule that is wrong.
func policyHints(g *globals, e *keys.Error) []string {
	switch {
	case e.Setting == "":
		return []string{"see which keys there are: " + g.command("list -o wide"), "see the rules: " + g.command("policy show")}
	case e.Path != "":
		return g.repairs(e.Setting)
	}
	lines := say("see that rule: %s", g.command("policy show", e.Setting))
	if way := g.compliance(e); way != "" {
		return append([]string{way}, lines...)
	}
	return lines
}

// compliance is a command with which the rule would have let somebody go on, "" where
// that is not as simple.
func (g *globals) compliance(e *keys.Error) string {
	flags, _ := g.policy.Give(e.Missing)
	switch exists := g.verb == "update" || g.verb == "activate"; {
	case strings.HasPrefix(g.verb, "policy "):
		return ""
	case e.Setting == "slow_keys" && g.verb == "create":
		return "a generated token is not limited: " + g.command("create")
	case e.Setting == "max_lifetime" && g.verb == "update" && e.Key != "":
		return "give the key a successor, which may live as long: " + g.command("rotate", asWord(e.Key), "--expires", g.longest())
	case e.Setting == "max_lifetime" && !exists:
		return "give it an end that it may have: " + g.with("--expires", g.longest())
	case len(flags) > 0 && exists:
		return "give it what is wanted: " + g.command("update", asWord(e.Key), strings.Join(flags, " "))
	case len(flags) > 0:
		return "give it what is wanted: " + g.with(flags...)
	case e.Setting == "one_full_key" && e.Key != "" && g.verb == "create":
		return "give the key a successor instead: " + g.command("rotate", asWord(e.Key))
	}
	return ""
}

// longest is how long a new key may live.
func (g *globals) longest() string { return keys.FormatDuration(g.policy.MaxLifetime) }

// with returns the command line as it was typed, with other values for these flags.
func (g *globals) with(flags ...string) string {
	args := g.args
	for _, f := range flags {
		if strings.HasPrefix(f, "--") {
			args = without(args, f)
		}
	}
	return "keyreeve" + retyped(slices.Concat(args, flags))
}

// instead is the way on where a guard refuses: another, unless a policy lets an owner
// have no other key.
func (g *globals) instead(e *keys.Error, another string) string {
	if e.Setting != "one_full_key" {
		return another
	}
	return "give the key a successor instead: " + g.command("rotate", asWord(e.Key))
}

// repairs tell what to do about a setting that this version does not understand.
func (g *globals) repairs(name string) []string {
	set := keys.Setting{Name: name, Value: keys.DefaultValue}
	restore := g.command("policy set", shellQuote(set.Name+"="+set.Value))
	newer := "use a newer version of keyreeve; this is " + version()
	switch {
	case slices.ContainsFunc(keys.PolicySettings(), func(s keys.SettingInfo) bool { return s.Name == name }):
		return say("set it anew: %s", restore)
	case (&keys.PolicyRequest{Settings: []keys.Setting{set}}).Validate() != nil: // only SQL takes it out
		return []string{newer}
	}
	return []string{newer, "or forget that rule: " + restore}
}

// obeys keeps the policy by which something was refused, for hints.
func (g *globals) obeys(ctx context.Context, s *keys.Service, err error) {
	var e *keys.Error
	if errors.As(err, &e) && e.Setting != "" {
		g.policy, _ = s.Policy(ctx) // as far as it is understood
	}
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
