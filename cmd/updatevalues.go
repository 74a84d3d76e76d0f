package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// settable are the flags that give an attribute another value, and how one is told
// to be without it.
var settable = []struct {
	flag  string
	field keys.Field
	clear bool // by --clear
}{
	{"label", keys.FieldLabel, true},
	{"description", keys.FieldDescription, true},
	{"owner", keys.FieldOwner, true},
	{"role", keys.FieldRole, true},
	{"scope", keys.FieldScopes, true},
	{"resource", keys.FieldResource, true},
	{"allow-ip", keys.FieldNetworks, true},
	{"rate-limit", keys.FieldRateLimit, true},
	{"not-before", keys.FieldNotBefore, true},
	{"expires", keys.FieldExpiresAt, false}, // an end of "never" is not left out by mistake
	{"metadata", keys.FieldMetadata, true},
}

// steps are the flags that change an attribute of several values in part.
var steps = []struct {
	flag  string
	whole string
	field keys.Field
}{
	{"add-scope", "scope", keys.FieldScopes}, {"remove-scope", "scope", keys.FieldScopes},
	{"add-ip", "allow-ip", keys.FieldNetworks}, {"remove-ip", "allow-ip", keys.FieldNetworks},
	{"remove-metadata", "", keys.FieldMetadata},
}

// clearable are the names of the attributes that a key can be without.
func clearable() []string {
	var names []string
	for _, s := range settable {
		if s.clear {
			names = append(names, s.field.String())
		}
	}
	return names
}

func parseClearable(text string) (keys.Field, error) {
	for _, s := range settable {
		if s.clear && (s.field.String() == text || s.flag == text) {
			return s.field, nil
		}
	}
	if text == keys.FieldExpiresAt.String() {
		return 0, keys.Errorf(keys.ReasonInvalid, "a key without an end is told by --expires never")
	}
	return 0, keys.Errorf(keys.ReasonInvalid, "%s is none of %s", shown(text), strings.Join(clearable(), ", "))
}

func parseMetadataName(text string) (string, error) {
	return text, keys.ValidateMetadata(map[string]string{text: ""})
}

func completeClear(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return furtherNames(clearable(), typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// contradictions finds flags that ask for nothing, or for two things at once.
func (o *amending) contradictions() error {
	asked := len(o.clear.v) > 0
	for _, s := range settable {
		if !o.flags.Changed(s.flag) {
			continue
		}
		asked = true
		if o.q.Clear.Has(s.field) && s.flag != "metadata" {
			return keys.Errorf(keys.ReasonInvalid, "--%s and --clear %s contradict each other: give one of them", s.flag, s.field)
		}
	}
	for _, s := range steps {
		if !o.flags.Changed(s.flag) {
			continue
		}
		asked = true
		if o.q.Clear.Has(s.field) {
			return keys.Errorf(keys.ReasonInvalid, "--%s and --clear %s contradict each other: give one of them", s.flag, s.field)
		}
	}
	if !asked {
		return keys.Errorf(keys.ReasonInvalid, "what is to change? say it by flags such as --expires 90d")
	}
	return nil
}

// widenings say what a key is good for that lost a limit.
var widenings = []struct {
	text string
	now  func(*amending, *keys.Key) bool
}{
	{"a key without a resource opens every resource", func(o *amending, _ *keys.Key) bool { return o.q.Clear.Has(keys.FieldResource) }},
	{"a key without networks may come from anywhere", func(o *amending, k *keys.Key) bool {
		return len(k.Networks) == 0 && (o.q.Clear.Has(keys.FieldNetworks) || len(o.q.RemoveNetworks) > 0)
	}},
	{"a key with the scope * may do everything", func(o *amending, _ *keys.Key) bool {
		return slices.Contains(slices.Concat(o.q.Key.Scopes, o.q.AddScopes), keys.AllScopes)
	}},
}

// widened tells that keys are good for more than before: once for all of them, and
// before a person is asked.
func (o *amending) widened(done []keys.Change) {
	if o.warned {
		return
	}
	for _, w := range widenings {
		for i := range done {
			if done[i].Result == keys.Changed && w.now(o, &done[i].Key) {
				o.note("%s", w.text)
				o.warned = true
				break
			}
		}
	}
}
