package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newPolicy(g *globals) *cobra.Command {
	return g.family(&cobra.Command{
		Use: "policy COMMAND", Short: "Show and set the rules that new keys are held to",
		Long: "The policy of keyreeve's own database says what keys may be made in it: their\n" +
			"tokens, lifetimes, scopes, labels and owners. It is stored there, and every\n" +
			"command obeys it; keys that exist go on working. keyreeve help settings lists\n" +
			"what can be set. Another server's rules are in its layout.",
		Example: "  keyreeve policy show\n  keyreeve policy set max_lifetime=90d required=owner,expires_at\n" +
			"  keyreeve policy preset boxwatch --dry-run",
	}, newPolicyShow(g), newPolicySet(g), newPolicyPreset(g))
}

func newPolicyShow(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "show [NAME...]", Short: "Show the policy of the database",
		Long: "Show the settings of the policy, or those that are named, each with its value\n" +
			"and what it is by default.",
		Example:    "  keyreeve policy show\n  keyreeve policy show max_lifetime required\n  keyreeve policy show -o json | jq -r .settings.hash",
		SuggestFor: []string{"policies", "rules", "settings"},
		Args:       cobra.ArbitraryArgs, ValidArgsFunction: completeSettings,
		RunE: g.run(func(ctx context.Context, args []string) error { return g.showPolicy(ctx, args) }),
	}
}

func (g *globals) showPolicy(ctx context.Context, names []string) error {
	if err := g.onlyPrints(); err != nil {
		return err
	}
	settings, err := settingsNamed(names)
	if err != nil {
		return err
	}
	var policy keys.Policy
	err = g.opened(ctx, toRead, func(s *keys.Service) (err error) {
		if err := g.ownRules(); err != nil {
			return err
		}
		policy, err = s.Policy(ctx)
		return err
	})
	if err != nil {
		return err
	}
	opts, err := g.options(0)
	if err != nil {
		return err
	}
	switch opts.Format {
	case render.JSON, render.JSONL, render.YAML:
		return render.Document(g.Out, opts, policyDocument(settings, &policy))
	}
	return render.List(g.Out, opts, policyRecords(settings, &policy))
}

// settingsNamed returns the settings of these names, all of them where there is none.
func settingsNamed(names []string) ([]keys.SettingInfo, error) {
	all := keys.PolicySettings()
	if len(names) == 0 {
		return all, nil
	}
	var list []keys.SettingInfo
	for i, name := range names {
		at := slices.IndexFunc(all, func(s keys.SettingInfo) bool { return s.Name == name })
		switch {
		case at < 0:
			return nil, (&keys.PolicyRequest{Settings: []keys.Setting{{Name: name}}}).Validate() // which says what may be meant
		case slices.Contains(names[:i], name):
			return nil, keys.Errorf(keys.ReasonInvalid, "the setting %s is given twice", name)
		}
		list = append(list, all[at])
	}
	return list, nil
}

// ownRules refuses a database whose rules are its server's.
func (g *globals) ownRules() error {
	if r := g.rules(); !r.Settings {
		return keys.Errorf(keys.ReasonUnsupported, "%s keeps no policy in its database: its rules are its own", r.Server)
	}
	return nil
}
