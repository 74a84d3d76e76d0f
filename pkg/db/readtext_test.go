package db

import (
	"os"
	"path/filepath"
	"testing"
)

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
