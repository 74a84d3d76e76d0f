package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// pipeLimit is how many bytes of tokens go into a pipe or terminal while the
// lock is held: what a pipe takes at once even if nobody reads it yet.
const pipeLimit = 4096

// awaitReader waits for a pipe or terminal that is full or stopped while no lock
// is held yet.
func (d *delivery) awaitReader() error {
	if d.g.OutFile || d.g.OutTakes == nil {
		return nil
	}
	end := time.After(d.patience())
	for !d.g.OutTakes() {
		select {
		case <-d.ctx.Done():
			return errInterrupted(d.ctx)
		case <-end:
			return errReader(errStuck)
		default: // OutTakes has waited a little
		}
	}
	return nil
}

// readerPatience is how long a reader has at least, also where --timeout 0 says
// not to wait for locks.
const readerPatience = time.Second

// patience is how long a reader gets that takes nothing: no longer than a lock.
func (d *delivery) patience() time.Duration { return max(d.g.timeout.Duration, readerPatience) }

var errStuck = errors.New("its reader takes nothing")

func errReader(err error) error {
	return keys.Errorf(keys.ReasonOutput, "standard output cannot be written: %s; nothing was changed", cause(err)).Because(err)
}

func errInterrupted(ctx context.Context) error {
	return keys.Errorf(keys.ReasonInterrupted, "interrupted: nothing was changed").Because(ctx.Err())
}

// write gives the tokens to standard output. Its reader took things a moment ago,
// but may be stuck since, and the lock is held.
func (d *delivery) write() (seen bool, err error) {
	done := make(chan error, 1)
	go func() {
		_, err := d.g.Out.Write(d.doc)
		done <- err
	}()
	select {
	case err = <-done:
	case <-d.ctx.Done():
		return false, errInterrupted(d.ctx)
	case <-time.After(d.patience()):
		err = errStuck
	}
	if err != nil {
		return false, errReader(err)
	}
	return true, nil
}
