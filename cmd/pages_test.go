package cmd

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// TestManPagesRender looks for warnings and for lines that no terminal of 80
// columns shows whole.
func TestManPagesRender(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not installed: the man pages are not rendered")
	}
	for _, path := range committed(t) {
		if !strings.HasPrefix(path, "../man/") {
			continue
		}
		var out, said bytes.Buffer
		c := exec.Command(groff, "-man", "-Tutf8", "-ww", "-P-cbou", path)
		c.Stdout, c.Stderr = &out, &said
		if err := c.Run(); err != nil || said.Len() > 0 {
			t.Errorf("groff %s: %v\n%s", path, err, said.String())
		}
		for _, line := range strings.Split(out.String(), "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("%s: longer than 80 columns: %s", path, line)
			}
		}
	}
}

// TestHelpFitsTerminal holds every help text to 80 columns.
func TestHelpFitsTerminal(t *testing.T) {
	root := plainRoot()
	for _, c := range append(below(root), root) {
		var out bytes.Buffer
		c.SetOut(&out)
		if err := c.Help(); err != nil {
			t.Fatal(err)
		}
		if text := out.String(); text == "" || text != strings.TrimSpace(text)+"\n" {
			t.Errorf("help %s: empty, or with blank lines around it: %q", c.CommandPath(), text)
		}
		for _, line := range strings.Split(out.String(), "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("help %s: longer than 80 columns: %s", c.CommandPath(), line)
			}
		}
	}
}
