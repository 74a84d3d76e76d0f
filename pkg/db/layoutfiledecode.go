package db

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// placed is what is known of a YAML file besides its values: where each stands,
// and what is wrong.
type placed struct {
	file   string
	lines  map[string]int // by path, such as "columns.id.as"
	faults []fault
}

type fault struct {
	line int
	says string
}

// wrong notes a mistake at the value with this path or, where the file has none,
// at the nearest one around it.
func (p *placed) wrong(path, format string, args ...any) {
	p.faults = append(p.faults, fault{p.line(path), keys.PrintableText(fmt.Sprintf(format, args...))})
}

func (p *placed) line(path string) int {
	for path != "" {
		if line, ok := p.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return 1
}

// given tells whether the file has a value at this path.
func (p *placed) given(path string) bool { return p.lines[path] > 0 }

// read fills the struct that into points to. It is strict, as the decoder of the
// YAML package is not: that one takes numbers for text, and names neither what is
// allowed nor the line of a value that decodes but is wrong.
func (p *placed) read(text []byte, into any) {
	root, err := document(text, maxLayoutFile)
	switch {
	case err != nil:
		p.faults = append(p.faults, *err)
		return
	case root == nil:
		p.wrong("", "the file is empty")
		return
	}
	p.value("", root, reflect.ValueOf(into).Elem())
}

// value decodes one node.
func (p *placed) value(path string, n ast.Node, into reflect.Value) {
	if path != "" && !p.given(path) { // a mapping stands where its name does
		p.lines[path] = lineOf(n)
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		p.value(path, n, into.Elem())
	case reflect.Struct:
		p.each(path, n, func(path, name string, n ast.Node) { p.member(path, name, n, into) })
	case reflect.Map:
		into.Set(reflect.MakeMap(into.Type()))
		p.each(path, n, func(path, name string, n ast.Node) {
			v := reflect.New(into.Type().Elem()).Elem()
			p.value(path, n, v)
			into.SetMapIndex(reflect.ValueOf(name), v)
		})
	case reflect.Slice:
		p.list(path, n, into)
	default:
		p.scalar(path, n, into)
	}
}

// member decodes one field of a struct.
func (p *placed) member(path, name string, n ast.Node, into reflect.Value) {
	known := map[string]int{}
	for i := range into.NumField() {
		known[yamlName(into.Type().Field(i))] = i
	}
	i, ok := known[name]
	if !ok {
		p.wrong(path, "there is no %q here: known are %s", brief(name), strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		return
	}
	p.value(path, n, into.Field(i))
}

func yamlName(f reflect.StructField) string {
	if name := f.Tag.Get("yaml"); name != "" {
		return name
	}
	return strings.ToLower(f.Name)
}

// each gives the entries of a mapping to entry.
func (p *placed) each(path string, n ast.Node, entry func(path, name string, n ast.Node)) {
	entries, ok := mapping(n)
	if !ok {
		p.mistyped(path, n, "a mapping of names to values")
		return
	}
	for _, e := range entries {
		key, ok := e.Key.(*ast.StringNode)
		if !ok {
			p.faults = append(p.faults, fault{lineOf(e.Key), "a name is needed: put what looks like something else in quotes"})
			continue
		}
		inner := strings.TrimPrefix(path+"."+key.Value, ".")
		if p.given(inner) {
			p.faults = append(p.faults, fault{lineOf(e.Key), fmt.Sprintf("%s is here twice", brief(inner))})
			continue
		}
		p.lines[inner] = lineOf(e.Key)
		entry(inner, key.Value, e.Value)
	}
}

func (p *placed) list(path string, n ast.Node, into reflect.Value) {
	sequence, ok := n.(*ast.SequenceNode)
	if !ok {
		p.mistyped(path, n, "a list such as [one, two]")
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(sequence.Values), len(sequence.Values)))
	for i, v := range sequence.Values {
		p.value(fmt.Sprintf("%s.%d", path, i), v, into.Index(i))
	}
}

// mistyped notes that a value is of another type than is needed.
func (p *placed) mistyped(path string, n ast.Node, needed string) {
	name := brief(path)
	if name == "" {
		name = "the file"
	}
	p.faults = append(p.faults, fault{lineOf(n), fmt.Sprintf("%s is %s: %s is needed", name, kindOfNode(n), needed)})
}
