package db

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// configured returns the path that the server's configuration says, "" if there is
// none or it does not say.
func (f *finder) configured(c *ConfigFile) (string, error) {
	if c == nil {
		return "", nil
	}
	paths, named := c.Paths, false
	if c.Variable != "" {
		if path := f.getenv(c.Variable); path != "" {
			paths, named = []string{path}, true
		}
	}
	for _, path := range paths {
		text, err := readText(path, maxConfig)
		if errors.Is(err, fs.ErrNotExist) && !named {
			continue
		}
		if err != nil {
			return "", keys.Errorf(keys.ReasonUnreadable, "%s", fileError(err, path, "reading the server's configuration").Message).OnPath(path).Because(err)
		}
		return c.database(path, text)
	}
	return "", nil
}

// database returns the path that the text of the configuration at path says.
func (c *ConfigFile) database(path string, text []byte) (string, error) {
	root, problem := document(text, maxConfig)
	if problem != nil {
		return "", keys.Errorf(keys.ReasonUnreadable, "%s:%d: %s", path, problem.line, problem.says).OnPath(path)
	}
	if inner := member(root, c.Wrapper); c.Wrapper != "" && inner != nil {
		root = inner
	}
	value := root
	for _, name := range strings.Split(c.Key, ".") {
		if value = member(value, name); value == nil { // also in an empty file
			return "", nil
		}
	}
	said, ok := textOf(value)
	if !ok || !filepath.IsAbs(said) {
		return "", keys.Errorf(keys.ReasonUnreadable, "%s:%d: %s is not a path from the root, so nobody knows where the server keeps its database", path, lineOf(value), c.Key).OnPath(path)
	}
	return filepath.Join(said, c.File), nil
}

// member returns the value of a name in a mapping, nil if there is none.
func member(n ast.Node, name string) ast.Node {
	entries, _ := mapping(n)
	for _, e := range entries {
		if key, ok := e.Key.(*ast.StringNode); ok && key.Value == name {
			return e.Value
		}
	}
	return nil
}
