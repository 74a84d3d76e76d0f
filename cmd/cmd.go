package cmd

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Main runs the program with this process's surroundings and returns its exit code.
func Main() int {
	signal.Ignore(syscall.SIGPIPE) // a broken pipe is an error like any other
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return Run(ctx, NewEnv(), os.Args[1:])
}

// Run runs the program with args in env and returns its exit code.
func Run(ctx context.Context, env *Env, args []string) int {
	g := newGlobals(env)
	g.args = args
	root := newRoot(g)
	root.SetArgs(args)
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	err := root.ExecuteContext(ctx)
	if err == nil || errors.Is(err, errFindings) || g.readerGone(err) {
		g.flushNotes()
		if errors.Is(err, errFindings) {
			return exitFindings
		}
		return 0
	}
	return g.report(asError(err, g.parsed))
}

// readerGone tells that whoever read a listing has seen enough of it.
func (g *globals) readerGone(err error) bool {
	return g.readOnly && errors.Is(err, syscall.EPIPE)
}

// run wraps the work of a command: an error before this point is about usage.
func (g *globals) run(work func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		g.verb = c.Name()
		if err := g.settle(); err != nil {
			return err
		}
		for _, arg := range args {
			if keys.LooksLikeToken(arg) {
				return keys.Errorf(keys.ReasonTokenArgument,
					"an argument looks like a token: it is now in the shell's history and was visible to other users")
			}
		}
		g.parsed = true
		return work(c.Context(), args)
	}
}
