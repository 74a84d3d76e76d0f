package cmd

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// shells are those that there is completion for.
var shells = []struct {
	name, ext string
	generate  func(*cobra.Command, io.Writer) error
}{
	{"bash", "bash", func(c *cobra.Command, w io.Writer) error { return c.GenBashCompletionV2(w, true) }},
	{"zsh", "zsh", func(c *cobra.Command, w io.Writer) error { return c.GenZshCompletion(w) }},
	{"fish", "fish", func(c *cobra.Command, w io.Writer) error { return c.GenFishCompletion(w, true) }},
	{"powershell", "ps1", func(c *cobra.Command, w io.Writer) error { return c.GenPowerShellCompletionWithDesc(w) }},
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
		for _, s := range shells {
			if s.name == args[0] {
				return s.generate(c.Root(), g.Out)
			}
		}
		return keys.Errorf(keys.ReasonInvalid, "no completion for %q: there is bash, zsh, fish and powershell", keys.PrintableText(args[0]))
	})
	return c
}
