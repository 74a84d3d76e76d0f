package cmd

import (
	"bytes"
	"os"
	"path/filepath"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// repeated is the successor with a supplied token that it has already.
func (o *rotating) repeated(r *keys.Rotated) []keys.Issued {
	is := r.New
	is.Token, is.Rotated = o.q.Supplied, r
	return []keys.Issued{is}
}

// replacing is a delivery of successors. A token that was supplied before may be where it
// belongs already; else an earlier run was interrupted before it could be.
type replacing struct {
	*delivery
	placed bool
}

// Stage implements [keys.Delivery].
func (r *replacing) Stage(issued []keys.Issued) error {
	if r.placed = issued[0].Rotated.Result == keys.Unchanged && r.inPlace(issued); r.placed {
		return nil
	}
	return r.delivery.Stage(issued)
}

// Deliver implements [keys.Delivery].
func (r *replacing) Deliver() (bool, error) {
	if r.placed {
		return false, nil
	}
	return r.delivery.Deliver()
}

// Publish implements [keys.Delivery].
func (r *replacing) Publish() error {
	if r.placed {
		return r.tell()
	}
	return r.delivery.Publish()
}

// inPlace tells whether the new file of a token is there already, and holds exactly
// what it would get.
func (d *delivery) inPlace(issued []keys.Issued) bool {
	d.issued, d.before = issued, issued[0].Key
	path, content, err := d.out, []byte(issued[0].Token+"\n"), error(nil)
	switch {
	case d.outDir != "":
		path = filepath.Join(d.outDir, fileNames(issued)[0])
	case path != "":
		content, err = d.content()
	}
	info, missing := os.Lstat(path)
	if err != nil || missing != nil || !info.Mode().IsRegular() || info.Size() != int64(len(content)) {
		return false
	}
	if d.outDir != "" { // as [bundle.stage] leaves it
		d.bundle = &bundle{dir: d.outDir, paths: []string{path}}
	}
	is, err := os.ReadFile(path)
	return err == nil && bytes.Equal(is, content)
}

// say tells what was done, and shows what the delivery does not.
func (o *rotating) say(done []keys.Rotated) error {
	o.delivery.issued = make([]keys.Issued, len(done))
	for i := range done {
		o.delivery.issued[i] = done[i].New
		o.delivery.issued[i].Rotated = &done[i]
	}
	defer o.delivery.warnPublic()
	defer o.sayForgotten(len(done))
	switch {
	case len(done) == 0 || o.q.DryRun:
		return o.show(done)
	case o.structured():
		return nil // the document says it
	case len(done) > 1 || !o.delivery.single:
		o.sayAll(done)
	default:
		o.sayRotated(&done[0])
	}
	o.advise(o.delivery.results(false))
	return nil
}

// show renders what would be done, or that it is nothing.
func (o *rotating) show(done []keys.Rotated) error {
	if len(done) > 0 {
		if err := o.vacant(done); err != nil {
			return err
		}
	}
	if o.q.DryRun {
		o.note("dry run: nothing was changed")
	}
	list := o.delivery.results(false)
	for i := range list {
		list[i].Dry = o.q.DryRun
	}
	o.advise(list)
	if len(list) == 0 && forPeople(render.Format(o.output.value)) {
		return nil
	}
	return o.showResults(list, o.delivery.fields, o.delivery.single)
}

// vacant refuses files that are there already, but for one that a supplied token is
// in as it would be.
func (o *rotating) vacant(done []keys.Rotated) error {
	issued := o.delivery.issued
	if done[0].Result == keys.Unchanged && o.delivery.inPlace(o.repeated(&done[0])) {
		o.delivery.issued = issued // without the token
		return nil
	}
	o.delivery.issued = issued
	return o.delivery.vacant()
}
