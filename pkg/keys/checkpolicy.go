package keys

import (
	"errors"
	"hash/maphash"
)

// judging prepares to judge every key by the policy, nil where there is none. Labels
// are left to the database, which needs no memory for them.
func (w *watch) judging() *sharing {
	if !w.rules.Settings || w.broken != nil {
		return nil
	}
	p := w.policy
	p.UniqueLabels = false
	return &sharing{judge: p.judge(), seed: maphash.MakeSeed(), owners: map[uint64]bool{}, labels: map[uint64]bool{}}
}

// seePolicy notes what a key is that a new one could not be. What is being replaced is
// let be: its end is near.
func (v *survey) seePolicy(k *Key) {
	if v.judge == nil || !v.current(k) {
		return
	}
	for _, u := range v.judge.unfit(k, v.now) {
		v.unfit.note(k, u.Problem+", against the policy "+u.Setting, v.complies(&u)...)
	}
}

// complies are the words that make the key comply, as far as they are the same for
// every key: what an owner or a label should be is for people to say.
func (v *survey) complies(u *Unfit) []string {
	if words, ready := v.policy.Mend(u, v.now); ready {
		return words
	}
	return []string{"show", u.Key.ID}
}

// TakesLabel tells whether a key of this server may get the label, under the policy.
func (r *Rules) TakesLabel(label string, p Policy) bool {
	return ValidateLabel(label) == nil && r.checkLabel(label) == nil && p.judge().strangeLabel(&Key{Label: label}, Instant{}) == ""
}

// policed tells whether the policy is known and obeyed; t are the keys that do not
// obey it, nil where nobody looked.
func (w *watch) policed(t *telling) []Finding {
	switch {
	case w.broken != nil:
		return []Finding{{Check: "policy", Level: Problem, Reason: w.broken.Error(), Mend: repair(w.broken)}}
	case t == nil || !w.rules.Settings:
		return nil
	case t.number() == 0:
		return []Finding{{Check: "policy", Level: Fine, Reason: "every usable key complies with the policy"}}
	}
	return t.findings()
}

// repair are the words that restore a setting which is not understood, or that show
// those which contradict each other.
func repair(broken error) []string {
	var e *Error
	switch {
	case !errors.As(broken, &e) || e.Setting == "":
		return []string{"policy", "show"}
	case (&PolicyRequest{Settings: []Setting{{e.Setting, DefaultValue}}}).Validate() != nil: // only SQL put it there
		return nil
	}
	return []string{"policy", "set", e.Setting + "=" + DefaultValue}
}
