package db

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// checker looks for what a layout file says wrongly although each of its values
// has the right type.
type checker struct {
	placed
	f layoutYAML
}

func (c *checker) check() {
	c.head()
	c.finding()
	c.mapped()
	c.filled()
	c.ids()
	c.token()
	c.hash()
	c.vocabulary()
	c.label()
	c.lifetime()
	c.revocation()
	c.guard()
	c.bootstrap()
	c.lockout()
	c.advice()
}

const (
	familyForm   = `^[a-z][a-z0-9-]{0,31}$`
	eraForm      = `^[a-z0-9][a-z0-9_-]{0,31}$`
	dateForm     = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	variableForm = `^[A-Za-z_][A-Za-z0-9_]*$`
	keyForm      = `^[^.\s]+(\.[^.\s]+)*$`
)

func (c *checker) head() {
	c.shaped("layout", c.f.Layout, familyForm, "the server's name, small letters, digits and -")
	if c.f.Layout == NativeFamily {
		c.wrong("layout", "%s is keyreeve's own layout: another name is needed", NativeFamily)
	}
	c.optional("era", c.f.Era, eraForm, "small letters, digits, _ and -")
	c.optional("since", c.f.Since, dateForm, "a date such as 2026-07-06")
	for name, text := range inOrder(map[string]string{"title": c.f.Title, "server": c.f.Server}) {
		c.sentence(name, text)
		if text == "" {
			c.wrong(name, "%s is missing: it is what people read", name)
		}
	}
	if c.f.Table == "" {
		c.wrong("table", "table is missing: the name of the key table")
	}
	if strings.HasPrefix(strings.ToLower(c.f.Table), "keyreeve_") {
		c.wrong("table", "tables whose names begin with keyreeve_ are keyreeve's own")
	}
}

// shaped checks a name that must be there.
func (c *checker) shaped(path, value, form, says string) {
	switch {
	case value == "":
		c.wrong(path, "%s is missing: %s", path, says)
	case !regexp.MustCompile(form).MatchString(value):
		c.wrong(path, "%s is %q: allowed is %s", path, brief(value), says)
	}
}

// optional checks a name that may be left out.
func (c *checker) optional(path, value, form, says string) {
	if value != "" || c.given(path) {
		c.shaped(path, value, form, says)
	}
}

// sentence checks a text that goes to a terminal.
func (c *checker) sentence(path, text string) {
	if text != keys.PrintableText(text) || strings.TrimSpace(text) != text {
		c.wrong(path, "%s must be one line of visible characters", path)
	}
}

// oneOf checks a word that may be left out.
func (c *checker) oneOf(path, word string, known ...string) {
	if (word != "" || c.given(path)) && !slices.Contains(known, word) {
		c.wrong(path, "%s is %q: allowed are %s", path, brief(word), strings.Join(known, ", "))
	}
}

// distinct checks a list of names.
func (c *checker) distinct(path string, words []string) {
	for i, w := range words {
		switch {
		case w == "":
			c.wrong(path, "%s holds an empty text", path)
		case slices.Contains(words[:i], w):
			c.wrong(path, "%s holds %s twice", path, brief(w))
		}
	}
}

// needs checks that what is said at path has the field that it is about.
func (c *checker) needs(path string, fields ...keys.Field) {
	for _, f := range fields {
		if _, mapped := c.f.Columns[f.String()]; !mapped && c.given(path) {
			c.wrong(path, "%s is about %s, for which columns has no column", path, f)
		}
	}
}

func (c *checker) finding() {
	r, f := c.f.Recognise, c.f.Find
	for path, words := range inOrder(map[string][]string{
		"recognise.columns": r.Columns, "recognise.without": r.Without, "recognise.beside": r.Beside, "recognise.tables": r.Tables,
		"recognise.not_tables": r.NotTables, "recognise.instead_of": r.InsteadOf, "find.paths": f.Paths,
	}) {
		c.distinct(path, words)
	}
	if slices.Contains(r.InsteadOf, c.f.Era) {
		c.wrong("recognise.instead_of", "an era cannot stand instead of itself")
	}
	c.disjoint("recognise.without", r.Without, "recognise.columns", r.Columns)
	c.disjoint("recognise.not_tables", r.NotTables, "recognise.tables", r.Tables)
	c.disjoint("recognise.not_tables", r.NotTables, "recognise.beside", r.Beside)
	c.disjoint("recognise.not_tables", r.NotTables, "table", []string{c.f.Table, c.f.Bootstrap.Table, c.f.Lockout.Table})
	c.optional("find.variable", f.Variable, variableForm, "the name of an environment variable")
	c.absolute("find.paths", f.Paths)
	c.plain("find.superseded_by", f.Superseded)
	if f.Config != nil {
		c.config(f.Config)
	}
}

// disjoint checks that no name stands in two lists that exclude each other.
func (c *checker) disjoint(path string, list []string, other string, others []string) {
	for _, name := range list {
		if name != "" && slices.ContainsFunc(others, func(o string) bool { return strings.EqualFold(o, name) }) {
			c.wrong(path, "%s cannot be in %s and in %s", brief(name), path, other)
		}
	}
}

func (c *checker) config(f *configYAML) {
	c.optional("find.config.variable", f.Variable, variableForm, "the name of an environment variable")
	c.absolute("find.config.paths", f.Paths)
	c.shaped("find.config.key", f.Key, keyForm, "names joined by dots, such as database.directory")
	c.plain("find.config.file", f.File)
	if f.Variable == "" && len(f.Paths) == 0 {
		c.wrong("find.config", "find.config needs a variable or paths that tell where the configuration is")
	}
}

func (c *checker) absolute(name string, paths []string) {
	for _, p := range paths {
		if !path.IsAbs(p) {
			c.wrong(name, "%s holds %q: a path from the root is needed, since nobody knows the server's working directory", name, brief(p))
		}
	}
}

// plain checks the name of a file in a directory that is said elsewhere.
func (c *checker) plain(name, file string) {
	if c.given(name) && (file == "" || file == "." || file == ".." || strings.ContainsAny(file, "/\\\x00")) {
		c.wrong(name, "%s is %q: the name of a file without a directory is needed", name, brief(file))
	}
}

// duration returns a length of time, 0 where there is none.
func (c *checker) duration(path, text string) time.Duration {
	if text == "" && !c.given(path) {
		return 0
	}
	d, err := keys.ParseDuration(text)
	switch {
	case err != nil:
		c.wrong(path, "%s: %v", path, err)
	case d == 0:
		c.wrong(path, "%s is 0: leave it out where there is no bound", path)
	}
	return d
}
