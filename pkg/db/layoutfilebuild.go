package db

import (
	"cmp"
	"maps"
	"regexp"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// What a supplied token must have where the layout does not say: as many
// characters as keyreeve asks for itself, and no more bytes than a header holds.
const (
	suppliedChars = 32
	suppliedBytes = 512
)

// layout returns what the file describes, once it was found free of mistakes.
func (c *checker) layout() *Layout {
	f := &c.f
	l := &Layout{
		Family: f.Layout, Era: f.Era, Title: f.Title, Since: f.Since,
		Recognise: Recognition(f.Recognise),
		Find:      Finding{Variable: f.Find.Variable, Paths: f.Find.Paths, Superseded: f.Find.Superseded},
		Table:     f.Table, Columns: f.columns(), Copies: f.copies(), Constants: constants(f.Constants),
		Selector: f.selector(), PrefixID: f.IDs.From == "random" || f.IDs.From == "token",
		Claim: f.claim(), Lockouts: f.lockouts(), Rules: *f.rules(),
	}
	if f.Find.Config != nil {
		config := ConfigFile(*f.Find.Config)
		l.Find.Config = &config
	}
	l.Rules.Revoke = c.revokeKind()
	return l
}

func (f *layoutYAML) columns() []Column {
	var list []Column
	for name, field := range storedFields() {
		if col, ok := f.Columns[name]; ok {
			list = append(list, Column{Field: field, Name: col.Column, Codec: col.As, Before: col.Before, After: col.After, AsCreated: col.AsCreated})
		}
	}
	slices.SortFunc(list, func(a, b Column) int { return cmp.Compare(a.Field, b.Field) })
	return list
}

func (f *layoutYAML) copies() []Copy {
	var list []Copy
	for _, name := range slices.Sorted(maps.Keys(f.Copies)) {
		c := f.Copies[name]
		list = append(list, Copy{Of: storedFields()[c.Of], Name: name, Codec: c.As, Always: c.Always})
	}
	return list
}

func constants(values map[string]any) []Constant {
	var list []Constant
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, Constant{Name: name, Value: values[name]})
	}
	return list
}

// selector returns the field that a token's visible part finds a key by. Without
// such a part nothing is looked for, and the id does no harm.
func (f *layoutYAML) selector() keys.Field {
	if f.selects() && f.IDs.From != "token" {
		return keys.FieldMasked
	}
	return keys.FieldID
}

func (f *layoutYAML) claim() *ClaimTable {
	b := &f.Bootstrap
	if b.By != string(keys.BootstrapClaim) {
		return nil
	}
	t := &ClaimTable{Table: b.Table}
	for column, value := range b.Row {
		t.Column, t.Value = column, value
	}
	if b.At != nil {
		t.At, t.Codec = b.At.Column, b.At.As
	}
	return t
}

func (f *layoutYAML) lockouts() *LockoutTable {
	l := &f.Lockout
	if l.Table == "" {
		return nil
	}
	window, _ := keys.ParseDuration(l.Window) // was checked
	return &LockoutTable{
		Table: l.Table, Address: l.Address, Failures: l.Failures, Since: l.Since.Column, Codec: l.Since.As,
		Limit: int64(l.Limit), Window: window,
	}
}

func (f *layoutYAML) rules() *keys.Rules {
	r := &keys.Rules{
		Server: f.Server,
		IDs: keys.IDRules{
			Assigned: cmp.Or(f.IDs.From, "database") == "database",
			Reused:   f.IDs.Reused,
			Random:   keys.Part{Of: f.IDs.Of, Chars: f.IDs.Chars},
		},
		Form: f.form(), Hash: f.hashRules(), Label: f.labelRules(), Lifetime: f.lifetimeRules(),
		Guard: keys.GuardKind(cmp.Or(f.Guard.Keep, string(keys.GuardActive))), AdminRole: f.Guard.Role,
		Bootstrap: keys.BootstrapRules{
			Kind: keys.BootstrapKind(cmp.Or(f.Bootstrap.By, string(keys.BootstrapNone))),
			Role: f.Bootstrap.Role, Scopes: f.Bootstrap.Scopes, Label: f.Bootstrap.Label,
		},
		Lockout:     keys.LockoutRules{Kept: f.Lockout.Table != "", Strict: f.Lockout.Strict, Else: f.Lockout.Else},
		ActiveFirst: f.ActiveFirst,
		KeepActive:  f.KeepActive,
		Advice:      map[keys.Action][]string{},
	}
	f.addOptional(r)
	return r
}

// addOptional adds what a server may have or not.
func (f *layoutYAML) addOptional(r *keys.Rules) {
	if s := f.Hash.Secret; s != nil {
		r.Secret = &keys.SecretRules{Name: s.Variable, Forbidden: s.Forbidden, Weak: s.Weak, LeastLen: s.LeastBytes}
	}
	if len(f.Roles.Words) > 0 {
		rules := keys.RoleRules(f.Roles)
		r.Roles = &rules
	}
	if s := f.Scopes; len(s.Words) > 0 {
		r.Scopes = &keys.ScopeRules{Required: s.Required, Words: s.Words, By: s.GrantedBy}
	}
	for action, texts := range f.Advice {
		r.Advice[keys.Action(action)] = texts
	}
}

func (f *layoutYAML) lifetimeRules() keys.LifetimeRules {
	least, _ := keys.ParseDuration(cmp.Or(f.Lifetime.Least, "0")) // both were checked
	most, _ := keys.ParseDuration(cmp.Or(f.Lifetime.Most, "0"))
	return keys.LifetimeRules{Least: least, Most: most}
}

func (f *layoutYAML) form() *keys.TokenForm {
	t := &f.Token
	form := &keys.TokenForm{
		Text: t.Form, Selector: t.Selector.part().part(), Secret: t.Secret.part(), MaskText: t.Mask,
		LeastChars: cmp.Or(t.Supplied.LeastChars, suppliedChars), MostBytes: cmp.Or(t.Supplied.MostBytes, suppliedBytes),
	}
	if t.Pattern != "" {
		form.Pattern = regexp.MustCompile(t.Pattern) // was checked
	}
	return form
}

func (p *partYAML) part() keys.Part {
	if p == nil {
		return keys.Part{}
	}
	return keys.Part{Bytes: p.Bytes, Chars: p.Chars, Of: p.Of, Least: p.Least, Most: p.Most}
}

func (f *layoutYAML) hashRules() keys.HashRules {
	cost := f.Hash.Cost.bounds()
	h := keys.HashRules{
		Scheme: keys.Scheme(f.Hash.Scheme), Accepts: f.Hash.Accepts,
		Cost: cost.Default, LeastCost: cost.Least, MostCost: cost.Most,
	}
	for _, s := range f.Hash.Legacy {
		h.Legacy = append(h.Legacy, keys.Scheme(s))
	}
	return h
}

func (f *layoutYAML) labelRules() keys.LabelRules {
	l := &f.Label
	r := keys.LabelRules{Unique: l.Unique, Required: l.Required, Most: l.Most, Says: l.Says, Published: l.Published}
	if l.Pattern != "" {
		r.Pattern = regexp.MustCompile(l.Pattern) // was checked
	}
	return r
}
