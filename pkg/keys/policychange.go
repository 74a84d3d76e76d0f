package keys

func (set Setting) restores() bool { return set.Value == "" || set.Value == DefaultValue }

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
