package db

import "github.com/keyreeve/keyreeve/pkg/keys"

// Bounds of the YAML files that are read, in bytes: a layout has some thousands, the
// configuration of a server may have more.
const (
	maxLayoutFile = 32 << 10 // nested brackets take the parser the square of their number
	maxConfig     = 256 << 10
)

// ParseLayout reads a layout in the format of keyreeve-layout(5). file is how
// errors call it. What is wrong is ReasonLayoutFile: the first mistake, with file
// and line, and what is allowed there.
func ParseLayout(file string, text []byte) (*Layout, error) {
	c := &checker{placed: placed{file: file, lines: map[string]int{}}}
	c.read(text, &c.f)
	if len(c.faults) == 0 {
		c.check()
	}
	if len(c.faults) > 0 {
		return nil, c.first()
	}
	l := c.layout()
	if c.draws(l); len(c.faults) > 0 {
		return nil, c.first()
	}
	l.source = &c.placed
	return l, nil
}

// first returns the error about the mistake that stands first in the file.
func (p *placed) first() error {
	f := p.faults[0]
	for _, other := range p.faults {
		if other.line < f.line {
			f = other
		}
	}
	return p.errorAt(f.line, f.says)
}

func (p *placed) errorAt(line int, says string) *keys.Error {
	return keys.Errorf(keys.ReasonLayoutFile, "%s:%d: %s", p.file, line, says).OnPath(p.file)
}

// brief returns a value as a message may repeat it: a file that is no layout could
// hold anything.
func brief(s string) string {
	const most = 64
	if keys.LooksLikeToken(s) {
		return "(not shown)"
	}
	text := []rune(keys.PrintableText(s))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}
