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
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/keyreeve/keyreeve/pkg/db"
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
	OutLost               bool // standard output was closed: what is written there is gone
	OutFile               bool // standard output is a regular file
	// OutTakes waits until Out takes a few kilobytes at once, but not for long.
	OutTakes func() bool
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

// access is what a command needs of the database.
type access = db.Access

const (
	toRead   = db.ReadOnly
	toWrite  = db.ReadWrite
	toCreate = db.Create
)

// defaultPath is where the database is that no flag or variable names.
func (e *Env) defaultPath() (string, error) {
	base := e.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(base) { // the XDG specification: relative values are to be ignored
		home := e.Getenv("HOME")
		if home == "" {
			return "", keys.Errorf(keys.ReasonInvalid, "no database is named, and without HOME there is no default")
		}
		base = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(base, "keyreeve", "keys.db"), nil
}

// open opens the database of the command line. The caller closes it.
func (g *globals) open(ctx context.Context, a access) (*keys.Service, *db.DB, error) {
	return g.openFor(ctx, a, false)
}

// openFor is open, for a dry run where no database is made.
func (g *globals) openFor(ctx context.Context, a access, dryRun bool) (*keys.Service, *db.DB, error) {
	path, named, err := g.path()
	if err != nil {
		return nil, nil, err
	}
	store, err := db.Open(ctx, db.Options{
		Path: path, Layout: g.layout, Access: a, Timeout: g.timeout.Duration, MakeDir: !named, DryRun: dryRun,
		Waiting: func() { g.note("waiting for a lock on %s, at most %s", path, keys.FormatDuration(g.timeout.Duration)) },
	})
	if err != nil {
		return nil, nil, err
	}
	svc := &keys.Service{Store: store, Now: g.Now, Rand: g.Rand}
	if a != toRead {
		svc.Actor = g.Actor() // to ask who we are takes time, which a read need not spend
	}
	return svc, store, nil
}

// glance opens the database for somebody who will not wait long and wants to
// hear of no problem.
func (g *globals) glance(ctx context.Context, wait time.Duration) (keys.Store, error) {
	path, _, err := g.path()
	if err != nil {
		return nil, err
	}
	return db.Open(ctx, db.Options{Path: path, Layout: g.layout, Access: toRead, Timeout: wait})
}

// path returns the database's path, and whether somebody named it.
func (g *globals) path() (path string, named bool, err error) {
	if g.db != "" {
		return g.db, true, nil
	}
	path, err = g.defaultPath()
	return path, false, err
}
