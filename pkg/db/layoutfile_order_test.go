package db

import (
	"strings"
	"testing"
)

// Of several mistakes the same one is told each time.
func TestMistakesAreToldInOneOrder(t *testing.T) {
	for what, text := range map[string]string{
		"head":       "layout: some\ntable: keys\n",
		"finding":    "layout: some\ntitle: T\nserver: S\ntable: keys\nrecognise: {columns: [a, a], without: [b, b], tables: [c, c]}\n",
		"vocabulary": "layout: some\ntitle: T\nserver: S\ntable: keys\nroles: {words: [a, a]}\n",
		"label":      "layout: some\ntitle: T\nserver: S\ntable: keys\nlabel: {says: \"a\\nb\", published: \"a\\nb\"}\n",
		"bootstrap":  strings.NewReplacer(", role: boss", "", ", label: first", "").Replace(clubYAML),
	} {
		_, first := ParseLayout("x.yaml", []byte(text))
		for range 40 {
			if _, err := ParseLayout("x.yaml", []byte(text)); err == nil || err.Error() != first.Error() {
				t.Errorf("%s: %v, and then %v", what, first, err)
				break
			}
		}
	}
}
