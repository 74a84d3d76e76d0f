package keys

import (
	"fmt"
	"slices"
	"strings"
)

// Oddities returns the values of k that the server takes in a way of its own: an
// empty role that acts as another, a role or scopes that it does not know. Only the
// fields held were read. Whoever read them adds the names of the columns.
func (r *Rules) Oddities(k *Key, held Fields) (odd []Damage) {
	add := func(f Field, problem string) {
		if problem != "" && held.Has(f) && !k.unread(FieldsOf(f)) {
			odd = append(odd, Damage{Field: f, Problem: problem, Odd: true})
		}
	}
	add(FieldRole, r.Roles.oddity(k.Role))
	add(FieldScopes, r.Scopes.oddity(k.Scopes))
	return odd
}

func (v *RoleRules) oddity(role string) string {
	switch {
	case v == nil || role != "" && (len(v.Words) == 0 || slices.Contains(v.Words, role)):
		return ""
	case role != "":
		return "none of the roles " + strings.Join(v.Words, ", ") + ": the server lets the key do nothing"
	case v.Empty != "":
		return "empty, which the server takes for " + v.Empty
	case v.Required:
		return "empty: the server lets the key do nothing"
	}
	return ""
}

func (v *ScopeRules) oddity(scopes []string) string {
	if v == nil || len(v.Words) == 0 {
		return ""
	}
	strange := 0
	for _, s := range scopes {
		if !slices.Contains(v.Words, s) {
			strange++
		}
	}
	if strange == 0 {
		return ""
	}
	return fmt.Sprintf("has %d of %d words that the server does not know", strange, len(scopes))
}

// remarks are sentences on what is the matter with the row of k, nil for nothing.
func (k *Key) remarks() (list []string) {
	for _, d := range k.Damage {
		list = append(list, "key "+k.name()+": column "+d.Column+": "+d.Problem)
	}
	return list
}
