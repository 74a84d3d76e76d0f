package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// refs are the keys that a command names: arguments, ids, or a token from a file.
type refs struct {
	ids      ids
	keyFile  string
	fileFlag string // for a token from a file, "" for key-file
}

func (r *refs) addFlags(c *cobra.Command, g *globals) {
	c.Flags().Var(&r.ids, "id", "name the key by exactly this id, which may begin with a dash; repeat for more")
	c.Flags().StringVar(&r.keyFile, r.file(), "", "name the key by its token in this `file`; - is standard input")
	must(c.MarkFlagFilename(r.file()))
	must(c.RegisterFlagCompletionFunc("id", g.completeIDs))
	c.Args = cobra.ArbitraryArgs
	c.ValidArgsFunction = g.completeRefs
	g.refVerbs = append(g.refVerbs, c.Name())
}

// file is the name of the flag for a token from a file.
func (r *refs) file() string { return cmp.Or(r.fileFlag, "key-file") }

// given tells whether flags name a key.
func (r *refs) given() bool { return len(r.ids) > 0 || r.keyFile != "" }

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
	for _, id := range r.ids {
		list = append(list, keys.IDRef(id))
	}
	if named := slices.Concat(args, r.ids); len(named) == 1 {
		g.subject = fmt.Sprintf("%.*s", mostShown, keys.PrintableText(named[0]))
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
		return nil, keys.Errorf(keys.ReasonInvalid, "which key? name it by its id or label, or by its token with --%s", r.file())
	}
	return list, nil
}

const (
	completions  = 200                   // enough to choose from, few enough to read
	manyKeys     = 1000                  // more than tables have whose servers try one key after the other
	completeSoon = 80 * time.Millisecond // a person waits for it
)

// completeRefs offers ids, with labels as descriptions, and labels. It says
// nothing on errors: a message would land in the middle of the command line.
func (g *globals) completeRefs(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	page := g.known(c.Context(), typed, typed)
	if !slices.Contains(g.args, "--") { // before that such an id is taken for flags
		for i := range page {
			page[i].ID = asFlag(page[i].ID)
		}
	}
	return offers(page, args, typed), cobra.ShellCompDirectiveNoFileComp
}

// completeIDs offers ids alone.
func (g *globals) completeIDs(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, k := range g.known(c.Context(), typed, "") {
		if k.Identified() && strings.HasPrefix(k.ID, typed) && !slices.ContainsFunc(args, func(arg string) bool { return names(arg, &k) }) {
			list = append(list, cobra.CompletionWithDesc(k.ID, keys.PrintableText(k.Label)))
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// known returns keys whose id or label begins like this; none on errors.
func (g *globals) known(ctx context.Context, id, label string) (page []keys.Key) {
	ctx, stop := context.WithTimeout(ctx, completeSoon)
	defer stop()
	store, err := g.glance(ctx, completeSoon)
	if err != nil {
		return nil
	}
	defer store.Close()
	q := keys.Query{Limit: completions, Fields: keys.FieldsOf(keys.FieldLabel)}
	switch {
	case !store.Info().PrefixID: // such ids cannot be looked for by their beginning
		q.Limit = manyKeys
	case id != "":
		q.Ref, q.Any = &keys.RefQuery{IDPrefix: id, LabelPrefix: label}, true
	}
	_ = store.View(ctx, func(r keys.Reader) (err error) {
		page, err = r.Page(ctx, q)
		return err
	})
	return page
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
		if k.Identified() && strings.HasPrefix(k.ID, typed) {
			add(k.ID, label)
		}
		if label != "" && typed != "" && label == k.Label && strings.HasPrefix(label, typed) {
			add(label, k.ID)
		}
	}
	return list
}

// asFlag returns an id as a word of a command line that nothing takes for flags.
func asFlag(id string) string {
	if strings.HasPrefix(id, "-") {
		return "--id=" + id
	}
	return id
}

// names tells whether arg is the id, label or masked form of k.
func names(arg string, k *keys.Key) bool {
	return arg == k.ID || arg == k.Label || strings.HasSuffix(arg, "_"+k.ID+"…")
}
