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

// usedBefore tells of a new key's id that somebody may still hold for a key that is
// gone: databases that number their rows use numbers again.
func (r *Rules) usedBefore(ctx context.Context, tx Tx, id string) []string {
	if !r.IDs.Assigned {
		return nil
	}
	gone, err := tx.Last(ctx, ActionDelete, id)
	if err != nil { // nothing is known of another one
		return nil
	}
	return []string{fmt.Sprintf("the id %s was another key's until that was deleted at %s: whoever kept it means this key now", id, gone.At)}
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
