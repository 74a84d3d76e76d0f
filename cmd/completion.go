package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// shells are those that there is completion for.
var shells = []struct {
	name, ext string
	generate  func(*cobra.Command, io.Writer) error
}{
	{"bash", "bash", func(c *cobra.Command, w io.Writer) error { return c.GenBashCompletionV2(w, true) }},
	{"zsh", "zsh", func(c *cobra.Command, w io.Writer) error { return c.GenZshCompletion(w) }},
	{"fish", "fish", genFish},
	{"powershell", "ps1", func(c *cobra.Command, w io.Writer) error { return c.GenPowerShellCompletionWithDesc(w) }},
}

// genFish writes the library's script, less one habit: it evaluates the words
// before the cursor as they mean, not as they were typed, which would run a
// command that somebody has put into a label. A ~ or a variable that begins a word
// still stands for what it does.
func genFish(c *cobra.Command, w io.Writer) error {
	const (
		unquoted = `    set -l requestComp "KEYREEVE_ACTIVE_HELP=0 $args[1] __complete $args[2..-1] $lastArg"`
		quoted   = `    # Quote what was typed before: it could be the label of a key
    set -l typed
    if set -q args[2]
        set typed (string escape --no-quoted -- $args[2..-1] | string replace --regex '^\\\\(~|\\$\w+)' '$1')
    end
    set -l requestComp "KEYREEVE_ACTIVE_HELP=0 $args[1] __complete $typed $lastArg"`
	)
	var b bytes.Buffer
	if err := c.GenFishCompletion(&b, true); err != nil {
		return err
	}
	before, after, found := strings.Cut(b.String(), unquoted)
	if !found {
		return errors.New("the script for fish is not the one that this program knows")
	}
	_, err := io.WriteString(w, before+quoted+after)
	return err
}

func newCompletion(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use: "completion SHELL", Short: "Print the completion script of a shell",
		Long: "Print the script that completes commands, flags, values, and the ids and labels\n" +
			"of real keys in bash, zsh, fish or powershell.",
		Example: "  source <(keyreeve completion bash)\n" +
			"  keyreeve completion zsh > \"${fpath[1]}/_keyreeve\"\n" +
			"  keyreeve completion fish > ~/.config/fish/completions/keyreeve.fish",
		Args: cobra.ExactArgs(1),
	}
	for _, s := range shells {
		c.ValidArgs = append(c.ValidArgs, s.name)
	}
	c.RunE = g.offline(func(_ context.Context, args []string) error {
		if err := g.onlyPrints(); err != nil {
			return err
		}
		for _, s := range shells {
			if s.name == args[0] {
				return s.generate(c.Root(), g.Out)
			}
		}
		return keys.Errorf(keys.ReasonInvalid, "no completion for %q: there is bash, zsh, fish and powershell", keys.PrintableText(args[0]))
	})
	return c
}

// completes tells whether args are a shell's request for completions.
func completes(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// unquoteUsage takes out the quotes by which help finds the name of a flag's
// value: a shell would show them.
func unquoteUsage(root *cobra.Command) {
	unquote := func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") }
	root.PersistentFlags().VisitAll(unquote)
	for _, c := range below(root) {
		c.Flags().VisitAll(unquote)
	}
}

// completeColumns offers the names that are not in the list yet.
func completeColumns(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return furtherNames(columnNames(answerOf(c)), typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// furtherNames goes on with a list of names between commas.
func furtherNames(names []string, typed string) []cobra.Completion {
	before := typed[:strings.LastIndexByte(typed, ',')+1]
	given := strings.Split(before, ",")
	var list []cobra.Completion
	for _, name := range names {
		if !slices.Contains(given, name) {
			list = append(list, before+name)
		}
	}
	return list
}

// completing prepares the tree for a shell that asks how args could go on. Other
// runs of the program have no use for that, and do not spend the time.
func completing(root *cobra.Command, args []string) {
	if !completes(args) {
		return
	}
	unquoteUsage(root)
	noFileNames(root, root.PersistentFlags())
	if c, _, err := root.Find(args[1:]); err == nil && c != root {
		noFileNames(c, c.Flags())
	}
}

// noFileNames keeps the shell from offering the names of files for the values of
// flags that nothing else completes.
func noFileNames(c *cobra.Command, fs *pflag.FlagSet) {
	fs.VisitAll(func(f *pflag.Flag) {
		_, completed := c.GetFlagCompletionFunc(f.Name)
		if _, file := f.Annotations[cobra.BashCompFilenameExt]; !completed && !file && f.NoOptDefVal == "" {
			must(c.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions))
		}
	})
}
