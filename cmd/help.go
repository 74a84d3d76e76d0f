package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// describe writes what a command does and how to use it, or what a topic says.
func describe(c *cobra.Command, _ []string) {
	text := textOf(c)
	if !c.IsAdditionalHelpTopicCommand() {
		text += "\n\n" + c.UsageString()
	}
	fmt.Fprintln(c.OutOrStdout(), strings.TrimRight(text, "\n"))
}

// usage writes how to use a command, with examples first: they are what people
// look for. It is no template, since that would cost each start of the program.
func usage(c *cobra.Command) error {
	var b strings.Builder
	section := func(title, text string) {
		if text != "" {
			b.WriteString(title + ":\n" + strings.TrimRight(text, "\n") + "\n\n")
		}
	}
	section("Examples", c.Example)
	section("Usage", "  "+c.UseLine())
	for _, group := range c.Groups() {
		section(strings.TrimSuffix(group.Title, ":"), summaries(c, func(sub *cobra.Command) bool {
			return sub.GroupID == group.ID && sub.IsAvailableCommand()
		}))
	}
	if c.HasParent() {
		section("Commands", summaries(c, (*cobra.Command).IsAvailableCommand))
	}
	section("Flags", flagsText(c.LocalNonPersistentFlags()))
	if c.HasParent() {
		section("Flags of every command", flagsText(c.InheritedFlags()))
	} else {
		section("Flags of every command", flagsText(c.PersistentFlags()))
		section("Topics", summaries(c, func(sub *cobra.Command) bool { return sub.IsAdditionalHelpTopicCommand() }))
		b.WriteString("keyreeve help COMMAND tells more about a command or topic.\n")
	}
	_, err := fmt.Fprint(c.OutOrStderr(), strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

// summaries lists those commands below c that are wanted, one a line.
func summaries(c *cobra.Command, wanted func(*cobra.Command) bool) string {
	var b strings.Builder
	for _, sub := range c.Commands() {
		if wanted(sub) {
			fmt.Fprintf(&b, "  %-*s  %s\n", sub.NamePadding(), sub.Name(), sub.Short)
		}
	}
	return b.String()
}

// flagsText fits 80 columns, as all help does.
func flagsText(fs *pflag.FlagSet) string { return fs.FlagUsagesWrapped(80) }

// newHelp replaces cobra's own help command, which succeeds on unknown topics.
func newHelp(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Tell more about a command or a topic",
		Example: "  keyreeve help create\n  keyreeve help lockout clear\n  keyreeve help exit-codes",
		GroupID: groupMore, Args: cobra.MaximumNArgs(2),
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if parent := commandAt(c.Root(), args); parent != nil {
				for _, sub := range parent.Commands() {
					if !sub.Hidden {
						names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			found := commandAt(c.Root(), args)
			if found == nil {
				return keys.Errorf(keys.ReasonInvalid, "there is no command or topic %s", shown(strings.Join(args, " ")))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// commandAt returns the command or topic that all of the words name, else nil.
func commandAt(root *cobra.Command, words []string) *cobra.Command {
	found, rest, err := root.Find(words)
	if err != nil || len(rest) > 0 {
		return nil
	}
	return found
}
