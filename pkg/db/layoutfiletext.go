package db

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// document returns the root of a file of one document, nil if it is empty, or what
// is wrong with it.
func document(text []byte, most int) (ast.Node, *fault) {
	if len(text) > most {
		return nil, &fault{1, fmt.Sprintf("the file is too large: at most %d bytes are read", most)}
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, syntax(err)
	}
	var docs []*ast.DocumentNode
	for _, d := range file.Docs {
		if d.Body != nil {
			docs = append(docs, d)
		}
	}
	switch len(docs) {
	case 0:
		return nil, nil
	case 1:
		return docs[0].Body, nil
	}
	return nil, &fault{lineOf(docs[1].Body), "a second document begins: a file has one"}
}

// syntax tells where and why a text is not YAML.
func syntax(err error) *fault {
	var at interface {
		error
		GetToken() *token.Token
		GetMessage() string
	}
	if !errors.As(err, &at) || at.GetToken() == nil {
		return &fault{1, "the file is not YAML"}
	}
	return &fault{at.GetToken().Position.Line, "the file is not YAML: " + brief(at.GetMessage())}
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

// mapping returns the entries of a mapping.
func mapping(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// inOrder gives the entries by name: of several mistakes on one line, a file has to
// give the same each time.
func inOrder[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}
