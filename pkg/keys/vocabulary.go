package keys

import (
	"slices"
	"strings"
)

// checkWords refuses a role or scopes that the server does not know, or demands
// and does not get. The errors list its words.
func (r *Rules) checkWords(k *Key) error {
	if v := r.Roles; v != nil {
		var given []string
		if k.Role != "" {
			given = []string{k.Role}
		}
		if err := r.checkVocabulary("role", given, v.Words, v.Required); err != nil {
			return err
		}
	}
	if v := r.Scopes; v != nil {
		return r.checkVocabulary("scope", k.Scopes, v.Words, v.Required)
	}
	return nil
}

func (r *Rules) checkVocabulary(what string, given, words []string, required bool) error {
	if len(given) == 0 && required {
		return Errorf(ReasonVocabulary, "%s demands a %s: %s", r.server(), what, anyOf(words))
	}
	for _, w := range given {
		if len(words) > 0 && !slices.Contains(words, w) {
			return Errorf(ReasonVocabulary, "%s knows no %s %s: it is %s", r.server(), what, quote(w), anyOf(words))
		}
	}
	return nil
}

// anyOf lists words as alternatives.
func anyOf(words []string) string {
	n := len(words)
	switch n {
	case 0:
		return "any word"
	case 1:
		return words[0]
	}
	return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
}

// grantsRole tells whether a key of role has does what demands the role asked. A
// role that the server does not know does nothing, also where none is asked.
func (r *Rules) grantsRole(has, asked string) bool {
	v := r.Roles
	if v == nil {
		return asked == "" || has == asked
	}
	if has == "" {
		has = v.Empty
	}
	rank := slices.Index(v.Words, has)
	switch {
	case len(v.Words) > 0 && rank < 0:
		return false
	case asked == "" || has == asked:
		return true
	}
	return v.Ranked && rank >= 0 && rank < slices.Index(v.Words, asked)
}

// grantsScopes tells whether a key with these scopes has all that are demanded.
// [AllScopes] is one only where the server has no vocabulary of its own.
func (r *Rules) grantsScopes(scopes, demanded []string) bool {
	for _, d := range demanded {
		granted := r.Scopes == nil && Grants(scopes, d) || r.Scopes != nil && r.Scopes.grants(scopes, d)
		if !granted {
			return false
		}
	}
	return true
}

func (v *ScopeRules) grants(scopes []string, demanded string) bool {
	if slices.Contains(scopes, demanded) {
		return true
	}
	switch by := v.By[demanded]; by {
	case "":
		return false
	case AnyScope:
		return len(scopes) > 0
	default:
		return slices.Contains(scopes, by)
	}
}
