package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
)

func newLayoutCheck(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "check FILE", Short: "Check a layout, and how it fits a database",
		Long: "Read a layout from a file, or a built-in one by its name, and say what each verb\n" +
			"would do or refuse on its table. With --db or KEYREEVE_DB, open that database by\n" +
			"it, show some rows as list does, and say what is wrong: values that cannot be\n" +
			"decoded, columns that a new row would leave empty, tables that would not be\n" +
			"recognised. Nothing is written. Exit code 3 is that something is wrong.",
		Example: "  keyreeve layout check own.yaml\n  keyreeve layout check own.yaml --db server.db\n" +
			"  keyreeve layout check own.yaml --db x.db -o json | jq .problems",
		SuggestFor: []string{"lint"},
		Args:       cobra.ExactArgs(1), ValidArgsFunction: completeLayouts,
		RunE: g.run(func(ctx context.Context, args []string) error { return g.checkLayout(ctx, args[0]) }),
	}
}

func (g *globals) checkLayout(ctx context.Context, name string) error {
	if err := g.onlyPrints(); err != nil {
		return err
	}
	found, err := g.checked(ctx, name)
	if err != nil {
		return err
	}
	opts, err := g.options(found.Fields)
	if err != nil {
		return err
	}
	doc := []render.Pair{
		{Name: "layout", Value: found.Name}, {Name: "title", Value: orNil(found.Title)},
		{Name: "server", Value: orNil(found.Server)}, {Name: "table", Value: found.Table},
	}
	fine := true
	if found.Fit != nil {
		doc, fine = append(doc, fitPairs(found.Fit)...), len(found.Fit.Problems) == 0
	} else {
		g.note("only the layout was checked: name a database with --db to see how it fits")
	}
	doc = append(doc, render.Pair{Name: "verbs", Value: abilityRecords(found.Abilities)})
	return verdict(fine, render.Document(g.Out, opts, doc))
}

func fitPairs(f *layoutFit) []render.Pair {
	return []render.Pair{
		{Name: "path", Value: f.Path},
		{Name: "recognised", Value: f.Recognised},
		{Name: "evidence", Value: render.Sentences(f.Evidence)},
		{Name: "taken_for", Value: f.TakenFor},
		{Name: "rows", Value: f.Rows},
		{Name: "damaged", Value: f.Damaged},
		{Name: "unfilled", Value: f.Unfilled},
		{Name: "problems", Value: render.Sentences(f.Problems)},
		{Name: "keys", Value: f.Keys},
	}
}

func abilityRecords(list []layoutAbility) render.Records {
	r := render.Records{Names: []string{"verb", "able", "does"}}
	for _, a := range list {
		r.Rows = append(r.Rows, []any{a.Verb, a.Able, a.Does})
	}
	return r
}
