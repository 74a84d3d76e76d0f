package db

import "github.com/keyreeve/keyreeve/pkg/keys"

// Bounds of the YAML files that are read, in bytes: a layout has some thousands, the
// configuration of a server may have more.
const (
	maxLayoutFile = 32 << 10 // nested brackets take the parser the square of their number
	maxConfig     = 256 << 10
)

// layoutYAML is a layout as its file has it. What each field means, and what is
// assumed where one is left out, is in keyreeve-layout(5). Names in the file are
// those of the fields in lower case, unless a tag says otherwise.
type layoutYAML struct {
	Layout     string
	Era        string
	Title      string
	Server     string
	Since      string
	Recognise  recogniseYAML
	Find       findYAML
	Table      string
	Columns    map[string]columnYAML
	Copies     map[string]copyYAML
	Constants  map[string]any
	IDs        idsYAML
	Token      tokenYAML
	Hash       hashYAML
	Label      labelYAML
	Roles      rolesYAML
	Scopes     scopesYAML
	Lifetime   lifetimeYAML
	Revoke     string
	Guard      guardYAML
	Bootstrap  bootstrapYAML
	Lockout    lockoutYAML
	Advice     map[string][]string
	KeepActive string `yaml:"keep_active"`
}

type recogniseYAML struct {
	Columns   []string
	Exact     bool
	Without   []string
	Beside    []string
	Tables    []string
	NotTables []string `yaml:"not_tables"`
	InsteadOf []string `yaml:"instead_of"`
}

type findYAML struct {
	Variable   string
	Paths      []string
	Config     *configYAML
	Superseded string `yaml:"superseded_by"`
}

type configYAML struct {
	Variable string
	Paths    []string
	Wrapper  string
	Key      string
	File     string
}

type columnYAML struct {
	Column    string
	As        string
	Before    string
	After     string
	AsCreated bool `yaml:"as_created"`
}

type copyYAML struct {
	Of     string
	As     string
	Always bool
}

type idsYAML struct {
	From  string
	Of    string
	Chars int
}

type tokenYAML struct {
	Form     string
	Selector *selectorYAML
	Secret   *partYAML
	Pattern  string
	Mask     string
	Supplied suppliedYAML
}

type selectorYAML struct {
	Of    string
	Bytes int
	Chars int
}

type partYAML struct {
	Of    string
	Bytes int
	Chars int
	Least int
	Most  int
}

type suppliedYAML struct {
	LeastChars int `yaml:"least_chars"`
	MostBytes  int `yaml:"most_bytes"`
}

type hashYAML struct {
	Scheme  string
	Legacy  []string
	Accepts []string
	Cost    *costYAML
	Secret  *secretYAML
}

type costYAML struct{ Default, Least, Most int }

type secretYAML struct {
	Variable   string
	Forbidden  []string
	LeastBytes int `yaml:"least_bytes"`
}

type labelYAML struct {
	Required  bool
	Most      int
	Pattern   string
	Says      string
	Published string
	Unique    bool
}

type rolesYAML struct {
	Required bool
	Words    []string
	Ranked   bool
	Empty    string
}

type scopesYAML struct {
	Required  bool
	Words     []string
	GrantedBy map[string]string `yaml:"granted_by"`
}

type lifetimeYAML struct{ Least, Most string }

type guardYAML struct{ Keep, Role string }

type bootstrapYAML struct {
	By     string
	Table  string
	Row    map[string]any
	At     *momentYAML
	Role   string
	Scopes []string
	Label  string
}

// momentYAML is a column that holds a moment.
type momentYAML struct{ Column, As string }

type lockoutYAML struct {
	Table    string
	Address  string
	Failures string
	Since    *momentYAML
	Limit    int
	Window   string
	Strict   bool
	Else     string
}

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
