package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What was typed wrongly is answered here, in the words of the other messages:
// those of the libraries name groups and functions, and repeat what could be a token.

// checkArgs makes c say what is wrong with its arguments.
func (g *globals) checkArgs(c *cobra.Command) {
	counted := c.Args
	if counted == nil {
		counted = cobra.NoArgs
	}
	c.Args = func(c *cobra.Command, args []string) error {
		g.running(c)
		if slices.ContainsFunc(args, keys.LooksLikeToken) {
			return errTokenArgument()
		}
		if counted(c, args) == nil {
			return nil
		}
		return wrongArgs(c, args)
	}
}

// running tells messages which command it is that they are about.
func (g *globals) running(c *cobra.Command) {
	g.verb, g.tokenVerb = verbOf(c), "verify"
	if c.Flags().Lookup("key-file") != nil && c.Flags().Lookup("old-key-file") == nil {
		g.tokenVerb = g.verb
	}
}

func errTokenArgument() error {
	return keys.Errorf(keys.ReasonTokenArgument,
		"an argument looks like a token: it is now in the shell's history and was visible to other users")
}

func wrongArgs(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return keys.Errorf(keys.ReasonInvalid, "an argument is missing: the form is %s", c.UseLine())
	case c.HasParent() && c.HasSubCommands():
		return keys.Errorf(keys.ReasonInvalid, "there is no command %s %s: there are %s", verbOf(c), shown(args[0]), strings.Join(membersOf(c), ", "))
	case c.HasParent():
		return keys.Errorf(keys.ReasonInvalid, "there is no use for the argument %s: the form is %s", shown(args[len(args)-1]), c.UseLine())
	}
	meant := suggestions(c, args[0])
	if len(meant) == 0 {
		return keys.Errorf(keys.ReasonInvalid, "there is no command %s", shown(args[0]))
	}
	return keys.Errorf(keys.ReasonInvalid, "there is no command %s: did you mean %s?", shown(args[0]), strings.Join(meant, " or "))
}

// suggestions returns the commands that somebody may have meant. Words that other
// servers use say more than letters: deactivate is not a slip of activate.
func suggestions(root *cobra.Command, typed string) []string {
	var meant []string
	for _, c := range below(root) {
		if slices.Contains(c.SuggestFor, strings.ToLower(typed)) {
			meant = append(meant, verbOf(c))
		}
	}
	if len(meant) > 0 {
		return meant
	}
	return root.SuggestionsFor(typed)
}

// flagError tells which flag it was, and what it wants.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return wrongValue(invalid.GetFlag(), invalid.GetValue(), invalid.Unwrap())
	}
	if keys.LooksLikeToken(err.Error()) {
		return errTokenArgument()
	}
	return err
}

// kinds are what the values of the library's own flag types should have been.
var kinds = map[string]string{"int": "a whole number", "bool": "true or false"}

func wrongValue(f *pflag.Flag, value string, cause error) error {
	var known *keys.Error
	if !errors.As(cause, &known) {
		return keys.Errorf(keys.ReasonInvalid, "--%s: %s is not %s", f.Name, shown(value), kinds[f.Value.Type()])
	}
	if strings.Contains(known.Message, "--"+f.Name) {
		return known
	}
	named := *known
	named.Message = "--" + f.Name + ": " + known.Message
	return &named
}

// shown quotes what somebody typed, unless it could be a secret.
func shown(s string) string {
	const enough = 48
	if keys.LooksLikeToken(s) {
		return "(not shown)"
	}
	return fmt.Sprintf("%.*q", enough, keys.PrintableText(s))
}

// exclusive refuses two flags that contradict each other.
func exclusive(c *cobra.Command, a, b string) {
	c.MarkFlagsMutuallyExclusive(a, b) // for completion, which then leaves the other out
	beforehand(c, func() error {
		if c.Flags().Changed(a) && c.Flags().Changed(b) {
			return keys.Errorf(keys.ReasonInvalid, "--%s and --%s contradict each other: give one of them", a, b)
		}
		return nil
	})
}

// together refuses one flag without the other.
func together(c *cobra.Command, a, b string) {
	c.MarkFlagsRequiredTogether(a, b)
	beforehand(c, func() error {
		if c.Flags().Changed(a) != c.Flags().Changed(b) {
			return keys.Errorf(keys.ReasonInvalid, "--%s and --%s need each other: give both", a, b)
		}
		return nil
	})
}

// beforehand adds a check that runs before the library's own.
func beforehand(c *cobra.Command, check func() error) {
	earlier := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		if earlier != nil {
			if err := earlier(c, args); err != nil {
				return err
			}
		}
		return check()
	}
}
