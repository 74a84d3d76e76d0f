package cmd

import (
	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// tellRotated adds to the result of a successor what it replaces, and how that ends.
func (d *delivery) tellRotated(r *render.Result, of *keys.Rotated, i int) {
	r.Result = string(of.Result)
	if d.bundle != nil {
		r.More = append(r.More, render.Pair{Name: "file", Value: d.bundle.paths[i]})
	}
	r.More = append(r.More,
		render.Pair{Name: "replaces", Value: of.Old.ID},
		render.Pair{Name: "overlap_ends", Value: of.OverlapEnds},
		render.Pair{Name: "finish", Value: orNil(d.g.finishOf(of))})
}

// finishOf returns the command that ends a rotation, "" where nothing is left to do.
func (g *globals) finishOf(r *keys.Rotated) string {
	if r.EndsItself || r.Old.ID == "" {
		return ""
	}
	return g.finishing(&r.Old)
}

// finishing returns the command that makes a server refuse keys which were replaced.
// Where their table does not tell that they were, and nor will the audit, it is that
// of any other keys.
func (g *globals) finishing(old ...*keys.Key) string {
	words := []string{"rotate --finish"}
	path, _ := g.auditPath()
	switch kept := path != "" && path != "-"; {
	case g.guest() && !kept && g.rules().Revoke == keys.RevokeNone:
		words[0] = "delete"
	case g.guest() && !kept:
		words[0] = "revoke"
	}
	for _, k := range old {
		words = append(words, asWord(k.ID))
	}
	if words[0] == "rotate --finish" && g.guest() && g.auditLog != "" {
		words = append(words, "--audit-log", shellQuote(path))
	}
	return g.command(words...)
}

// sayRotated tells people what was made of one key.
func (o *rotating) sayRotated(r *keys.Rotated) {
	was, is := r.Old.ID, o.describe(&r.New.Key)
	if was == "" {
		was = "that is gone"
	}
	where := o.delivery.place()
	if o.keyFile == "" {
		where += " and nowhere else"
	}
	switch r.Result {
	case keys.Created:
		o.note("rotated key %s; its successor is %s; its token is %s", was, is, where)
	case keys.Changed:
		o.note("key %s was rotated by the same request before; its successor %s has a fresh token, which is %s", was, is, where)
	default:
		o.note("key %s was rotated to that token before; its successor is %s", was, is)
	}
	if r.Old.ID != "" {
		o.sayEnd(r)
	}
}

// sayEnd tells for how long the old key is accepted.
func (o *rotating) sayEnd(r *keys.Rotated) {
	over := r.OverlapEnds.Reached(keys.At(o.Now()))
	switch end := o.finishOf(r); {
	case end != "" && over:
		o.note("key %s is accepted until somebody ends that, which is due: %s", r.Old.ID, end)
	case end != "":
		o.note("key %s is accepted until somebody ends that, from %s on: %s", r.Old.ID, r.OverlapEnds, end)
	case over || r.OverlapEnds.IsNone():
		o.note("key %s is accepted no more", r.Old.ID)
	default:
		o.note("key %s is accepted until %s", r.Old.ID, r.OverlapEnds)
	}
}

// sayAll tells people what was made of several.
func (o *rotating) sayAll(done []keys.Rotated) {
	o.note("rotated %s; the tokens of the successors are %s and nowhere else", number(len(done)), o.delivery.place())
	var left []*keys.Key
	var last keys.Instant
	for i := range done {
		if o.finishOf(&done[i]) != "" {
			left = append(left, &done[i].Old)
		}
		if ends := done[i].OverlapEnds; last.IsNone() || last.Millis() < ends.Millis() {
			last = ends
		}
	}
	switch {
	case len(left) > 0:
		o.note("%s accepted until somebody ends that, from %s on: %s", areOld(len(left)), last, o.finishing(left...))
	case last.Reached(keys.At(o.Now())):
		o.note("%s accepted no more", areOld(len(done)))
	default:
		o.note("%s accepted until %s at most", areOld(len(done)), last)
	}
}

func areOld(n int) string {
	if n == 1 {
		return "the old key is"
	}
	return "the " + number(n) + " that were replaced are"
}
