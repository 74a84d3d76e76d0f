package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

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

// mostShown is how many characters of a REF a message repeats: as many as a label may have.
const mostShown = 128

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
		g.subject = fmt.Sprintf("%.*s", mostShown, keys.PrintableText(args[0]))
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
	store, err := g.glance(ctx, completeSoon)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer store.Close()
	q := keys.Query{Limit: completions, Fields: keys.FieldsOf(keys.FieldLabel)}
	if typed != "" {
		q.Ref, q.Any = &keys.RefQuery{IDPrefix: typed, LabelPrefix: typed}, true
	}
	var page []keys.Key
	_ = store.View(ctx, func(r keys.Reader) (err error) {
		page, err = r.Page(ctx, q)
		return err
	})
	return offers(page, args, typed), cobra.ShellCompDirectiveNoFileComp
}

// offers returns the names that begin with what is typed, of keys that are not
// on the line yet. One that several keys have is offered once: the error that
// its use gives lists them.
func offers(page []keys.Key, args []string, typed string) []cobra.Completion {
	var list []cobra.Completion
	place := map[string]int{}
	add := func(name, about string) {
		if at, twice := place[name]; twice {
			list[at] = cobra.CompletionWithDesc(name, "several keys")
		} else if len(list) < completions {
			place[name] = len(list)
			list = append(list, cobra.CompletionWithDesc(name, about))
		}
	}
	for i := range page {
		k, label := &page[i], keys.PrintableText(page[i].Label)
		if slices.ContainsFunc(args, func(arg string) bool { return names(arg, k) }) {
			continue
		}
		if strings.HasPrefix(k.ID, typed) {
			add(k.ID, label)
		}
		if label != "" && typed != "" && label == k.Label && strings.HasPrefix(label, typed) {
			add(label, k.ID)
		}
	}
	return list
}

// names tells whether arg is the id, label or masked form of k.
func names(arg string, k *keys.Key) bool {
	return arg == k.ID || arg == k.Label || strings.HasSuffix(arg, "_"+k.ID+"…")
}
