package cmd

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manDate is that of the text, not of the build: a page that nobody has changed
// stays the same.
const manDate = "2026-11-22"

// manual is one page in man(7) macros, made from the command tree. Cobra's own
// pages run the options into their descriptions and know no section 7.
type manual struct{ strings.Builder }

// newManual begins a page whose name is that of its file, less the section.
func newManual(name, section, short string) *manual {
	m := &manual{}
	m.line(`.\" Made from the command tree by go generate: change the text there.`)
	m.line(".TH %s %s %s keyreeve %s", strings.ToUpper(name), section, manDate, quoted("keyreeve manual"))
	m.line(".nr HY 0\n.nh\n.ad l") // no word and no option is cut, also after .EE
	m.section("NAME")
	m.line("%s \\- %s", roff(name), roff(lowerFirst(short)))
	return m
}

func (m *manual) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }
func (m *manual) section(title string)            { m.line(".SH %s", title) }

// item is a tagged paragraph. Both parts are roff already.
func (m *manual) item(tag, text string) { m.line(".TP\n%s\n%s", tag, text) }

// prose writes paragraphs. Indented lines are an item where they have two
// columns, else a paragraph of its own.
func (m *manual) prose(text string) {
	for i, par := range strings.Split(strings.TrimSpace(text), "\n\n") {
		switch {
		case twoColumns.MatchString(strings.SplitN(par, "\n", 2)[0]):
			m.rows(par)
		case strings.HasPrefix(par, "  "):
			m.line(".IP\n%s", sentences(par))
		case i > 0:
			m.line(".PP\n%s", sentences(par))
		default:
			m.line("%s", sentences(par))
		}
	}
}

var (
	twoColumns = regexp.MustCompile(`^ {2,6}(\S.*\S|\S) {2,}(\S.*)$`)
	manySpaces = regexp.MustCompile(`\s+`)
)

// rows writes a table of two columns as items. A line that is indented further
// goes on with the second column.
func (m *manual) rows(table string) {
	for _, row := range strings.Split(table, "\n") {
		if cells := twoColumns.FindStringSubmatch(row); cells != nil {
			m.item(bold(manySpaces.ReplaceAllString(cells[1], " ")), roff(cells[2]))
			continue
		}
		m.line("%s", roff(strings.TrimSpace(row)))
	}
}

// sentences returns a paragraph, each sentence on a line of its own, so that all
// gaps between them are set alike.
func sentences(par string) string {
	text := manySpaces.ReplaceAllString(strings.TrimSpace(par), " ")
	return roff(strings.ReplaceAll(text, ". ", ".\n"))
}

func (m *manual) example(text string) {
	m.line(".EX\n%s\n.EE", roff(unindent.ReplaceAllString(text, "")))
}

var unindent = regexp.MustCompile(`(?m)^  `)

// synopsis sets what is typed as it stands bold, and the rest in italics.
func (m *manual) synopsis(c *cobra.Command) {
	m.section("SYNOPSIS")
	lines := []string{c.UseLine()}
	for _, alias := range c.Aliases {
		lines = append(lines, strings.Replace(c.UseLine(), " "+c.Name(), " "+alias, 1))
	}
	for i, l := range lines {
		if i > 0 {
			m.line(".br")
		}
		l = strings.ReplaceAll(l, "[flags]", "[OPTION...]")
		l = placeholder.ReplaceAllString(roff(l), `\fI$0\fR`)
		m.line(`\fB%s`, strings.Replace(l+`\fR`, c.CommandPath(), c.CommandPath()+`\fR`, 1))
	}
}

var placeholder = regexp.MustCompile(`[A-Z]{3,}(\.\.\.)?`)

// options lists flags, with what pflag itself says of their values.
func (m *manual) options(title string, fs *pflag.FlagSet) {
	m.section(title)
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		tag := bold("--" + f.Name)
		if f.Shorthand != "" {
			tag = bold("-"+f.Shorthand) + ", " + tag
		}
		if name != "" {
			tag += ` \fI` + roff(name) + `\fR`
		}
		m.item(tag, roff(usage+defaultOf(f)))
	})
}

func defaultOf(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "false", "0":
		return ""
	}
	return " (default " + f.DefValue + ")"
}

// seeAlso lists pages, given as name(section).
func (m *manual) seeAlso(pages ...string) {
	m.section(quoted("SEE ALSO"))
	for i, p := range pages {
		name, section, _ := strings.Cut(p, "(")
		comma := ","
		if i == len(pages)-1 {
			comma = ""
		}
		m.line(".BR %s (%s%s", roff(name), section, comma)
	}
}

func bold(s string) string       { return `\fB` + roff(s) + `\fR` }
func quoted(s string) string     { return `"` + s + `"` }
func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// roff escapes text so that what is typed comes out as it was written: groff
// makes typographic marks of ASCII ones.
func roff(s string) string {
	s = asciiMarks.Replace(s)
	s = controlLine.ReplaceAllString(s, `\&$0`)
	return beyondASCII.ReplaceAllStringFunc(s, func(r string) string { return fmt.Sprintf(`\[u%04X]`, []rune(r)[0]) })
}

var (
	asciiMarks  = strings.NewReplacer(`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", `\(ga`, `^`, `\(ha`, `~`, `\(ti`)
	controlLine = regexp.MustCompile(`(?m)^\.`)
	beyondASCII = regexp.MustCompile(`[^\x00-\x7F]`)
)
