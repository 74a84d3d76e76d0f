package cmd

import (
	"bufio"
	"context"
	"errors"
	"os"
	"syscall"

	"github.com/spf13/cobra"
)

// Main runs the program with this process's surroundings and returns its exit code.
func Main() int { return Run(context.Background(), NewEnv(), os.Args[1:]) }

// Run runs the program with args in env and returns its exit code.
func Run(ctx context.Context, env *Env, args []string) int {
	g := newGlobals(env)
	g.args = args
	root := newRoot(g)
	completing(root, args)
	root.SetArgs(args)
	root.SetIn(env.In)
	out := bufio.NewWriter(env.Out) // what cobra itself prints, which is line by line
	root.SetOut(out)
	root.SetErr(env.Err)
	err := root.ExecuteContext(ctx)
	if flushed := out.Flush(); err == nil && flushed != nil {
		err, g.parsed, g.readOnly = flushed, true, true // it is help that could not be written
	}
	if err == nil || errors.Is(err, errFindings) || g.readerGone(err) {
		g.flushNotes()
		if errors.Is(err, errFindings) {
			return exitFindings
		}
		return 0
	}
	if !g.parsed {
		g.adoptOutput(args)
	}
	return g.report(asError(err, g.parsed))
}

// readerGone tells that whoever read a listing has seen enough of it.
func (g *globals) readerGone(err error) bool {
	return g.readOnly && errors.Is(err, syscall.EPIPE)
}

// work is what a command does once its flags and arguments are understood.
type work func(ctx context.Context, args []string) error

// run wraps the work of a command that may wait for something: a signal ends its
// context.
func (g *globals) run(w work) func(*cobra.Command, []string) error {
	return g.offline(func(ctx context.Context, args []string) error { return w(g.Signals(ctx), args) })
}

// offline wraps the work of a command that only prints: an error before this
// point is about usage.
func (g *globals) offline(w work) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		g.verb, g.answer = verbOf(c), answerOf(c)
		if err := g.settle(); err != nil {
			return err
		}
		if err := g.fits(c); err != nil {
			return err
		}
		g.parsed = true
		return w(c.Context(), args)
	}
}
