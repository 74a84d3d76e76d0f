package render

import (
	"strings"

	"github.com/fatih/color"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Finding is what a check tells of one thing, as people read it.
type Finding struct {
	Level  keys.Level
	Check  string
	Reason string
	Mend   string // a command line, "" for none: never cut or broken, so that it can be copied
}

// Findings are verdicts one below the other, each with its command. They are for
// people: other formats have a place for [Records].
type Findings []Finding

var levelColors = map[keys.Level]color.Attribute{
	keys.Fine: color.FgGreen, keys.Notice: color.FgCyan, keys.Warning: color.FgYellow, keys.Problem: color.FgRed,
}

// text draws the findings. Only on a terminal long verdicts are broken between words.
func (o *Options) findingText(list Findings) string {
	levels, checks := 0, 0
	for _, f := range list {
		levels, checks = max(levels, width(string(f.Level))), max(checks, width(f.Check))
	}
	below := strings.Repeat(" ", levels+checks+2*width(gap))
	var b strings.Builder
	for _, f := range list {
		b.WriteString(paint(o.Color, string(f.Level), levelColors[f.Level]) + strings.Repeat(" ", levels-width(string(f.Level))) + gap)
		b.WriteString(f.Check + strings.Repeat(" ", checks-width(f.Check)) + gap)
		b.WriteString(strings.Join(o.verdictLines(&f, width(below)), "\n"+below) + "\n")
	}
	return b.String()
}

func (o *Options) verdictLines(f *Finding, indent int) []string {
	lines := []string{keys.PrintableText(f.Reason)}
	if o.Terminal {
		lines = folded(lines[0], o.width()-indent)
	}
	if f.Mend != "" {
		lines = append(lines, keys.PrintableText(f.Mend))
	}
	return lines
}
