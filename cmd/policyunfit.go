package cmd

import (
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// tellUnfit says how many keys do not comply, and how to mend one for each setting;
// and that a guard has nobody of the role that it should protect.
func (o *ruling) tellUnfit(done *keys.PolicyChange) {
	p := &done.After
	if done.NoAdmin {
		flags, _ := p.Give(p.Required.Without(keys.FieldsOf(keys.FieldRole)))
		o.note("no active key has the role %s: until one has, the guard counts all keys", p.AdminRole)
		o.note("hint: make one: %s", o.command(append([]string{"create", "--role", shellQuote(p.AdminRole)}, flags...)...))
	}
	if done.UnfitKeys == 0 {
		return
	}
	o.note("existing keys that do not comply: %d; they go on working", done.UnfitKeys)
	var told []string
	for i := range done.Unfit {
		u := &done.Unfit[i]
		if slices.Contains(told, u.Setting) {
			continue
		}
		words, _ := p.Mend(u, keys.At(o.Now()))
		line := o.mends(&keys.Finding{Key: u.Key.ID, Mend: words})
		if !slices.Contains(told, line) {
			o.note("hint: to mend key %s: %s", u.Key.ID, line)
		}
		told = append(told, u.Setting, line)
	}
}
