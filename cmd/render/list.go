package render

import (
	"bufio"
	"encoding/csv"
	"io"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// KeyList writes any number of keys, page by page. Memory does not grow with
// them, except for tables, whose columns are as wide as their widest text.
//
// A list without keys is [] in JSON and YAML, the header in CSV, and nothing at
// all in the other formats: a header over nothing helps nobody.
type KeyList struct {
	pages
	// Damaged counts the keys with values that could not be read, and FirstDamaged
	// is the id of the first of them that has one: not every format shows it.
	Damaged      int
	FirstDamaged string
}

// pages is one way to write a list of keys. A page may be reused after the call.
type pages interface {
	Page(page []keys.Key) error
	Close() error
}

// NewKeyList starts a list on out. Nothing is written before the first page.
func NewKeyList(out io.Writer, o Options) *KeyList {
	switch o.Format {
	case JSON, JSONL, YAML:
		return &KeyList{pages: &objectPages{o, o.columns(keys.ShownFields()), newSequence(out, o.Format)}}
	case CSV:
		return &KeyList{pages: newCSVPages(out, o)}
	case ID, Name:
		return &KeyList{pages: &namePages{o, sink{out: out}}}
	}
	return &KeyList{pages: &tablePages{o: o, out: out, fields: o.tableFields()}}
}

// Page writes one page of keys, or keeps it for the table.
func (l *KeyList) Page(page []keys.Key) error {
	for i := range page {
		if len(page[i].Damage) > 0 {
			l.Damaged++
			if l.FirstDamaged == "" && page[i].Identified() {
				l.FirstDamaged = page[i].ID
			}
		}
	}
	return l.pages.Page(page)
}

// Close ends the list. Until then a table has written nothing.
func (l *KeyList) Close() error { return l.pages.Close() }

type objectPages struct {
	o      Options
	fields []keys.Field
	seq    *sequence
}

func (p *objectPages) Page(page []keys.Key) error {
	for i := range page {
		p.seq.item(func(t *tree) { t.keyObject(&p.o, p.fields, &page[i], nil) })
	}
	return p.seq.flush()
}

func (p *objectPages) Close() error { return p.seq.close() }

type namePages struct {
	o    Options
	sink sink
}

func (p *namePages) Page(page []keys.Key) error {
	for i := range page {
		if name := p.o.nameOf(&page[i]); name != "" {
			p.sink.b = append(append(p.sink.b, name...), '\n')
			p.sink.relieve()
		}
	}
	return p.sink.flush()
}

func (p *namePages) Close() error { return p.sink.flush() }

// nameOf returns the line for a key in the formats id and name, "" where it has no
// name of its own. A line end inside would be taken for another key.
func (o *Options) nameOf(k *keys.Key) string {
	if o.Format == Name && k.Label != "" {
		return keys.PrintableText(k.Label)
	}
	if !k.Identified() {
		return ""
	}
	return keys.PrintableText(k.ID)
}

// nameLine is nameOf as a line, nothing where there is no name.
func (o *Options) nameLine(k *keys.Key) string {
	if name := o.nameOf(k); name != "" {
		return name + "\n"
	}
	return ""
}

type csvPages struct {
	o      Options
	fields []keys.Field
	w      *csv.Writer
	header bool // is due
}

func newCSVPages(out io.Writer, o Options) *csvPages {
	w := csv.NewWriter(bufio.NewWriterSize(out, full))
	return &csvPages{o, o.columns(keys.ShownFields()), w, !o.NoHeaders}
}

func (p *csvPages) Page(page []keys.Key) error {
	p.head()
	row := make([]string, len(p.fields))
	for i := range page {
		for j, f := range p.fields {
			row[j] = p.o.csvCell(f, &page[i])
		}
		_ = p.w.Write(row) // Flush tells
	}
	p.w.Flush()
	return p.w.Error()
}

func (p *csvPages) Close() error {
	p.head()
	p.w.Flush()
	return p.w.Error()
}

func (p *csvPages) head() {
	if !p.header {
		return
	}
	p.header = false
	_ = p.w.Write(fieldNames(p.fields)) // Flush tells
}
