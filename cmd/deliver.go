package cmd

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// k8sSecret is the output format that only commands with a token have.
const k8sSecret = string(render.K8sSecret)

// pipeLimit is how many bytes of tokens go into a pipe or terminal while the
// lock is held: what a pipe takes at once even if nobody reads it yet.
const pipeLimit = 4096

// delivery brings new tokens to where the flags say. It implements
// [keys.Delivery].
type delivery struct {
	g       *globals
	ctx     context.Context // of the command: a signal ends the wait for a reader
	out     string          // --out
	envFile string          // --env-file
	envName string          // --env-name
	single  bool            // one key was asked for, not a number of them
	fields  keys.Fields

	doc    []byte // for standard output, with the tokens
	issued []keys.Issued
	staged *staged
	dotenv *dotenv
}

// Stage implements [keys.Delivery].
func (d *delivery) Stage(issued []keys.Issued) (err error) {
	d.issued = issued
	if d.envFile != "" {
		if d.dotenv, err = openDotenv(d.envFile, d.envName); err == nil {
			d.staged, err = d.dotenv.stage(issued[0].Token)
		}
		return err
	}
	if d.out != "" {
		return d.stageOut()
	}
	d.doc, err = d.render(true)
	switch {
	case err != nil:
		return err
	case len(d.doc) > pipeLimit && !d.g.OutFile:
		return keys.Errorf(keys.ReasonInvalid, "the output is %d bytes, more than a pipe or terminal takes at once: name a new file with --out, or redirect to one",
			len(d.doc))
	}
	return d.awaitReader()
}

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

// stageOut makes the file of --out: the tokens, one a line in the order of the
// keys, or the manifest that was asked for.
func (d *delivery) stageOut() (err error) {
	if err := d.vacant(); err != nil {
		return err
	}
	var b bytes.Buffer
	if render.Format(d.g.output.value) == render.K8sSecret {
		err = render.Secrets(&b, d.results(true))
	} else {
		err = render.Tokens(&b, d.results(true))
	}
	if err == nil {
		d.staged, err = stage(d.out, b.Bytes())
	}
	return err
}

// Deliver implements [keys.Delivery].
func (d *delivery) Deliver() (bool, error) {
	if d.staged != nil {
		return false, nil
	}
	return d.write()
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

// Publish implements [keys.Delivery].
func (d *delivery) Publish() error {
	if d.staged == nil {
		return nil
	}
	if err := d.publishFile(); err != nil {
		return d.created(err)
	}
	doc, err := d.render(false)
	if err == nil {
		_, err = d.g.Out.Write(doc)
	}
	if err != nil {
		err = keys.Errorf(keys.ReasonOutput, "created, but standard output cannot be written: %s; the token is %s", cause(err), d.place()).Because(err)
	}
	return d.created(err)
}

// created says in an error that the keys exist all the same.
func (d *delivery) created(err error) error {
	var known *keys.Error
	if errors.As(err, &known) {
		known.Key = d.issued[0].Key.ID
	}
	return err
}

func (d *delivery) publishFile() error {
	if d.dotenv != nil {
		return d.dotenv.publish(d.staged, d.issued[0].Token)
	}
	return d.staged.link()
}

// Discard implements [keys.Delivery].
func (d *delivery) Discard() {
	if d.staged != nil {
		d.staged.discard()
		d.staged = nil
	}
}
