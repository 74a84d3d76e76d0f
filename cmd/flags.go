package cmd

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// choice is a flag with a closed set of values, which it also completes.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return "word" }

func (c *choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return keys.Errorf(keys.ReasonInvalid, "%s is none of %s", shown(s), strings.Join(c.allowed, ", "))
	}
	c.value = s
	return nil
}

// duration is a flag that knows days, weeks and years.
type duration struct{ time.Duration }

func (d *duration) String() string { return keys.FormatDuration(d.Duration) }
func (d *duration) Type() string   { return "duration" }

func (d *duration) Set(s string) (err error) {
	d.Duration, err = keys.ParseDuration(s)
	return err
}

// value is a flag whose text a function of pkg/keys understands.
type value[T any] struct {
	v     T
	text  string
	kind  string
	parse func(string) (T, error)
}

func (v *value[T]) String() string { return v.text }
func (v *value[T]) Type() string   { return v.kind }

func (v *value[T]) Set(s string) (err error) {
	v.v, err = v.parse(s)
	v.text = s
	return err
}

// list is a flag that can be repeated, or given several values with commas.
type list[T any] struct {
	v     []T
	texts []string
	kind  string
	parse func(string) (T, error)
}

func (l *list[T]) String() string { return strings.Join(l.texts, ",") }
func (l *list[T]) Type() string   { return l.kind }
func (l *list[T]) repeatable()    {}

func (l *list[T]) Set(s string) error {
	for _, text := range strings.Split(s, ",") {
		v, err := l.parse(text)
		if err != nil {
			return err
		}
		l.v, l.texts = append(l.v, v), append(l.texts, text)
	}
	return nil
}

// pairs is a flag of name=value, which can be repeated.
type pairs struct{ m map[string]string }

func (p *pairs) String() string { return "" }
func (p *pairs) Type() string   { return "name=value" }
func (p *pairs) repeatable()    {}

func (p *pairs) Set(s string) error {
	name, v, ok := strings.Cut(s, "=")
	if !ok {
		return keys.Errorf(keys.ReasonInvalid, "%s is not of the form name=value", shown(s))
	}
	if other, twice := p.m[name]; twice && other != v {
		return keys.Errorf(keys.ReasonInvalid, "the name %q is given twice", keys.PrintableText(name))
	}
	if p.m == nil {
		p.m = map[string]string{}
	}
	p.m[name] = v
	return keys.ValidateMetadata(map[string]string{name: v})
}

// ids is a flag that names keys by their exact ids, and can be repeated.
type ids []string

func (l *ids) String() string { return strings.Join(*l, ",") }
func (l *ids) Type() string   { return "id" }
func (l *ids) repeatable()    {}

func (l *ids) Set(s string) error {
	switch {
	case s == "":
		return keys.Errorf(keys.ReasonInvalid, "an empty id names no key")
	case keys.LooksLikeToken(s):
		return errTokenArgument()
	}
	*l = append(*l, s)
	return nil
}

// once refuses a flag that is given twice, since of two values one would be
// lost, and one without a value, which is a variable of a script that nobody set:
// a key meant for one resource would be good for all.
type once struct {
	pflag.Value
	name string
	set  bool
}

func (o *once) Set(s string) error {
	if o.set {
		return keys.Errorf(keys.ReasonInvalid, "--%s is given twice", o.name)
	}
	if s == "" {
		return keys.Errorf(keys.ReasonInvalid, "--%s is empty: give it a value, or leave it out", o.name)
	}
	o.set = true
	return o.Value.Set(s)
}

// onlyOnce wraps every flag that takes a single value. Completion parses the same
// line several times, and so it does without.
func (g *globals) onlyOnce(fs *pflag.FlagSet) {
	if len(g.args) > 0 && (g.args[0] == cobra.ShellCompRequestCmd || g.args[0] == cobra.ShellCompNoDescRequestCmd) {
		return
	}
	fs.VisitAll(func(f *pflag.Flag) {
		if _, many := f.Value.(interface{ repeatable() }); !many {
			f.Value = &once{Value: f.Value, name: f.Name}
		}
	})
}

// completeChoice completes a flag from a closed set.
func completeChoice(c *cobra.Command, flag string, allowed []string) {
	must(c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp)))
}

// must stops the program where the command tree itself is wrong, which the
// tests of the tree would show.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
