package keys

import (
	"cmp"
	"slices"
)

func (set Setting) restores() bool { return set.Value == "" || set.Value == DefaultValue }

// restores tells whether the request gives no setting a value of its own.
func (q *PolicyRequest) restores() bool {
	return !q.Reset && !slices.ContainsFunc(q.Settings, func(set Setting) bool { return !set.restores() })
}

// change is Set for what somebody typed. A name that does not exist can be restored:
// another version may have stored it.
func (p *Policy) change(set Setting) error {
	known := findSetting(set.Name)
	switch {
	case known == nil && set.Value == DefaultValue && nameChars.problem(set.Name) == "":
		return nil
	case known == nil:
		return Errorf(ReasonInvalid, "there is no setting %s", quote(set.Name))
	case set.restores():
		p.restore(set.Name)
		return nil
	}
	if err := known.read(p, set.Value); err != nil {
		return Errorf(ReasonInvalid, "%s: %s", set.Name, err)
	}
	return nil
}

// restore makes a setting what it is where nobody sets it.
func (p *Policy) restore(name string) {
	restored := DefaultPolicy()
	for i := range policySettings {
		set := &policySettings[i]
		if v := set.write(p); set.Name != name && v != "" {
			_ = set.read(&restored, v) // which it was made from
		}
	}
	*p = restored
}

// differing returns the names of the settings in which two policies differ.
func (p *Policy) differing(from *Policy) (names []string) {
	for i := range policySettings {
		if set := &policySettings[i]; set.write(p) != set.write(from) {
			names = append(names, set.Name)
		}
	}
	return names
}

// applied returns what the request makes of a policy.
func (q *PolicyRequest) applied(p Policy) (Policy, error) {
	if q.Reset {
		p = DefaultPolicy()
	}
	p, err := q.changed(p)
	if err != nil {
		return p, err
	}
	problem, among := p.contradiction()
	if problem == "" || q.contradictsItself() {
		return p, p.Validate()
	}
	return p, Errorf(ReasonPolicy, "with what is set already the policy contradicts itself: %s", problem).OnSetting(q.besides(&p, among))
}

func (q *PolicyRequest) changed(p Policy) (Policy, error) {
	for _, set := range q.Settings {
		if err := p.change(set); err != nil {
			return p, err
		}
	}
	return p, nil
}

// contradictsItself tells whether the settings do not hold together whatever is stored.
func (q *PolicyRequest) contradictsItself() bool {
	p, err := q.changed(DefaultPolicy())
	problem, _ := p.contradiction()
	return err != nil || problem != ""
}

// besides returns the setting among those that somebody had set before.
func (q *PolicyRequest) besides(p *Policy, among []string) string {
	usual := DefaultPolicy()
	i := slices.IndexFunc(among, func(name string) bool {
		asked := slices.ContainsFunc(q.Settings, func(set Setting) bool { return set.Name == name })
		return !asked && p.Get(name) != usual.Get(name)
	})
	if i < 0 {
		return among[0]
	}
	return among[i]
}

// overtaken refuses to change another policy than was agreed on.
func (q *PolicyRequest) overtaken(is *Policy) error {
	if q.Agreed == nil {
		return nil
	}
	names := is.differing(q.Agreed)
	if len(names) == 0 {
		return nil
	}
	said := func(p *Policy) string { return cmp.Or(p.Get(names[0]), "not set") }
	return Errorf(ReasonOvertaken, "the policy %s is %s now, and was %s when it was shown", names[0], said(is), said(q.Agreed)).OnSetting(names[0])
}
