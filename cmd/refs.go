package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/db"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// refs are the keys that a command names: arguments, or a token from a file.
type refs struct {
	keyFile string
}

func (r *refs) addFlags(c *cobra.Command, g *globals) {
	c.Flags().StringVar(&r.keyFile, "key-file", "", "name the key by its token in this `file`; - is standard input")
	must(c.MarkFlagFilename("key-file"))
	c.Args = cobra.ArbitraryArgs
	c.ValidArgsFunction = g.completeRefs
}

// read returns what was named, at least one key.
func (r *refs) read(ctx context.Context, g *globals, args []string) ([]keys.Ref, error) {
	var list []keys.Ref
	for _, arg := range args {
		if arg == "" {
			return nil, keys.Errorf(keys.ReasonInvalid, "an empty REF names no key")
		}
		list = append(list, keys.TextRef(arg))
	}
	if len(args) == 1 {
		g.subject = keys.PrintableText(args[0])
	}
	if r.keyFile != "" {
		token, err := g.readToken(ctx, r.keyFile)
		if err != nil {
			return nil, err
		}
		if token == "" {
			return nil, keys.Errorf(keys.ReasonInvalid, "%s holds no token", inputName(r.keyFile))
		}
		list = append(list, keys.TokenRef(token))
	}
	if len(list) == 0 {
		return nil, keys.Errorf(keys.ReasonInvalid, "which key? name it by its id or label, or by its token with --key-file")
	}
	return list, nil
}

const (
	completions  = 200                   // enough to choose from, few enough to read
	completeSoon = 80 * time.Millisecond // a person waits for it
)

// completeRefs offers ids, with labels as descriptions, and labels. It says
// nothing on errors: a message would land in the middle of the command line.
func (g *globals) completeRefs(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, stop := context.WithTimeout(c.Context(), completeSoon)
	defer stop()
	path, _, err := g.path()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	store, err := db.Open(ctx, db.Options{Path: path, Layout: g.layout, Access: toRead, Timeout: completeSoon})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer store.Close()
	q := keys.Query{Limit: completions}
	if typed != "" {
		q.Ref = &keys.RefQuery{IDPrefix: typed, LabelPrefix: typed}
	}
	var offers []cobra.Completion
	_ = store.View(ctx, func(r keys.Reader) error {
		page, err := r.Page(ctx, q)
		for i := range page {
			offers = append(offers, offer(&page[i], args, typed)...)
		}
		return err
	})
	return offers, cobra.ShellCompDirectiveNoFileComp
}

// offer returns the ways to name a key that are not on the line yet.
func offer(k *keys.Key, args []string, typed string) []cobra.Completion {
	if slices.Contains(args, k.ID) || k.Label != "" && slices.Contains(args, k.Label) {
		return nil
	}
	var list []cobra.Completion
	label := keys.PrintableText(k.Label)
	if strings.HasPrefix(k.ID, typed) {
		list = append(list, cobra.CompletionWithDesc(k.ID, label))
	}
	if label != "" && typed != "" && label == k.Label && strings.HasPrefix(label, typed) {
		list = append(list, cobra.CompletionWithDesc(label, k.ID))
	}
	return list
}
