package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
)

func newLayout(g *globals) *cobra.Command {
	return g.family(&cobra.Command{
		Use: "layout COMMAND", Short: "List, show and check descriptions of servers' key tables",
		Long: "A layout describes the key table of one server as data. That of a database is\n" +
			"found by looking at its tables; --layout names another, or a file with one.",
		Example: "  keyreeve layout list\n  keyreeve layout show proxbox > own.yaml\n  keyreeve layout check own.yaml --db server.db",
	}, newLayoutList(g), newLayoutShow(g), newLayoutCheck(g))
}

func newLayoutList(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List the layouts that are built in",
		Long: "List the layouts that are built in. Each is found by looking at the tables of a\n" +
			"database; a family alone, as in --layout proxbox, is any of its eras.",
		Example:    "  keyreeve layout list\n  keyreeve layout list -o name",
		SuggestFor: []string{"layouts", "servers", "formats"},
		RunE:       g.offline(func(context.Context, []string) error { return g.layouts() }),
	}
}

func (g *globals) layouts() error {
	if err := g.onlyPrints(); err != nil {
		return err
	}
	opts, err := g.options(0)
	if err != nil {
		return err
	}
	servers, err := layoutServers()
	if err != nil {
		return err
	}
	r := render.Records{Names: records["layout list"], Short: []string{"name", "title"}}
	for _, l := range builtInLayouts() {
		r.Rows = append(r.Rows, []any{l.Name(), l.Family, orNil(l.Era), l.Title, orNil(servers[l.Name()]), orNil(l.Since)})
	}
	return render.List(g.Out, opts, r)
}

func newLayoutShow(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Print a built-in layout as the file that it is",
		Long: "Print the YAML of a built-in layout, which is where one of your own can begin. A\n" +
			"family alone is its newest era. keyreeve-layout(5) describes the format.",
		Example:    "  keyreeve layout show zoneweaver/role\n  keyreeve layout show proxyos > own.yaml",
		SuggestFor: []string{"print-layout"},
		Args:       cobra.ExactArgs(1), ValidArgsFunction: completeSources,
		RunE: g.offline(func(_ context.Context, args []string) error {
			if err := g.onlyPrints(); err != nil {
				return err
			}
			source, err := layoutSource(args[0])
			if err != nil {
				return err
			}
			_, err = g.Out.Write(source)
			return err
		}),
	}
}

// completeLayouts offers the names of built-in layouts, and files where none of
// them begins with what is typed.
func completeLayouts(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, l := range builtInLayouts() {
		if strings.HasPrefix(l.Name(), typed) {
			list = append(list, cobra.CompletionWithDesc(l.Name(), l.Title))
		}
	}
	if len(list) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// completeSources offers the layouts that there is a file of.
func completeSources(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, l := range builtInLayouts() {
		if _, err := layoutSource(l.Name()); err == nil && len(args) == 0 && strings.HasPrefix(l.Name(), typed) {
			list = append(list, cobra.CompletionWithDesc(l.Name(), l.Title))
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}
