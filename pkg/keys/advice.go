package keys

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// adviceOn returns what an operator must know after an action on k, with what it
// names filled in such that a shell takes each for one word.
func (r *Rules) adviceOn(action Action, k *Key, path string) []string {
	texts := r.Advice[action]
	if len(texts) == 0 {
		return nil
	}
	fill := strings.NewReplacer("{id}", shellWord(k.ID), "{label}", shellWord(k.Label), "{path}", shellWord(path))
	filled := make([]string, len(texts))
	for i, text := range texts {
		filled[i] = fill.Replace(text)
	}
	return filled
}

// adviceOnUse adds to adviceOn that the label of a key in use can be read by all.
func (r *Rules) adviceOnUse(action Action, k *Key, path string) []string {
	list := r.adviceOn(action, k, path)
	if k.Label != "" && r.Label.Published != "" {
		list = append(list, r.server()+" shows the labels of active keys "+r.Label.Published)
	}
	return list
}

// adviceOnNew is adviceOnUse for a new key, the first one or another.
func (r *Rules) adviceOnNew(action Action, k *Key, path string) []string {
	list := r.adviceOnUse(ActionCreate, k, path)
	if action == ActionCreate {
		return list
	}
	return slices.Concat(list, r.adviceOn(action, k, path))
}

// AdviceOnUse returns what an operator must know of a list by use: what it does
// not tell on this server.
func (s *Service) AdviceOnUse() []string {
	return s.rules().adviceOn(ActionList, &Key{}, s.Store.Info().Path)
}

// tellUsedBefore adds to the advice on new keys whose ids somebody may still hold for
// keys that are gone. It comes after the commit, and what the audit does not tell is
// not told: the keys exist either way.
func (s *Service) tellUsedBefore(ctx context.Context, q CreateRequest, issued []Issued) {
	if q.DryRun || !s.rules().IDs.Reused {
		return
	}
	ids := make([]string, len(issued))
	for i := range issued {
		ids[i] = issued[i].Key.ID
	}
	gone, err := s.Store.Last(ctx, ActionDelete, ids...)
	if err != nil {
		return
	}
	for i, id := range ids {
		if e, ok := gone[id]; ok {
			issued[i].Advice = append(issued[i].Advice,
				fmt.Sprintf("the id %s was another key's until that was deleted at %s: whoever kept it means this key now", id, e.At))
		}
	}
}

// shellWord quotes s for a POSIX shell where it needs that.
func shellWord(s string) string {
	s = PrintableText(s)
	plain := func(r rune) rune {
		if isBase62(string(r)) || strings.ContainsRune("_-./:@%+=,", r) {
			return -1
		}
		return r
	}
	if s != "" && strings.Map(plain, s) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
