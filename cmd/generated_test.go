package cmd

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// handWritten are the files of man/ that nothing generates.
var handWritten = []string{
	"../man/keyreeve.7", "../man/keyreeve-schema.5", "../man/keyreeve-layout.5",
	"../man/keyreeve-proxbox.7", "../man/keyreeve-proxyos.7", "../man/keyreeve-rotation.7", "../man/keyreeve-zoneweaver.7",
}

// TestGenerated holds the committed completions and man pages to the command
// tree. With -update it writes them; main.go has the go:generate line.
func TestGenerated(t *testing.T) {
	files := generated(t)
	if updating() {
		write(t, files)
	}
	for path, want := range files {
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("%s is not what the command tree makes: run go generate", path)
		}
	}
	for _, path := range committed(t) {
		if _, made := files[path]; !made && !slices.Contains(handWritten, path) {
			t.Errorf("%s belongs to nothing: remove it", path)
		}
	}
}

// updating reads the flag that the external tests of this binary declare.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

func write(t *testing.T, files map[string]string) {
	for path, text := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func committed(t *testing.T) []string {
	var found []string
	for _, pattern := range []string{"../completions/*", "../man/*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			found = append(found, filepath.ToSlash(path))
		}
	}
	return found
}

// plainRoot is the command tree without anything of this machine.
func plainRoot() *cobra.Command {
	root := newRoot(newGlobals(&Env{Getenv: func(string) string { return "" }, Out: io.Discard, Err: io.Discard}))
	root.InitDefaultHelpCmd()
	for _, c := range append(below(root), root) {
		c.InitDefaultHelpFlag()
	}
	return root
}

// generated returns every generated file by its path.
func generated(t *testing.T) map[string]string {
	root, files := plainRoot(), map[string]string{}
	for _, s := range shells {
		var b bytes.Buffer
		if err := s.generate(root, &b); err != nil {
			t.Fatal(err)
		}
		files["../completions/keyreeve."+s.ext] = b.String()
	}
	files["../man/keyreeve.1"] = rootPage(root)
	for _, c := range below(root) {
		if c.IsAdditionalHelpTopicCommand() {
			files["../man/"+pageOf(c)+".7"] = topicPage(c)
		} else if !c.Hidden {
			files["../man/"+pageOf(c)+".1"] = commandPage(c)
		}
	}
	return files
}

var overviews = []string{"keyreeve(7)", "keyreeve-exit-codes(7)", "keyreeve-formats(7)", "keyreeve-environment(7)"}

// pageOf names the page of a command, such as keyreeve-lockout-clear.
func pageOf(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

func commandPage(c *cobra.Command) string {
	m := newManual(pageOf(c), "1", c.Short)
	m.synopsis(c)
	m.section("DESCRIPTION")
	m.prose(longOf(c))
	if c.HasSubCommands() {
		m.section("COMMANDS")
		m.commands(c.Commands())
	}
	m.options("OPTIONS", c.NonInheritedFlags())
	m.options(quoted("OPTIONS OF EVERY COMMAND"), c.InheritedFlags())
	m.section("EXAMPLES")
	m.example(c.Example)
	m.section(quoted("EXIT STATUS"))
	m.line("0 if it was done.\n.BR keyreeve\\-exit\\-codes (7)\nlists the other codes.")
	m.seeAlso(append(relatives(c), overviews...)...)
	return m.String()
}

// commands lists those that have a page.
func (m *manual) commands(list []*cobra.Command) {
	for _, c := range list {
		if !c.Hidden && !c.IsAdditionalHelpTopicCommand() {
			m.item(bold(pageOf(c))+"(1)", roff(c.Short))
		}
	}
}

// relatives are the pages of the commands that c belongs to, and that it holds.
func relatives(c *cobra.Command) []string {
	var pages []string
	c.VisitParents(func(p *cobra.Command) { pages = append([]string{pageOf(p) + "(1)"}, pages...) })
	for _, sub := range c.Commands() {
		pages = append(pages, pageOf(sub)+"(1)")
	}
	return pages
}

func longOf(c *cobra.Command) string {
	if c.Long != "" {
		return c.Long
	}
	return c.Short + "."
}

func topicPage(c *cobra.Command) string {
	m := newManual("keyreeve-"+c.Name(), "7", c.Short)
	m.section("DESCRIPTION")
	m.prose(textOf(c))
	var others []string
	for _, page := range append([]string{"keyreeve(1)"}, overviews...) {
		if !strings.HasPrefix(page, "keyreeve-"+c.Name()+"(") {
			others = append(others, page)
		}
	}
	m.seeAlso(others...)
	return m.String()
}

func rootPage(root *cobra.Command) string {
	m := newManual("keyreeve", "1", root.Short)
	m.synopsis(root)
	m.section("DESCRIPTION")
	m.prose(root.Long)
	m.section("COMMANDS")
	for _, group := range root.Groups() {
		m.line(".SS %s", roff(strings.TrimSuffix(group.Title, ":")))
		m.commands(slices.DeleteFunc(slices.Clone(root.Commands()), func(c *cobra.Command) bool { return c.GroupID != group.ID }))
	}
	m.options("OPTIONS", root.PersistentFlags())
	m.section("EXAMPLES")
	m.example(root.Example)
	m.section(quoted("EXIT STATUS"))
	for _, e := range exits {
		m.item(bold(strconv.Itoa(e.code)), roff(e.word+": "+e.when))
	}
	m.seeAlso(append(slices.Clone(overviews), "keyreeve-schema(5)")...)
	return m.String()
}
