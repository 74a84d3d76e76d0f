package cmd

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newPolicyPreset(g *globals) *cobra.Command {
	o := &ruling{globals: g}
	c := &cobra.Command{
		Use: "preset [NAME]", Short: "Make the policy that of a known server, or list those",
		Long: "Replace the whole policy by that of a known server: what the preset does not\n" +
			"set is as by default. Where the database has a policy already, the difference is\n" +
			"shown and you are asked. Without a name it lists the presets. keyreeve help\n" +
			"settings tells what each sets, and what it leaves out and why.",
		Example:    "  keyreeve policy preset\n  keyreeve policy preset boxwatch --dry-run\n  keyreeve policy preset workspace --yes",
		SuggestFor: []string{"presets", "template", "profile"},
		Args:       cobra.MaximumNArgs(1), ValidArgsFunction: completePresets,
		RunE: g.run(func(ctx context.Context, args []string) error {
			if len(args) == 0 {
				return g.presets()
			}
			return o.preset(ctx, args[0])
		}),
	}
	o.addFlags(c, "go on without a question")
	return c
}

func (g *globals) presets() error {
	if err := g.onlyPrints(); err != nil {
		return err
	}
	opts, err := g.options(0)
	if err != nil {
		return err
	}
	r := render.Records{Names: records["policy preset"], Short: []string{"name", "title"}}
	for _, p := range keys.Presets() {
		r.Rows = append(r.Rows, []any{p.Name, p.Title, presetSettings(&p)})
	}
	return render.List(g.Out, opts, r)
}

func presetSettings(p *keys.Preset) []string {
	list := make([]string, len(p.Settings))
	for i, s := range p.Settings {
		list[i] = s.Name + "=" + s.Value
	}
	return list
}

func (o *ruling) preset(ctx context.Context, name string) error {
	p, err := presetNamed(name)
	if err != nil {
		return err
	}
	o.q.Settings, o.q.Reset = p.Settings, true
	if !o.q.DryRun && !o.yes {
		if err := o.askReplace(ctx, name); err != nil {
			return err
		}
	}
	return o.apply(ctx)
}

func presetNamed(name string) (*keys.Preset, error) {
	var names []string
	for _, p := range keys.Presets() {
		if p.Name == name {
			return &p, nil
		}
		names = append(names, p.Name)
	}
	return nil, keys.Errorf(keys.ReasonInvalid, "there is no preset %s: there are %s", shown(name), strings.Join(names, ", "))
}

// askReplace shows what the preset would change of a policy that somebody has set,
// and asks. The database is closed while a person thinks.
func (o *ruling) askReplace(ctx context.Context, name string) error {
	rehearsal := o.q
	rehearsal.DryRun = true
	var found keys.PolicyChange
	err := o.opened(ctx, toWrite, func(s *keys.Service) (err error) {
		found, err = s.SetPolicy(ctx, rehearsal)
		return err
	})
	o.q.Agreed = &found.Before
	if err != nil || len(found.Changed) == 0 || reflect.DeepEqual(found.Before, keys.DefaultPolicy()) {
		return err
	}
	if err := o.needYes(false); err != nil {
		o.unasked = true
		return err
	}
	for _, s := range found.Changed {
		before, after := found.Before.Get(s.Name), found.After.Get(s.Name)
		fmt.Fprintf(o.Err, "  %s\n", keys.PrintableText(s.Name+": "+orDash(before)+" -> "+orDash(after)))
	}
	return o.ask(ctx, "replace the policy of this database by the preset "+name)
}

// orDash is a value as people read it, where there may be none.
func orDash(value string) string {
	if value == "" {
		return "-"
	}
	return value
}
