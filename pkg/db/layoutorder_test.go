package db

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Of several mistakes on one line the same has to be said each time.
func TestLayoutFileSaysTheSameAgain(t *testing.T) {
	for _, text := range []string{
		"layout: x\ntable: t\n",
		strings.Replace(clubYAML, "columns: [shoe], without: [hat], beside: [room]", "columns: [''], without: [''], beside: ['']", 1),
		strings.Replace(clubYAML, "says: small letters, published: at the door", `says: "a\tb", published: "a\tb"`, 1),
		strings.Replace(clubYAML, "role: boss, scopes: [cellar], label: first", "label: ''", 1),
	} {
		_, first := ParseLayout("x.yaml", []byte(text))
		for range 50 {
			if _, err := ParseLayout("x.yaml", []byte(text)); err == nil || err.Error() != first.Error() {
				t.Fatalf("%v, and then %v", first, err)
			}
		}
	}
}

// One byte more than the bound tells that a file is too large.
func TestReadTextStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := readText(path, 20); err != nil || len(text) != 21 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
