package render

import (
	"io"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// line is a named value for people, or a name over lines that belong to it.
type line struct {
	name  string
	text  string
	under []line
}

func (o *Options) pairLines(pairs []Pair) []line {
	lines := make([]line, 0, len(pairs))
	for _, p := range pairs {
		l := line{name: title(p.Name)}
		switch v := p.Value.(type) {
		case []Pair:
			l.under = o.pairLines(v)
		case *keys.Key:
			if v != nil {
				l.under = o.keyLines(v)
			}
		default:
			l.text = o.pairText(v)
		}
		if l.text == "" && l.under == nil {
			l.text = none
		}
		lines = append(lines, l)
	}
	return lines
}

func (o *Options) pairText(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case keys.Instant:
		return o.exactMoment(v)
	case Unread:
		return unreadable
	case Sentences:
		lines := make([]string, len(v))
		for i, s := range v {
			lines[i] = keys.PrintableText(s)
		}
		return strings.Join(lines, "\n")
	case []string:
		return keys.PrintableText(strings.Join(v, ", "))
	}
	return keys.PrintableText(plainText(value))
}

// writeLines writes "name:  value", the values of a group below one another.
func writeLines(out io.Writer, lines []line) error {
	var b strings.Builder
	appendLines(&b, "", lines)
	_, err := io.WriteString(out, b.String())
	return err
}

func appendLines(b *strings.Builder, indent string, lines []line) {
	longest := 0
	for _, l := range lines {
		if l.under == nil {
			longest = max(longest, width(l.name))
		}
	}
	for _, l := range lines {
		b.WriteString(indent + l.name + ":")
		if l.under == nil {
			pad := strings.Repeat(" ", longest-width(l.name)) + gap
			below := "\n" + indent + strings.Repeat(" ", width(l.name)+1) + pad
			b.WriteString(pad + strings.ReplaceAll(l.text, "\n", below))
		}
		b.WriteByte('\n')
		appendLines(b, indent+gap, l.under)
	}
}
