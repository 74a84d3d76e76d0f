package keys_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestValidateMetadata(t *testing.T) {
	many := func(n int) map[string]string {
		m := map[string]string{}
		for i := range n {
			m[fmt.Sprintf("name.%d", i)] = "value"
		}
		return m
	}
	for _, m := range []map[string]string{nil, {}, many(32), {"A-z_0.9": ""}, {strings.Repeat("n", 64): strings.Repeat("é", 512)}} {
		if err := keys.ValidateMetadata(m); err != nil {
			t.Error(err)
		}
	}
	for _, test := range []struct {
		m    map[string]string
		word string
	}{
		{many(33), "33 entries: at most 32"},
		{map[string]string{"": "v"}, "metadata name"},
		{map[string]string{"a b": "v"}, "space at character 2"},
		{map[string]string{"a=b": "v"}, "'=' at character 2"},
		{map[string]string{"é": "v"}, "metadata name"},
		{map[string]string{strings.Repeat("n", 65): "v"}, "65 characters"},
		{map[string]string{"ok": "v", "url": "a\x07"}, "metadata url"},
		{map[string]string{"b": "\n", "a": "\n", "c": "\n"}, "metadata a "},
	} {
		checkRefusal(t, keys.ValidateMetadata(test.m), test.word)
	}
}
