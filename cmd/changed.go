package cmd

import (
	"slices"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// show renders what became of the keys, and says what that does not mean.
func (o *change) show(done []keys.Change, info keys.Info) error {
	list := make([]render.Result, len(done))
	for i, d := range done {
		list[i] = render.Result{Key: d.Key, Result: string(d.Result), Advice: d.Advice, Dry: o.q.DryRun}
		if o.revives && d.Key.Status(keys.At(o.Now())) == keys.Expired {
			o.note("key %s is still expired, since %s", d.Key.ID, d.Key.ExpiresAt)
		}
	}
	o.advise(list)
	o.comesBack(done)
	if o.q.DryRun {
		o.note("dry run: nothing was changed")
	}
	err := o.showResults(list, info.Fields, o.single)
	if o.q.DryRun {
		return err
	}
	return unread(err)
}

// comesBack says until when keys are off, where a table of results does not.
func (o *change) comesBack(done []keys.Change) {
	changed := func(d keys.Change) bool { return d.Result == keys.Changed }
	if !o.q.Until.IsNone() && !o.structured() && slices.ContainsFunc(done, changed) {
		o.note("what was switched off is accepted again from %s on", o.q.Until)
	}
}

// mostAdvice is how many things are said about a change: more would scroll away.
const mostAdvice = 20

// advise says what an operator must know about changes on this server, each thing
// once. JSON has it in its documents.
func (g *globals) advise(list []render.Result) {
	if g.structured() {
		return
	}
	said := map[string]bool{}
	for i := range list {
		for _, text := range list[i].Advice {
			if !said[text] && len(said) < mostAdvice {
				g.note("%s", text)
			}
			said[text] = true
		}
	}
	if more := len(said) - mostAdvice; more > 0 {
		g.note("and %d more such notes", more)
	}
}

func (g *globals) showResults(list []render.Result, fields keys.Fields, single bool) error {
	opts, err := g.options(fields)
	if err != nil {
		return err
	}
	return render.Results(g.Out, opts, list, single)
}
