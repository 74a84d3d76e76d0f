package cmd

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// mostAsked is how many keys a question shows: more would scroll away.
const mostAsked = 20

// confirmOf asks a person about n keys that are about to be changed, of which some are
// shown. Without a terminal nobody can be asked, and --yes is demanded before anything
// is opened: see [needYes].
func (g *globals) confirmOf(ctx context.Context, verb string, some []keys.Key, n int) error {
	for i := range some {
		fmt.Fprintf(g.Err, "  %s\n", g.describe(&some[i]))
	}
	if more := n - len(some); more > 0 {
		fmt.Fprintf(g.Err, "  and %d more\n", more)
	}
	what := "this key"
	if n != 1 {
		what = fmt.Sprintf("these %d keys", n)
	}
	if verb == "delete" {
		what += " for good"
	}
	return g.ask(ctx, verb+" "+what)
}

// ask puts a question that only yes answers.
func (g *globals) ask(ctx context.Context, question string) error {
	fmt.Fprintf(g.Err, "%s? [y/N] ", question)
	answer, err := interruptible(ctx, func() (string, error) { return bufio.NewReader(g.In).ReadString('\n') })
	if ctx.Err() != nil {
		fmt.Fprintln(g.Err)
		return keys.Errorf(keys.ReasonInterrupted, "interrupted: nothing was changed")
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	if err != nil {
		fmt.Fprintln(g.Err)
	}
	return keys.Errorf(keys.ReasonDeclined, "declined: nothing was changed")
}

// needYes is the refusal where a prompt could not be answered.
func (g *globals) needYes(yes bool) error {
	if yes || g.InTTY && g.ErrTTY {
		return nil
	}
	return keys.Errorf(keys.ReasonInvalid, "nobody can be asked here: give --yes to go on without a question")
}

// needAnswer is needYes for keys that filters choose: their number is as good an
// answer.
func (g *globals) needAnswer() error {
	if g.needYes(false) == nil {
		return nil
	}
	return keys.Errorf(keys.ReasonInvalid, "nobody can be asked here: give --yes, or the number of keys by --expect, to go on without a question")
}
