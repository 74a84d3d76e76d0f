package db

import (
	"embed"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

//go:embed layouts/*.yaml
var layoutFiles embed.FS

// indexed is what recognising a layout and finding its file need to know of it:
// no file is parsed for that, and then the one that fits.
type indexed struct {
	file      string // among layoutFiles, "" for a user's own
	family    string
	era       string
	title     string
	since     string
	table     string
	columns   []string // of the key table, that must be there
	claim     string   // the table of the claim, "" without one
	recognise Recognition
	find      Finding
}

func (e *indexed) name() string { return (&Layout{Family: e.family, Era: e.era}).Name() }

// indexed returns the layout's line of the index.
func (l *Layout) indexed(file string) indexed {
	e := indexed{
		file: file, family: l.Family, era: l.Era, title: l.Title, since: l.Since, table: l.Table,
		columns: l.given(), recognise: l.Recognise, find: l.Find,
	}
	e.columns = append(e.columns, l.Recognise.Columns...)
	slices.Sort(e.columns)
	e.columns = slices.Compact(e.columns)
	e.recognise.Columns = nil
	if l.Claim != nil {
		e.claim = l.Claim.Table
	}
	return e
}

// given returns the columns that a new row gets a value for.
func (l *Layout) given() []string {
	var names []string
	for _, c := range l.Columns {
		names = append(names, c.Name)
	}
	for _, c := range l.Copies {
		names = append(names, c.Name)
	}
	for _, c := range l.Constants {
		names = append(names, c.Name)
	}
	return names
}

// LayoutName is a layout as it is listed for people.
type LayoutName struct {
	Family string
	Era    string // "" where the family has only one
	Title  string // one line
	Since  string // the day from which the server has this table, "" if nobody says
}

// Layouts lists the built-in layouts: keyreeve's own, then the others by family,
// the newest era first.
func Layouts() []LayoutName {
	native := nativeLayout()
	list := []LayoutName{{Family: native.Family, Title: native.Title}}
	for _, e := range layoutIndex {
		list = append(list, LayoutName{e.family, e.era, e.title, e.since})
	}
	return list
}

// LayoutSource returns the file of a built-in layout, named by its family, whose
// newest era is meant, or by family/era. A name that is none, or keyreeve's own
// layout, which has no file, is ReasonInvalid.
func LayoutSource(name string) ([]byte, error) {
	if name == NativeFamily {
		return nil, keys.Errorf(keys.ReasonInvalid, "the layout %s has no file: keyreeve-schema(5) describes it", name)
	}
	for _, e := range layoutIndex {
		if name == e.family || name == e.name() {
			return layoutFiles.ReadFile(e.file)
		}
	}
	return nil, unknownName(name)
}

// load parses the file of a built-in layout.
func (e *indexed) load() (*Layout, error) {
	text, err := layoutFiles.ReadFile(e.file)
	if err != nil {
		return nil, err
	}
	return ParseLayout(e.file, text)
}

// chosen is what the name of a layout stands for.
type chosen struct {
	name   string
	native bool      // keyreeve's own tables are among what is meant
	list   []indexed // the others that are
	own    *Layout   // a user's, which is in the list too
}

// named tells whether somebody said which other server's tables these are.
func (c *chosen) named() bool { return !c.native }

// tables returns those whose columns tell the layouts apart.
func (c *chosen) tables() (names []string) {
	for _, e := range c.list {
		names = append(names, e.table)
	}
	if c.own != nil {
		for _, t := range c.own.tables() {
			names = append(names, t.name)
		}
	}
	return names
}

// choose resolves [Options.Layout].
func choose(name string) (chosen, error) {
	c := chosen{name: name, native: name == "" || name == NativeFamily}
	if name == "" {
		c.list = layoutIndex
	}
	if c.native { // also nothing more than the name of keyreeve's own
		return c, nil
	}
	for _, e := range layoutIndex {
		if name == e.family || name == e.name() {
			c.list = append(c.list, e)
		}
	}
	if len(c.list) > 0 {
		return c, nil
	}
	if !isLayoutPath(name) {
		return c, unknownName(name)
	}
	own, err := readLayout(name)
	if err != nil {
		return c, err
	}
	c.own, c.list = own, []indexed{own.indexed("")}
	return c, nil
}

// isLayoutPath tells a file's path from the name of a layout.
func isLayoutPath(name string) bool {
	return strings.Contains(name, "/") || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

func readLayout(path string) (*Layout, error) {
	text, err := readText(path, maxLayoutFile)
	family, _, _ := strings.Cut(path, "/")
	if errors.Is(err, fs.ErrNotExist) && slices.ContainsFunc(layoutIndex, func(e indexed) bool { return e.family == family }) {
		return nil, unknownName(path) // a mistyped era
	}
	if err != nil {
		return nil, keys.Errorf(keys.ReasonLayoutFile, "%s", fileError(err, path, "reading the layout").Message).OnPath(path).Because(err)
	}
	return ParseLayout(path, text)
}

// unknownName says which layouts there are, without repeating what may be secret.
func unknownName(name string) error {
	known := []string{NativeFamily}
	for _, e := range layoutIndex {
		known = append(known, e.name())
	}
	list := strings.Join(known, ", ")
	if keys.LooksLikeToken(name) {
		return keys.Errorf(keys.ReasonInvalid, "what looks like a token is no layout: known are %s, and files", list)
	}
	return keys.Errorf(keys.ReasonInvalid, "there is no layout %q: known are %s, and files", keys.PrintableText(name), list)
}
