package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// ruling holds the flags of the commands that change the policy.
type ruling struct {
	*globals
	q   keys.PolicyRequest
	yes bool
}

// addFlags adds the flags, where yes says what --yes is good for.
func (o *ruling) addFlags(c *cobra.Command, yes string) {
	fs := c.Flags()
	fs.StringVar(&o.q.Reason, "reason", "", "why, for the audit")
	fs.BoolVar(&o.q.DryRun, "dry-run", false, "say what would change, and change nothing")
	fs.BoolVarP(&o.yes, "yes", "y", false, yes)
}

func newPolicySet(g *globals) *cobra.Command {
	o := &ruling{globals: g}
	c := &cobra.Command{
		Use: "set NAME=VALUE...", Short: "Set the policy of the database",
		Long: "Give settings of the policy new values, all of them in one transaction. The\n" +
			"value default restores what holds where nobody sets it. Keys that exist go on\n" +
			"working; the answer lists those that would not be made today. keyreeve help\n" +
			"settings tells what there is to set.",
		Example: "  keyreeve policy set max_lifetime=90d required=owner,expires_at\n" +
			"  keyreeve policy set scopes=read,write --dry-run\n" +
			"  keyreeve policy set max_lifetime=default --reason 'for batch jobs'",
		SuggestFor: []string{"config", "configure", "configuration"},
		Args:       cobra.MinimumNArgs(1), ValidArgsFunction: completeAssignments,
		RunE: g.run(o.set),
	}
	o.addFlags(c, "accepted by every command that changes something")
	return c
}

func (o *ruling) set(ctx context.Context, args []string) (err error) {
	if o.q.Settings, err = assignments(args); err != nil {
		return err
	}
	if err := o.q.Validate(); err != nil {
		return err
	}
	return o.apply(ctx)
}

// assignments reads NAME=VALUE words. What may be set, and how, the policy says. An
// empty value is a variable of a script that nobody set, and restores nothing.
func assignments(args []string) ([]keys.Setting, error) {
	list := make([]keys.Setting, len(args))
	for i, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		switch {
		case !ok:
			return nil, keys.Errorf(keys.ReasonInvalid, "%s is not of the form NAME=VALUE", shown(arg))
		case value == "":
			return nil, keys.Errorf(keys.ReasonInvalid, "%s has no value: to restore what holds where nobody sets it, say %s", shown(name), keys.DefaultValue)
		}
		list[i] = keys.Setting{Name: name, Value: value}
	}
	return list, nil
}

// apply changes the policy, and tells what that means for the keys that exist.
func (o *ruling) apply(ctx context.Context) error {
	var done keys.PolicyChange
	err := o.opened(ctx, toWrite, func(s *keys.Service) (err error) {
		done, err = s.SetPolicy(ctx, o.q)
		return err
	})
	if err != nil {
		return err
	}
	opts, err := o.options(0)
	if err != nil {
		return err
	}
	o.tellUnfit(&done)
	if o.q.DryRun {
		o.note("dry run: nothing was changed")
	}
	err = render.Document(o.Out, opts, o.answer(&done, opts.Format))
	if o.q.DryRun || len(done.Changed) == 0 {
		return err
	}
	return unread(err)
}

// answer is what became of the policy, and which keys it would not let be made.
func (o *ruling) answer(done *keys.PolicyChange, f render.Format) []render.Pair {
	result := keys.Changed
	if len(done.Changed) == 0 {
		result = keys.Unchanged
	}
	doc := []render.Pair{{Name: "result", Value: string(result)}}
	if o.q.DryRun {
		doc = append(doc, render.Pair{Name: "dry_run", Value: true})
	}
	changed := render.Records{Names: []string{"setting", "before", "after"}}
	for _, s := range done.Changed {
		changed.Rows = append(changed.Rows, []any{s.Name, valueIn(&done.Before, s.Name, f), valueIn(&done.After, s.Name, f)})
	}
	unfit := render.Records{Names: []string{"id", "label", "setting", "problem"}}
	for _, u := range done.Unfit {
		unfit.Rows = append(unfit.Rows, []any{u.Key.ID, orNil(u.Key.Label), u.Setting, u.Problem})
	}
	return append(doc, render.Pair{Name: "unfit_keys", Value: done.UnfitKeys},
		render.Pair{Name: "changed", Value: changed}, render.Pair{Name: "unfit", Value: unfit})
}
