package keys

import (
	"strconv"
)

// Policy is the rules of one native database, stored in it, or those of another
// server that take their place.
type Policy struct {
	UniqueLabels bool   // among active keys without a successor
	SlowKeys     int    // how many usable keys may have a slow hash and no selector; 0 or less for any number
	AdminRole    string // the guard counts only keys of this role, "" for all
}

// DefaultPolicy returns the rules of a database that sets none.
func DefaultPolicy() Policy { return Policy{UniqueLabels: true, SlowKeys: 16} }

// settings are the names under which a policy is stored.
var settings = map[string]func(p *Policy, value string) (err error){
	"unique_labels": func(p *Policy, v string) (err error) { p.UniqueLabels, err = strconv.ParseBool(v); return },
	"slow_keys":     func(p *Policy, v string) (err error) { p.SlowKeys, err = strconv.Atoi(v); return },
	"admin_role":    func(p *Policy, v string) (err error) { p.AdminRole = v; return optional(v, ValidateRole) },
}

// Set gives one setting its value. An unknown name or a value that does not
// parse gives ReasonPolicy: rules that are not understood are not ignored.
func (p *Policy) Set(name, value string) error {
	set, ok := settings[name]
	if !ok {
		return Errorf(ReasonPolicy, "the database has a policy %q that this version does not know", PrintableText(name))
	}
	if err := set(p, value); err != nil {
		return Errorf(ReasonPolicy, "the policy %s has no valid value in this database", name).Because(err)
	}
	return nil
}

// optional accepts an empty text, and otherwise what valid accepts.
func optional(s string, valid func(string) error) error {
	if s == "" {
		return nil
	}
	return valid(s)
}
