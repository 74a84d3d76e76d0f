package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The groups of commands in the help text.
const (
	groupKeys     = "keys"
	groupDatabase = "database"
	groupMore     = "more"
)

// newRoot builds the whole command tree. It can be built any number of times.
func newRoot(g *globals) *cobra.Command {
	root := &cobra.Command{
		Use:   "keyreeve",
		Short: "Administer API keys directly in the database that servers read",
		Long: "keyreeve creates, lists, revokes, re-activates, verifies and deletes API keys directly\n" +
			"in the SQLite database that servers read, whether they are running or stopped.",
		Example: "  keyreeve bootstrap\n  keyreeve create --label ci --expires 90d\n  keyreeve list\n  keyreeve revoke ci --reason 'left the team'",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return keys.Errorf(keys.ReasonInvalid, "which command? keyreeve help lists them")
		},
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
		SuggestionsMinimumDistance: 2,
	}
	root.AddGroup(
		&cobra.Group{ID: groupKeys, Title: "Keys:"},
		&cobra.Group{ID: groupDatabase, Title: "The database:"},
		&cobra.Group{ID: groupMore, Title: "More:"},
	)
	g.addFlags(root.PersistentFlags())
	for _, group := range []struct {
		id       string
		commands []*cobra.Command
	}{
		{groupKeys, []*cobra.Command{
			newCreate(g), newList(g), newShow(g), newRevoke(g), newActivate(g), newDelete(g), newVerify(g), newInspect(g),
		}},
		{groupDatabase, []*cobra.Command{newBootstrap(g), newStatus(g), newMigrate(g)}},
		{groupMore, []*cobra.Command{newCompletion(g), newVersion(g)}},
	} {
		for _, c := range group.commands {
			c.GroupID = group.id
			root.AddCommand(c)
		}
	}
	root.AddCommand(newTopics()...)
	root.SetHelpCommand(newHelp(g))
	root.SetHelpCommandGroupID(groupMore)
	root.SetUsageTemplate(usageTemplate)
	finish(root, g)
	return root
}

// finish gives every command of the tree what all of them share.
func finish(root *cobra.Command, g *globals) {
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		g.verb = verbOf(c)
		return err
	})
	completeChoice(root, "output", g.output.allowed)
	completeChoice(root, "color", g.color.allowed)
	completeChoice(root, "layout", []string{"native"})
	onlyOnce(root.PersistentFlags())
	must(root.MarkPersistentFlagFilename("db"))
	for _, c := range root.Commands() {
		onlyOnce(c.Flags())
		if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 {
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
		if c.Args == nil {
			c.Args = cobra.NoArgs
		}
	}
}

// verbOf names a command in messages; the program itself has no verb.
func verbOf(c *cobra.Command) string {
	if !c.HasParent() {
		return ""
	}
	return c.Name()
}

// usageTemplate puts examples first: they are what people look for.
const usageTemplate = `{{if .HasExample}}Examples:
{{.Example}}

{{end}}Usage:
  {{.UseLine}}{{if .HasAvailableSubCommands}}{{$cmds := .Commands}}
{{range $group := .Groups}}
{{.Title}}{{range $cmds}}{{if (and (eq .GroupID $group.ID) .IsAvailableCommand)}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{end}}{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}{{if .HasAvailableInheritedFlags}}
Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}{{if .HasHelpSubCommands}}
Topics:{{range .Commands}}{{if .IsAdditionalHelpTopicCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{end}}{{if .HasAvailableSubCommands}}
keyreeve help COMMAND tells more about a command or topic.
{{end}}`

// newHelp replaces cobra's own help command, which succeeds on unknown topics.
func newHelp(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Tell more about a command or a topic",
		Example: "  keyreeve help create\n  keyreeve help exit-codes",
		GroupID: groupMore, Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			for _, sub := range c.Root().Commands() {
				if len(args) == 0 && !sub.Hidden {
					names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			found, _, err := c.Root().Find(args)
			if err != nil || found == nil {
				return keys.Errorf(keys.ReasonInvalid, "there is no command or topic %q", keys.PrintableText(strings.Join(args, " ")))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// opened runs work on the database, which is closed before anything is said.
func (g *globals) opened(ctx context.Context, a access, work func(*keys.Service) error) error {
	svc, store, err := g.open(ctx, a)
	if err != nil {
		return err
	}
	err = work(svc)
	if closed := store.Close(); err == nil {
		err = closed
	}
	return err
}
