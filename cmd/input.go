package cmd

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// inputLimit bounds what is read as one token: far more than any token has.
const inputLimit = 64 << 10

// readToken reads a token from a file, or from standard input where path is
// "-": without echo if that is a terminal. One trailing newline is not part of it.
func (g *globals) readToken(ctx context.Context, path string) (string, error) {
	raw, err := g.readSecret(ctx, path)
	if err != nil {
		return "", err
	}
	if len(raw) > inputLimit {
		return "", keys.Errorf(keys.ReasonInvalid, "%s holds more than a token: over %d bytes", inputName(path), inputLimit)
	}
	return string(keys.TrimNewline(raw)), nil
}

func (g *globals) readSecret(ctx context.Context, path string) ([]byte, error) {
	if path != "-" {
		return interruptible(ctx, func() ([]byte, error) { return readFile(path) }) // it may be a pipe
	}
	if g.InTTY {
		return g.promptSecret(ctx)
	}
	return interruptible(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(g.In, inputLimit+1)) })
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, inputError(path, err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, inputLimit+1))
	if err != nil {
		return nil, inputError(path, err)
	}
	return raw, nil
}

func inputError(path string, err error) error {
	if keys.LooksLikeToken(path) { // in the place of a file's name
		return errTokenArgument()
	}
	return keys.Errorf(keys.ReasonInvalid, "the token cannot be read: %v", err).OnPath(path).Because(err)
}

func inputName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// promptSecret asks for a token on the terminal, which does not echo it.
func (g *globals) promptSecret(ctx context.Context) ([]byte, error) {
	fmt.Fprint(g.Err, "token: ")
	defer fmt.Fprintln(g.Err)
	return g.ReadSecret(ctx)
}

// interruptible gives up waiting for read when ctx ends. The read itself goes on
// until the process does.
func interruptible[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := read()
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		return a.v, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
