package cmd

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// confirm asks a person about the keys that are about to be changed for good.
// Without a terminal nobody can be asked, and --yes is demanded before anything
// is opened: see [needYes].
func (g *globals) confirm(ctx context.Context, verb string, list []keys.Key) error {
	for i := range list {
		fmt.Fprintf(g.Err, "  %s\n", g.describe(&list[i]))
	}
	what := "this key"
	if len(list) != 1 {
		what = fmt.Sprintf("these %d keys", len(list))
	}
	fmt.Fprintf(g.Err, "%s %s for good? [y/N] ", verb, what)
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
