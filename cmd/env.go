// Package cmd is the command line: it parses, calls keys.Service, and renders.
// No rule about keys lives here.
package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Env is everything that a command takes from outside: the one place that names
// the process's streams, its clock, its randomness and its surroundings.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Now      func() time.Time
	Rand     io.Reader
	Getenv   func(string) string
	Actor    func() keys.Actor
	// Signals returns a context that ends when the process is told to.
	Signals func(context.Context) context.Context
	// ReadSecret reads a line from the terminal without echoing it.
	ReadSecret func(context.Context) ([]byte, error)
	// Width is that of the terminal behind Out, in columns.
	Width                 func() int
	InTTY, OutTTY, ErrTTY bool
	OutLost, ErrLost      bool // the stream was closed: what is written there is gone
	OutFile               bool // standard output is a regular file
	// OutTakes waits until Out takes a few kilobytes at once, but not for long.
	OutTakes func() bool
	// Committed is called, where it is set, once new keys exist and before the files
	// with their tokens are in their places: the worst moment to be killed.
	Committed func()
}

// NewEnv returns the environment of this process.
func NewEnv() *Env {
	out := int(os.Stdout.Fd())
	return &Env{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Now: time.Now, Rand: rand.Reader, Getenv: os.Getenv, Actor: func() keys.Actor { return actor(os.Getenv) },
		ReadSecret: readSecret, Signals: signals,
		Width: func() int {
			w, _, _ := term.GetSize(out) // 0 where there is no terminal
			return w
		},
		InTTY:    term.IsTerminal(int(os.Stdin.Fd())),
		OutTTY:   term.IsTerminal(out),
		ErrTTY:   term.IsTerminal(int(os.Stderr.Fd())),
		OutLost:  lost(os.Stdout),
		ErrLost:  lost(os.Stderr),
		OutFile:  regular(os.Stdout),
		OutTakes: func() bool { return takes(os.Stdout, 50*time.Millisecond) },
	}
}

// readSecret reads a line from the terminal without echo. If ctx ends first, the
// terminal gets its echo back.
func readSecret(ctx context.Context) ([]byte, error) {
	in := int(os.Stdin.Fd())
	before, err := term.GetState(in)
	if err != nil {
		return nil, err
	}
	line, err := interruptible(ctx, func() ([]byte, error) { return term.ReadPassword(in) })
	if ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), term.Restore(in, before))
	}
	return line, err
}

// signals listens for the signals that end a command. It stops listening after
// the first: the second ends also a process that is stuck in writing its answer.
func signals(ctx context.Context) context.Context {
	signal.Ignore(syscall.SIGPIPE) // a broken pipe is an error like any other
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop)
	return ctx
}

func regular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}
