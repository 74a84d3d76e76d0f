package cmd

import (
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// policyDocument is the policy for machines: values of the type that each has.
func policyDocument(settings []keys.SettingInfo, p *keys.Policy) []render.Pair {
	values, defaults := make([]render.Pair, len(settings)), make([]render.Pair, len(settings))
	for i, s := range settings {
		values[i] = render.Pair{Name: s.Name, Value: settingValue(s, p.Get(s.Name))}
		defaults[i] = render.Pair{Name: s.Name, Value: settingValue(s, s.Default)}
	}
	return []render.Pair{{Name: "settings", Value: values}, {Name: "defaults", Value: defaults}}
}

// policyRecords is the policy for people: values as they are typed.
func policyRecords(settings []keys.SettingInfo, p *keys.Policy) render.Records {
	r := render.Records{Names: records["policy show"]}
	for _, s := range settings {
		value := p.Get(s.Name)
		r.Rows = append(r.Rows, []any{s.Name, value, s.Default, value != s.Default, []string{s.Doc}})
	}
	return r
}

// settingValue returns the value of a setting as what it is: a number, true or false, a
// list, or a text; nil where nothing is asked.
func settingValue(s keys.SettingInfo, value string) any {
	switch {
	case value == "true" || value == "false":
		return value == "true"
	case manyOf(s) && value == "":
		return []string{}
	case manyOf(s):
		return strings.Split(value, ",")
	case s.Kind == "number":
		if n, err := strconv.Atoi(value); err == nil {
			return n
		}
	}
	return orNil(value)
}

// manyOf tells whether a setting is a list.
func manyOf(s keys.SettingInfo) bool { return strings.HasSuffix(s.Kind, "list") }

// valueIn returns what the policy says under a name: for people as it is typed, else
// as [settingValue] does.
func valueIn(p *keys.Policy, name string, f render.Format) any {
	value := p.Get(name)
	if forPeople(f) {
		return value
	}
	for _, s := range keys.PolicySettings() {
		if s.Name == name {
			return settingValue(s, value)
		}
	}
	return nil
}
