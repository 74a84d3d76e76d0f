package db

import (
	"math"
	"reflect"

	"github.com/goccy/go-yaml/ast"
)

// scalar decodes a text, a number, true or false, or for a constant any of these.
func (p *placed) scalar(path string, n ast.Node, into reflect.Value) {
	switch into.Kind() {
	case reflect.String:
		if s, ok := textOf(n); ok {
			into.SetString(s)
			return
		}
		p.mistyped(path, n, "text, in quotes where it looks like something else,")
	case reflect.Int:
		if i, ok := integerOf(n); ok {
			into.SetInt(i)
			return
		}
		p.mistyped(path, n, "a whole number")
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			into.SetBool(b.Value)
			return
		}
		p.mistyped(path, n, "true or false")
	default:
		p.constant(path, n, into)
	}
}

// constant decodes what a column can hold. SQLite has no booleans.
func (p *placed) constant(path string, n ast.Node, into reflect.Value) {
	if _, null := n.(*ast.NullNode); null {
		return
	}
	if s, ok := textOf(n); ok {
		into.Set(reflect.ValueOf(s))
	} else if i, ok := integerOf(n); ok {
		into.Set(reflect.ValueOf(i))
	} else if f, ok := n.(*ast.FloatNode); ok {
		into.Set(reflect.ValueOf(f.Value))
	} else {
		p.mistyped(path, n, "text, a number or null")
	}
}

func textOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

func integerOf(n ast.Node) (int64, bool) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	switch v := i.Value.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(v), v <= math.MaxInt64
	}
	return 0, false
}

// kindOfNode names what a value is. Anchors, aliases and tags are for texts that
// programs write: nobody needs them to describe one table.
func kindOfNode(n ast.Node) string {
	switch n.(type) {
	case *ast.NullNode:
		return "left empty"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		return "an anchor, alias or tag, which layouts do not have"
	}
	return "something else"
}
