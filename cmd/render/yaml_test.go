package render_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// awkward are texts that YAML could take for something else.
var awkward = []string{
	"plain", "two words", "true", "No", "null", "~", "1e3", "0x1f", "0o7", "1_000", ".inf", "12:30:45", "2027-01-31",
	" lead", "trail ", "- item", "a: b", "a #b", "#c", "*x", "&x", "!x", "%x", "@x", "`x", "{}", "[]", "a,b", "'q'", `"q"`, `\n`,
	"line\nline\n", "\r\n x", "\n", "\t", "\x1b[31m", "\u0085\u2028\ufeff\u202e", "日本語", "😀", "\U000e0001", "=", "<<", "?", "|", "y", "e5", "---",
}

func TestYAMLSaysWhatJSONSays(t *testing.T) {
	for _, text := range awkward {
		sameInYAML(t, text)
	}
}

func FuzzYAML(f *testing.F) {
	for _, text := range awkward {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if utf8.ValidString(text) && !strings.ContainsRune(text, 0) {
			sameInYAML(t, text)
		}
	})
}

// sameInYAML compares what independent readers make of the two formats.
func sameInYAML(t *testing.T, text string) {
	t.Helper()
	k := keys.Key{ID: "k1", Label: text, Scopes: []string{text, "x"}, Metadata: map[string]string{"name": text}}
	extra := []render.Pair{{Name: "nested", Value: []render.Pair{{Name: "deep", Value: text}, {Name: "none", Value: []render.Pair{}}}}}
	var fromYAML, fromJSON map[string]any
	if err := yaml.Unmarshal([]byte(detail(t, options(render.YAML), k, extra...)), &fromYAML); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if err := json.Unmarshal([]byte(detail(t, options(render.JSON), k, extra...)), &fromJSON); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if !reflect.DeepEqual(fromYAML, fromJSON) {
		t.Errorf("%q: YAML has %v, JSON %v", text, fromYAML, fromJSON)
	}
}

func TestYAMLList(t *testing.T) {
	var fromYAML, fromJSON []map[string]any
	if err := yaml.Unmarshal([]byte(list(t, options(render.YAML), samples())), &fromYAML); err != nil {
		t.Fatal(err)
	}
	decode(t, list(t, options(render.JSON), samples()), &fromJSON)
	if !reflect.DeepEqual(fromYAML, fromJSON) {
		t.Errorf("YAML has %v, JSON %v", fromYAML, fromJSON)
	}
}
