package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

func newInspect(g *globals) *cobra.Command {
	keyFile := "-"
	c := &cobra.Command{
		Use: "inspect [flags]", Short: "Tell what a string is, and what went wrong with a paste",
		Long: "Tell, without any database, whether a string from standard input, a file, or a\n" +
			"prompt is one of our tokens, whether its checksum is right, and what is wrong\n" +
			"with it if not. The string is not shown. Exit code 0 is a sound token, 3\n" +
			"anything else.",
		Example:    "  keyreeve inspect < token.txt\n  keyreeve inspect --key-file token.txt -o json",
		SuggestFor: []string{"decode", "parse", "lint"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return g.inspect(ctx, keyFile) }),
	}
	c.Flags().StringVar(&keyFile, "key-file", "-", "read the string from this `file`; - is standard input")
	must(c.MarkFlagFilename("key-file"))
	return c
}

func (g *globals) inspect(ctx context.Context, keyFile string) error {
	g.readOnly = true
	text, err := g.readToken(ctx, keyFile)
	if err != nil {
		return err
	}
	opts, err := g.options(keys.Fields(0))
	if err != nil {
		return err
	}
	in := keys.Inspect(text)
	err = render.Document(g.Out, opts, []render.Pair{
		{Name: "kind", Value: in.Kind},
		{Name: "valid", Value: in.Valid},
		{Name: "prefix", Value: orNil(in.Prefix)},
		{Name: "id", Value: orNil(in.ID)},
		{Name: "masked", Value: orNil(in.Masked)},
		{Name: "length", Value: in.Length},
		{Name: "problems", Value: in.Problems},
	})
	return verdict(in.Valid && len(in.Problems) == 0, err) // a damaged paste is none that a server accepts
}
