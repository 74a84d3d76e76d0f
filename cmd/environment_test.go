package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// surroundings are the variables of others that the program heeds, as the help
// topic says. Of SUDO_USER only the audit takes note.
var surroundings = []string{"HOME", "NO_COLOR", "SUDO_USER", "TERM", "XDG_DATA_HOME", "XDG_STATE_HOME"}

// designed are the variables of our own that the design names.
var designed = []string{
	"KEYREEVE_AUDIT_LOG", "KEYREEVE_COLOR", "KEYREEVE_DB", "KEYREEVE_LAYOUT",
	"KEYREEVE_OUTPUT", "KEYREEVE_SECRET_FILE", "KEYREEVE_TIMEOUT",
}

// TestEnvironmentIsClosed records what commands read.
func TestEnvironmentIsClosed(t *testing.T) {
	read := map[string]bool{}
	getenv := func(name string) string {
		read[name] = true
		return ""
	}
	for _, c := range wholeTree(t)[1:] {
		for _, args := range [][]string{{c.Name()}, {c.Name(), "some-key"}, {c.Name(), "--dry-run"}, {"__complete", c.Name(), ""}} {
			env := treeEnv(io.Discard, getenv)
			env.OutTTY, env.ErrTTY = true, true
			Run(t.Context(), env, args)
		}
	}
	for _, needed := range []string{"KEYREEVE_DB", "NO_COLOR", "XDG_DATA_HOME"} {
		if !read[needed] {
			t.Errorf("%s was not read", needed)
		}
	}
	for name := range read {
		if !slices.Contains(surroundings, name) && !slices.Contains(designed, name) {
			t.Errorf("%s is read", name)
		}
	}
}

// TestEnvironmentHasOneDoor looks for other ways to the process's surroundings
// than Env, and for variables that no test happens to read.
func TestEnvironmentHasOneDoor(t *testing.T) {
	doors := map[string]string{
		"Getenv": "cmd/env.go", "LookupEnv": "", "Environ": "", "ExpandEnv": "", "Exit": "main.go",
		"Stdin": "cmd/env.go", "Stdout": "cmd/env.go", "Stderr": "cmd/env.go",
	}
	for file := range productImports(t) {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				pkg, _ := n.X.(*ast.Ident)
				if door, guarded := doors[n.Sel.Name]; guarded && pkg != nil && pkg.Name == "os" && file != door {
					t.Errorf("%s uses os.%s", file, n.Sel.Name)
				}
			case *ast.CallExpr:
				if name := variable(n); name != "" && !slices.Contains(surroundings, name) {
					t.Errorf("%s reads %s", file, name)
				}
			}
			return true
		})
	}
}

// variable returns the name in a call like g.Getenv("NAME").
func variable(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Getenv" || len(call.Args) != 1 {
		return ""
	}
	text, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return ""
	}
	name, _ := strconv.Unquote(text.Value)
	return name
}
