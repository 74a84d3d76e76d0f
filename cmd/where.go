package cmd

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// wheres is the flag --where NAME=VALUE, which sets one filter each time.
type wheres struct {
	filters *pflag.FlagSet
	texts   []string
}

func (w *wheres) String() string { return strings.Join(w.texts, " ") }
func (w *wheres) Type() string   { return "name=value" }
func (w *wheres) repeatable()    {}

func (w *wheres) Set(s string) error {
	name, v, valued := strings.Cut(s, "=")
	flag := w.filters.Lookup(name)
	switch {
	case flag == nil:
		return keys.Errorf(keys.ReasonInvalid, "there is no filter %s: there are %s", shown(name), strings.Join(w.names(), ", "))
	case !valued && flag.NoOptDefVal == "":
		return keys.Errorf(keys.ReasonInvalid, "%s is not of the form name=value", shown(s))
	case !valued:
		v = flag.NoOptDefVal
	}
	err := w.filters.Set(name, v)
	if err != nil {
		return asFilter(name, flagError(err))
	}
	w.texts = append(w.texts, s)
	return nil
}

// asFilter names the filter in an error as it was typed.
func asFilter(name string, err error) error {
	return keys.Errorf(keys.ReasonInvalid, "%s", strings.Replace(err.Error(), "--"+name, "--where "+name, 1))
}

func (w *wheres) names() []string {
	var names []string
	w.filters.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

func addWhere(c *cobra.Command, g *globals, f *filter) {
	g.onlyOnce(f.flags)
	w := &wheres{filters: f.flags}
	c.Flags().Var(w, "where", "choose keys by a filter of list, such as owner=alice or older-than=90d; repeat for more")
	must(c.RegisterFlagCompletionFunc("where", w.complete))
}

// complete offers the filters, and what goes with the one that is being typed.
func (w *wheres) complete(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	name, _, valued := strings.Cut(typed, "=")
	if !valued {
		var list []cobra.Completion
		w.filters.VisitAll(func(f *pflag.Flag) {
			word := f.Name + "="
			if f.NoOptDefVal != "" {
				word = f.Name
			}
			list = append(list, cobra.CompletionWithDesc(word, strings.ReplaceAll(f.Usage, "`", "")))
		})
		return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	values := filterValues(name)
	list := make([]cobra.Completion, len(values))
	for i, v := range values {
		list[i] = name + "=" + v
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// filterValues are those to offer for a filter.
func filterValues(name string) []string {
	if name == "status" {
		return statusWords()
	}
	for _, o := range offered {
		if o.flag == name {
			return o.values
		}
	}
	return nil
}
