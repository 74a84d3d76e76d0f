package cmd

import (
	"slices"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// tellRotated adds to the result of a successor what it replaces, and how that ends.
func (d *delivery) tellRotated(r *render.Result, of *keys.Rotated, i int) {
	if r.Result = string(of.Result); of.Result == keys.Changed {
		r.Advice = append(slices.Clone(r.Advice), "with a fresh token, the one that the same request gave before is refused")
	}
	if d.bundle != nil {
		r.More = append(r.More, render.Pair{Name: "file", Value: d.bundle.paths[i]})
	}
	r.More = append(r.More,
		render.Pair{Name: "replaces", Value: of.Old.ID},
		render.Pair{Name: "overlap_ends", Value: of.OverlapEnds},
		render.Pair{Name: "finish", Value: orNil(d.g.finishOf(of))})
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
	switch end := o.finishOf(r); {
	case end != "":
		o.note("key %s is accepted until somebody ends that%s: %s", r.Old.ID, o.from(r.OverlapEnds), end)
	case r.OverlapEnds.Reached(r.Old.NotBefore):
		o.note("key %s is never accepted: it would have been from %s on", r.Old.ID, r.Old.NotBefore)
	case r.OverlapEnds.IsNone() || r.OverlapEnds.Reached(keys.At(o.Now())):
		o.note("key %s is accepted no more", r.Old.ID)
	default:
		o.note("key %s is accepted until %s", r.Old.ID, r.OverlapEnds)
	}
}

// sayAll tells people what was made of several.
func (o *rotating) sayAll(done []keys.Rotated) {
	made, fresh, where := 0, 0, o.delivery.place()
	for i := range done {
		switch done[i].Result {
		case keys.Created:
			made++
		case keys.Changed:
			fresh++
		}
	}
	if made > 0 {
		o.note("rotated %s; the tokens of the successors are %s and nowhere else", number(made), where)
	}
	if fresh > 0 {
		o.note("%s rotated by the same request before; the fresh tokens of the successors are %s and nowhere else", were(fresh), where)
	}
	o.sayEnds(done)
}

// sayEnds tells for how long the old keys are accepted, those alike together.
func (o *rotating) sayEnds(done []keys.Rotated) {
	var left []*keys.Key
	var due, last keys.Instant // of those that somebody has to end, and of the others
	ended, ending := 0, 0
	for i := range done {
		switch r := &done[i]; {
		case r.Old.ID == "":
		case o.finishOf(r) != "":
			left, due = append(left, &r.Old), later(due, r.OverlapEnds)
		case r.OverlapEnds.IsNone() || r.OverlapEnds.Reached(keys.At(o.Now())) || r.OverlapEnds.Reached(r.Old.NotBefore):
			ended++
		default:
			ending, last = ending+1, later(last, r.OverlapEnds)
		}
	}
	if ending > 0 {
		o.note("%s accepted until %s at most", areOld(ending), last)
	}
	if ended > 0 {
		o.note("%s accepted no more", areOld(ended))
	}
	if len(left) > 0 {
		o.note("%s accepted until somebody ends that%s: %s", areOld(len(left)), o.from(due), o.finishing(left...))
	}
}

// sayForgotten tells that the table and the audit will not know of n rotations.
func (o *rotating) sayForgotten(n int) {
	if n > 0 && o.forgets() {
		o.note("nothing remembers which key replaced which here, since no audit is kept: --request-id, --status, --finish and --due need one")
	}
}

// from tells from when on an overlap may be ended, where that is known.
func (o *rotating) from(ends keys.Instant) string {
	switch {
	case ends.IsNone():
		return ""
	case ends.Reached(keys.At(o.Now())):
		return ", which is due"
	}
	return ", from " + ends.String() + " on"
}

func later(a, b keys.Instant) keys.Instant {
	if a.IsNone() || a.Millis() < b.Millis() {
		return b
	}
	return a
}

func were(n int) string {
	if n == 1 {
		return "1 key was"
	}
	return number(n) + " were"
}

func areOld(n int) string {
	if n == 1 {
		return "the old key is"
	}
	return "the " + number(n) + " that were replaced are"
}
