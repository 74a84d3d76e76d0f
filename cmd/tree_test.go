package cmd

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// treeEnv is an environment without any variables, files or terminals.
func treeEnv(out io.Writer, getenv func(string) string) *Env {
	return &Env{
		In: strings.NewReader(""), Out: out, Err: out, Getenv: getenv,
		Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }, Rand: bytes.NewReader(nil),
		Actor:   func() keys.Actor { return keys.Actor{User: "tester"} },
		Signals: func(ctx context.Context) context.Context { return ctx },
		Width:   func() int { return 80 },
	}
}

func noVariables(string) string { return "" }

// wholeTree returns every command, the root first.
func wholeTree(t *testing.T) []*cobra.Command {
	t.Helper()
	root := newRoot(newGlobals(treeEnv(io.Discard, noVariables)))
	root.InitDefaultHelpCmd()
	all := append([]*cobra.Command{root}, below(root)...)
	if len(all) < 15 {
		t.Fatalf("the tree has only %d commands", len(all))
	}
	return all
}

func TestCommandsAreDescribed(t *testing.T) {
	for _, c := range wholeTree(t) {
		if first := []rune(c.Short + " ")[0]; !unicode.IsUpper(first) || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short text %q does not begin with a capital and end without a full stop", c.Name(), c.Short)
		}
		if topic := c.IsAdditionalHelpTopicCommand(); !topic && c.Args == nil {
			t.Errorf("%s does not say which arguments it takes", c.Name())
		} else if topic != (c.Example == "") {
			t.Errorf("%s: examples %q: every command has some, no topic has any", c.Name(), c.Example)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || unicode.IsUpper([]rune(f.Usage)[0]) || strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%s --%s: usage %q is no phrase", c.Name(), f.Name, f.Usage)
			}
		})
	}
}

// TestExamplesParse types every line of every example into a tree of its own.
func TestExamplesParse(t *testing.T) {
	call := regexp.MustCompile(`^(?:.*(?:\||<\()\s*)?(keyreeve .*)$`)
	for _, c := range wholeTree(t) {
		for _, line := range strings.Split(c.Example, "\n") {
			if c.Example == "" {
				continue
			}
			found := call.FindStringSubmatch(strings.TrimSpace(line))
			if found == nil {
				t.Errorf("%s: example %q is no use of keyreeve", c.Name(), line)
				continue
			}
			typed(t, c.Name(), found[1])
		}
	}
}

// typed parses a command line up to its first redirection or pipe.
func typed(t *testing.T, where, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " |")
	line, _, _ = strings.Cut(line, " <")
	line, _, _ = strings.Cut(line, " >")
	words := shellWords(strings.TrimSuffix(line, ")"))
	root := newRoot(newGlobals(treeEnv(io.Discard, noVariables)))
	root.InitDefaultHelpCmd()
	c, rest, err := root.Find(words[1:])
	if err == nil {
		c.InitDefaultHelpFlag()
		err = c.ParseFlags(rest)
	}
	if err == nil && !slices.Contains(rest, "--help") {
		err = c.ValidateArgs(c.Flags().Args())
	}
	if err != nil || c == root && len(words) > 1 && !strings.HasPrefix(words[1], "-") {
		t.Errorf("%s: %q cannot be typed: %v", where, line, err)
	}
}

// shellWords splits at spaces outside of quotes.
func shellWords(line string) []string {
	var words []string
	for _, w := range regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`).FindAllString(line, -1) {
		words = append(words, strings.NewReplacer("'", "", `"`, "").Replace(w))
	}
	return words
}

// fileFlags are the flags whose values are names of files.
var fileFlags = []string{"db", "key-file", "old-key-file", "out", "out-dir", "env-file", "audit-log", "secret-file", "secret-env-file"}

// fileVerbs are the commands whose argument is the name of a file.
var fileVerbs = []string{"backup", "restore"}

// TestNoAccidentalFileNames asks for the completion of every argument and value.
func TestNoAccidentalFileNames(t *testing.T) {
	for _, c := range wholeTree(t) {
		path := strings.Fields(c.CommandPath())[1:]
		if files := offersFiles(t, append(path, "")...); files != slices.Contains(fileVerbs, c.Name()) {
			t.Errorf("%s completes names of files as arguments: %v", c.CommandPath(), files)
		}
		c.Flags().AddFlagSet(c.InheritedFlags())
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.NoOptDefVal != "" {
				return
			}
			if files := offersFiles(t, append(slices.Clone(path), "--"+f.Name, "")...); files != slices.Contains(fileFlags, f.Name) {
				t.Errorf("%s --%s: completes names of files: %v", c.CommandPath(), f.Name, files)
			}
		})
	}
}

func offersFiles(t *testing.T, words ...string) bool {
	t.Helper()
	var out bytes.Buffer
	env := treeEnv(&out, noVariables)
	env.Err = io.Discard
	if code := Run(t.Context(), env, append([]string{cobra.ShellCompRequestCmd}, words...)); code != 0 {
		t.Errorf("completing %q ends with %d", words, code)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	directive, err := strconv.Atoi(strings.TrimPrefix(lines[len(lines)-1], ":"))
	if err != nil {
		t.Errorf("completing %q: %v", words, err)
	}
	return cobra.ShellCompDirective(directive)&cobra.ShellCompDirectiveNoFileComp == 0
}

// TestVerbsAloneAreThemselves builds each command as its own command line does, where
// the others are left out, and holds it to the one of the whole tree.
func TestVerbsAloneAreThemselves(t *testing.T) {
	for _, v := range verbs() {
		told := func(args ...string) string {
			var out bytes.Buffer
			env := treeEnv(&out, noVariables)
			if code := Run(t.Context(), env, args); code != 0 {
				t.Errorf("%v: exit code %d", args, code)
			}
			return out.String()
		}
		if alone, whole := told(v.name, "--help"), told("help", v.name); alone != whole || !strings.Contains(alone, "keyreeve "+v.name) {
			t.Errorf("%s: its help by itself and in the whole tree differ:\n%s\n%s", v.name, alone, whole)
		}
		g := newGlobals(treeEnv(io.Discard, noVariables))
		g.args = []string{v.name}
		if n := len(newRoot(g).Commands()); n > 2 {
			t.Errorf("%s: %d commands are built, not it and help alone", v.name, n)
		}
	}
}
