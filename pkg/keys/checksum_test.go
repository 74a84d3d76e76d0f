package keys_test

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The values were computed with Python's zlib.crc32 and a base62 written there.
func TestChecksumVectors(t *testing.T) {
	for body, want := range map[string]string{
		"":          "000000",
		"hello":     "0zNvy2",
		"123456789": "3jZRME",
		"pad51":     "00P420",

		strings.Repeat("A", 51): "4R0Jx1",
		strings.Repeat("0", 51): "4JpPzG",
	} {
		if got := keys.Checksum(body); got != want {
			t.Errorf("Checksum(%q) = %q, want %q", body, got, want)
		}
	}
}
