package cmd

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/keyreeve/keyreeve"

// arrows are the imports that packages may have among each other.
var arrows = map[string][]string{
	".":                 {"cmd"},
	"cmd":               {"cmd/render", "pkg/db", "pkg/keys"},
	"cmd/render":        {"pkg/keys"},
	"pkg/db":            {"pkg/keys"},
	"pkg/keys":          {},
	"pkg/keys/keyhttp":  {"pkg/keys"},
	"pkg/keys/keystest": {"pkg/keys"},
}

// only lists packages that few files may import, by a prefix of their path.
var only = map[string][]string{
	module + "/pkg/db":                {"cmd/store.go"},
	"github.com/olekukonko/":          {"cmd/render/"},
	"github.com/fatih/color":          {"cmd/render/"},
	"modernc.org/sqlite":              {"pkg/db/"},
	"database/sql":                    {"pkg/db/"},
	"net/http":                        {"pkg/keys/keyhttp/"},
	"crypto/rand":                     {"cmd/env.go"},
	"math/rand":                       {"pkg/keys/keystest/"},
	"github.com/spf13/":               {"cmd/"},
	"testing":                         {"pkg/keys/keystest/"},
	"github.com/google/go-cmp":        {"pkg/keys/keystest/"},
	"github.com/rogpeppe/go-internal": {},
}

// TestImportsPointOneWay looks at the files for every system, not just this one.
func TestImportsPointOneWay(t *testing.T) {
	files := 0
	for file, imports := range productImports(t) {
		files++
		allowed, known := arrows[path.Dir(file)]
		if !known {
			t.Errorf("%s is in a folder that the design does not name", file)
		}
		for _, name := range imports {
			if ours, ok := strings.CutPrefix(name, module+"/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s", file, ours)
			}
			for prefix, places := range only {
				if strings.HasPrefix(name, prefix) && !slices.ContainsFunc(places, func(p string) bool { return strings.HasPrefix(file, p) }) {
					t.Errorf("%s imports %s, which is for %v", file, name, places)
				}
			}
		}
	}
	if files < 50 {
		t.Errorf("only %d files were looked at", files)
	}
}

// TestDomainIsLight holds what servers import to what they would expect of it,
// however long the way there.
func TestDomainIsLight(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"/pkg/keys").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, "crypto/sha256") {
		t.Fatalf("go list does not tell what pkg/keys needs: %s", out)
	}
	for _, dep := range deps {
		if dep == "database/sql" || dep == "net/http" || dep == "os/exec" || strings.HasPrefix(dep, "modernc.org/") ||
			strings.HasPrefix(dep, module) && dep != module+"/pkg/keys" {
			t.Errorf("pkg/keys depends on %s", dep)
		}
	}
}

// productImports returns what each file imports that is no test, by its path in
// the module.
func productImports(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		switch base := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && len(base) > 2 && strings.HasPrefix(base, "."):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		file := strings.TrimPrefix(filepath.ToSlash(name), "../")
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			all[file] = append(all[file], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
