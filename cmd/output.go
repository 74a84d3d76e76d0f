package cmd

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// printed is what a command writes to standard output.
type printed int

const (
	keyObjects printed = iota
	newTokens
	anAnswer  // of a fixed shape, without keys
	someNames // of something else than keys, with what belongs to each
	aReport   // of several parts, which are no single table
	someText  // whatever the output format is
)

// prints lists the commands that print something else than keys.
var prints = map[string]printed{
	"create": newTokens, "bootstrap": newTokens,
	"rotate": newTokens, "rotate --status": someNames, "rotate --finish": keyObjects, "rotate --due": keyObjects,
	"status": anAnswer, "inspect": anAnswer, "migrate": anAnswer, "backup": anAnswer, "restore": aReport, "version": anAnswer,
	"lockout list": anAnswer, "lockout clear": anAnswer, "layout list": someNames, "layout check": aReport, "doctor": aReport,
	"policy show": someNames, "policy set": aReport, "policy preset": aReport,
	"completion": someText, "help": someText, "layout": someText, "lockout": someText, "policy": someText, "layout show": someText,
}

// records lists the columns of the commands whose answer is a list of something else
// than keys.
var records = map[string][]string{
	"lockout list":  {"address", "failures", "since", "until", "locked", "advice"},
	"lockout clear": {"address", "failures", "since", "until", "locked", "result"},
	"policy show":   {"name", "value", "default", "set", "meaning"},
	"policy preset": {"name", "title", "settings"},
	"layout list":   {"name", "family", "era", "title", "server", "since"},
	"rotate --status": {
		"old", "label", "new", "started", "overlap_ends", "use", "still_used", "state", "finish",
	},
}

// otherAnswers are the flags that make a command print something else.
var otherAnswers = map[string][]string{"rotate": {"status", "finish", "due"}}

// answerOf names what a command prints: by its verb, and by such a flag.
func answerOf(c *cobra.Command) string {
	verb := verbOf(c)
	for _, flag := range otherAnswers[verb] {
		if c.Flags().Lookup(flag).Value.String() == "true" {
			return verb + " --" + flag
		}
	}
	return verb
}

// columnNames returns what --columns can name of an answer.
func columnNames(answer string) []string {
	if names, ok := records[answer]; ok {
		return names
	}
	return render.ColumnNames()
}

// unfit lists the formats that there is nothing for.
var unfit = map[printed][]render.Format{
	keyObjects: {render.K8sSecret},
	anAnswer:   {render.K8sSecret, render.ID, render.Name},
	someNames:  {render.K8sSecret, render.ID},
	aReport:    {render.K8sSecret, render.ID, render.Name, render.CSV},
	someText:   {render.K8sSecret},
}

// formatsOf returns the output formats that a command has something for.
func (g *globals) formatsOf(answer string) []string {
	return slices.DeleteFunc(slices.Clone(g.output.allowed), func(f string) bool {
		return slices.Contains(unfit[prints[answer]], render.Format(f))
	})
}

// fits refuses an output format that the command would only notice once its work
// is done.
func (g *globals) fits(c *cobra.Command) error {
	answer := answerOf(c)
	if formats := g.formatsOf(answer); prints[answer] != someText && !slices.Contains(formats, g.output.value) {
		return keys.Errorf(keys.ReasonInvalid, "there is no output format %s here: there are %s", g.output.value, strings.Join(formats, ", "))
	}
	return nil
}

func (g *globals) completeOutput(c *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return g.formatsOf(answerOf(c)), cobra.ShellCompDirectiveNoFileComp
}

// adoptOutput looks for JSON among arguments that were not understood, so that
// whoever asked for it also gets the error as JSON.
func (g *globals) adoptOutput(args []string) {
	for i, arg := range args {
		for _, flag := range []string{"--output=", "-o=", "-o"} {
			if format, ok := strings.CutPrefix(arg, flag); ok && format != "" {
				_ = g.output.Set(format) // what it is not is the error already
				break
			}
		}
		if (arg == "-o" || arg == "--output") && i+1 < len(args) {
			_ = g.output.Set(args[i+1])
		}
	}
}

// unread says of work that is done that its result could not be printed.
func unread(err error) error {
	if err == nil {
		return nil
	}
	return keys.Errorf(keys.ReasonOutput, "it is done, but standard output cannot be written: %v", err).Because(err)
}

// onlyPrints begins a command that has no other use than what it prints.
func (g *globals) onlyPrints() error {
	g.readOnly = true
	if g.OutLost {
		return keys.Errorf(keys.ReasonOutput, "standard output is closed: nobody would see the answer")
	}
	return nil
}

// stoppable is a writer that gives up on its reader once ctx ends: whoever stands
// in a pager must not keep a command from ending.
type stoppable struct {
	ctx context.Context
	out io.Writer
}

func (s stoppable) Write(p []byte) (int, error) {
	return interruptible(s.ctx, func() (int, error) { return s.out.Write(p) })
}
