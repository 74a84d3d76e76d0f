package render

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Document writes an answer of a fixed shape: lines for people, one object in
// JSON and YAML, a header and a row in CSV with dotted names for nested parts.
// The formats id and name give the keys in it; where the answer has no place for
// a key, not even an empty one, they are a [keys.Error] of ReasonInvalid.
func Document(out io.Writer, o Options, doc []Pair) error {
	switch o.Format {
	case JSON, JSONL, YAML:
		s := newSingle(out, o.Format)
		s.item(func(t *tree) { t.pairs(&o, doc) })
		return s.flush()
	case CSV:
		header, row := o.flatten("", doc)
		return writeCSV(out, &o, header, [][]string{row})
	case ID, Name:
		return o.documentNames(out, doc)
	}
	return o.report(out, doc)
}

// report writes the lists of an answer as tables below everything else.
func (o *Options) report(out io.Writer, doc []Pair) error {
	err := writeLines(out, o.pairLines(slices.DeleteFunc(slices.Clone(doc), isList)))
	for _, p := range doc {
		if err != nil || !isList(p) {
			continue
		}
		var b bytes.Buffer
		switch list := p.Value.(type) {
		case Records:
			err = o.recordTable(&b, &list)
		case Findings:
			b.WriteString(o.findingText(list))
		case []keys.Key:
			pages := NewKeyList(&b, *o)
			_ = pages.Page(list) // a buffer takes everything
			err = pages.Close()
		}
		if err == nil && b.Len() > 0 {
			_, err = out.Write(append([]byte{'\n'}, b.Bytes()...))
		}
	}
	return err
}

func isList(p Pair) bool {
	switch p.Value.(type) {
	case Records, Findings, []keys.Key:
		return true
	}
	return false
}

func (o *Options) documentNames(out io.Writer, doc []Pair) error {
	place := false
	var names strings.Builder
	for _, p := range doc {
		k, ok := p.Value.(*keys.Key)
		place = place || ok
		if k != nil {
			names.WriteString(o.nameLine(k))
		}
	}
	if !place {
		return keys.Errorf(keys.ReasonInvalid, "output format %s is for keys, and this answer names none", o.Format)
	}
	_, err := io.WriteString(out, names.String())
	return err
}
