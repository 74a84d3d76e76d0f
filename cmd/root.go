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
	asked := false
	root := &cobra.Command{
		Use:   "keyreeve COMMAND [flags]",
		Short: "Administer API keys directly in the database that servers read",
		Long: "keyreeve creates, lists, revokes, re-activates, verifies and deletes API keys\n" +
			"directly in the SQLite database that servers read, whether they are running or\n" +
			"stopped.",
		Example: "  keyreeve bootstrap\n  keyreeve create --label ci --expires 90d\n  keyreeve list\n  keyreeve revoke ci --reason 'left the team'",
		Args:    cobra.NoArgs,
		RunE: g.offline(func(context.Context, []string) error {
			if asked {
				return g.version()
			}
			return keys.Errorf(keys.ReasonInvalid, "which command? keyreeve help lists them")
		}),
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
	root.Flags().BoolVar(&asked, "version", false, "tell which version this is, as the command does")
	for _, group := range []struct {
		id       string
		commands []*cobra.Command
	}{
		{groupKeys, []*cobra.Command{
			newCreate(g), newList(g), newShow(g), newUpdate(g), newRotate(g), newRevoke(g), newActivate(g), newDelete(g), newPrune(g), newVerify(g), newInspect(g),
		}},
		{groupDatabase, []*cobra.Command{newBootstrap(g), newStatus(g), newDoctor(g), newMigrate(g), newBackup(g), newRestore(g), newLockout(g), newPolicy(g), newLayout(g)}},
		{groupMore, []*cobra.Command{newCompletion(g), newVersion(g)}},
	} {
		for _, c := range group.commands {
			c.GroupID = group.id
			root.AddCommand(c)
		}
	}
	root.AddCommand(newTopics()...)
	help := newHelp(g)
	g.checkArgs(help)
	root.SetHelpCommand(help)
	root.SetHelpCommandGroupID(groupMore)
	root.SetUsageFunc(usage)
	root.SetHelpFunc(describe)
	finish(root, g)
	return root
}

// finish gives every command of the tree what all of them share.
func finish(root *cobra.Command, g *globals) {
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		g.running(c)
		return flagError(err)
	})
	must(root.RegisterFlagCompletionFunc("output", g.completeOutput))
	completeChoice(root, "color", g.color.allowed)
	must(root.RegisterFlagCompletionFunc("layout", completeLayouts))
	must(root.RegisterFlagCompletionFunc("columns", completeColumns))
	g.onlyOnce(root.PersistentFlags())
	g.checkArgs(root)
	must(root.MarkPersistentFlagFilename("db"))
	for _, c := range below(root) {
		g.onlyOnce(c.Flags())
		if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 {
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
		g.checkArgs(c)
	}
}

// below returns every command under c, each before those under it.
func below(c *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, sub := range c.Commands() {
		all = append(append(all, sub), below(sub)...)
	}
	return all
}

// verbOf names a command in messages, such as "create" or "lockout clear"; the
// program itself has no verb.
func verbOf(c *cobra.Command) string {
	_, verb, _ := strings.Cut(c.CommandPath(), " ")
	return verb
}

// family is the work of a command that only holds others.
func (g *globals) family(c *cobra.Command, members ...*cobra.Command) *cobra.Command {
	c.AddCommand(members...)
	c.RunE = g.offline(func(context.Context, []string) error {
		return keys.Errorf(keys.ReasonInvalid, "which one? there are %s", strings.Join(membersOf(c), ", "))
	})
	return c
}

func membersOf(c *cobra.Command) []string {
	var verbs []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			verbs = append(verbs, verbOf(sub))
		}
	}
	return verbs
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
