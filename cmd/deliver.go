package cmd

import (
	"bytes"
	"context"
	"errors"
	"reflect"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// k8sSecret is the output format that only commands with a token have.
const k8sSecret = string(render.K8sSecret)

// delivery brings new tokens to where the flags say. It implements
// [keys.Delivery].
type delivery struct {
	g       *globals
	ctx     context.Context // of the command: a signal ends the wait for a reader
	out     string          // --out
	outDir  string          // --out-dir
	envFile string          // --env-file
	envName string          // --env-name
	single  bool            // one key was asked for, not a number of them
	fields  keys.Fields

	doc    []byte // for standard output, with the tokens
	issued []keys.Issued
	before keys.Key // the first of them as it was staged
	staged *staged
	dotenv *dotenv
	bundle *bundle
}

// Stage implements [keys.Delivery].
func (d *delivery) Stage(issued []keys.Issued) (err error) {
	d.issued, d.before = issued, issued[0].Key
	if d.envFile != "" {
		if d.dotenv, err = d.openDotenv(); err == nil {
			d.staged, err = d.dotenv.stage(issued[0].Token)
		}
		return err
	}
	if d.out != "" {
		return d.stageOut()
	}
	if d.outDir != "" {
		return d.stageEach()
	}
	if d.doc, err = d.render(true); err == nil {
		err = d.fits(len(d.doc) + d.missing())
	}
	if err != nil {
		return err
	}
	return d.awaitReader()
}

// fits refuses an output of n bytes that would keep the lock waiting for a reader.
func (d *delivery) fits(n int) error {
	if n <= pipeLimit || d.g.OutFile {
		return nil
	}
	instead := "a new file with --out, or redirect to one"
	if d.issued[0].Rotated != nil {
		instead = "a directory with --out-dir, or redirect to a file"
	}
	return keys.Errorf(keys.ReasonInvalid, "the output is %d bytes, more than a pipe or terminal takes at once: name %s", n, instead)
}

// missing is how many bytes the output can still grow by, where the database
// assigns the ids.
func (d *delivery) missing() int {
	const longestID = 20 // characters of a 64-bit integer
	if d.before.ID != "" || forPeople(render.Format(d.g.output.value)) {
		return 0
	}
	return longestID * len(d.issued)
}

// stageOut makes the file of --out: the tokens, one a line in the order of the
// keys, or the manifest that was asked for.
func (d *delivery) stageOut() (err error) {
	if err := d.vacant(); err != nil {
		return err
	}
	content, err := d.content()
	if err == nil {
		d.staged, err = stage(d.out, content)
	}
	return err
}

// content is what the file of --out gets.
func (d *delivery) content() ([]byte, error) {
	var b bytes.Buffer
	write := render.Tokens
	if d.tellsKeys() {
		write = render.Secrets
	}
	err := write(&b, d.results(true))
	return b.Bytes(), err
}

// stageEach makes the files of --out-dir.
func (d *delivery) stageEach() (err error) {
	if d.bundle, err = d.newBundle(d.issued); err != nil {
		return err
	}
	if err = d.bundle.stage(d.issued); err != nil {
		d.Discard()
	}
	return err
}

// Deliver implements [keys.Delivery]. What the table made of the keys, such as
// their ids, is known only now: what was staged without it is made again.
func (d *delivery) Deliver() (_ bool, err error) {
	other := !reflect.DeepEqual(d.before, d.issued[0].Key)
	switch {
	case d.staged != nil && other && d.tellsKeys():
		d.Discard()
		return false, d.stageOut()
	case d.staged != nil || d.bundle != nil:
		return false, nil
	case other || d.issued[0].Rotated != nil || len(d.issued[0].Advice) > 0:
		if d.doc, err = d.render(true); err == nil {
			err = d.fits(len(d.doc))
		}
	}
	if err != nil {
		return false, err
	}
	return d.write()
}

// tellsKeys tells whether a file of new tokens also says what keys they are of.
func (d *delivery) tellsKeys() bool {
	return d.out != "" && render.Format(d.g.output.value) == render.K8sSecret
}

// Publish implements [keys.Delivery].
func (d *delivery) Publish() error {
	if d.staged == nil && d.bundle == nil {
		return nil
	}
	if d.g.Committed != nil {
		d.g.Committed()
	}
	if err := d.publishFile(); err != nil {
		return d.created(err)
	}
	return d.tell()
}

// tell writes to standard output what there is to say of keys whose tokens went to
// a file.
func (d *delivery) tell() error {
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
	if d.bundle != nil {
		return d.bundle.publish()
	}
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
	if d.bundle != nil {
		d.bundle.discard()
		d.bundle = nil
	}
}
