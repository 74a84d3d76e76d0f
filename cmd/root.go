package cmd

import (
	"context"
	"slices"
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

// newRoot builds the command tree, or of it what a command line that begins with
// g.args has use for. It can be built any number of times.
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
	g.addVerbs(root)
	help := newHelp(g)
	g.checkArgs(help)
	root.SetHelpCommand(help)
	root.SetHelpCommandGroupID(groupMore)
	root.SetUsageFunc(usage)
	root.SetHelpFunc(describe)
	finish(root, g)
	return root
}

// verbs are the commands, in the order of the help text.
func verbs() []verb {
	return []verb{
		{"create", groupKeys, newCreate}, {"list", groupKeys, newList}, {"show", groupKeys, newShow}, {"update", groupKeys, newUpdate},
		{"rotate", groupKeys, newRotate}, {"revoke", groupKeys, newRevoke}, {"activate", groupKeys, newActivate},
		{"delete", groupKeys, newDelete}, {"prune", groupKeys, newPrune}, {"verify", groupKeys, newVerify}, {"inspect", groupKeys, newInspect},
		{"bootstrap", groupDatabase, newBootstrap}, {"status", groupDatabase, newStatus}, {"doctor", groupDatabase, newDoctor},
		{"migrate", groupDatabase, newMigrate}, {"backup", groupDatabase, newBackup}, {"restore", groupDatabase, newRestore},
		{"lockout", groupDatabase, newLockout}, {"policy", groupDatabase, newPolicy}, {"layout", groupDatabase, newLayout},
		{"completion", groupMore, newCompletion}, {"version", groupMore, newVersion},
	}
}

// verb is a command that can be built by itself.
type verb struct {
	name, group string
	build       func(*globals) *cobra.Command
}

// addVerbs adds the command that the command line begins with, or all of them and the
// topics: to build what nobody asks for would take a tenth of the time of a run.
func (g *globals) addVerbs(root *cobra.Command) {
	all := verbs()
	asked := slices.IndexFunc(all, func(v verb) bool { return v.name == g.asked() })
	if asked >= 0 {
		all = all[asked : asked+1]
	} else {
		root.AddCommand(newTopics()...)
	}
	for _, v := range all {
		c := v.build(g)
		c.GroupID = v.group
		root.AddCommand(c)
	}
}

// asked returns the first word of the command line, also of one that is to be
// completed beyond that; "" if there is none.
func (g *globals) asked() string {
	args := g.args
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		args = args[1 : max(len(args), 2)-1]
	}
	if len(args) == 0 {
		return ""
	}
	return args[0]
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
	g.obeys(ctx, svc, err)
	if closed := store.Close(); err == nil {
		err = closed
	}
	return err
}
