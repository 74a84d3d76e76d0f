package render

import (
	"bytes"
	"io"
	"strings"

	"github.com/fatih/color"
)

// gap stands between two columns.
const gap = "  "

// column is one column of a table: its title, and whether its texts may be cut
// to fit a terminal.
type column struct {
	title   string
	elastic bool
}

// writeTable draws rows under the titles of the columns. Without rows it writes
// nothing. The rows are cut in place where they do not fit a terminal.
func writeTable(out io.Writer, o *Options, columns []column, rows [][]string) error {
	if len(rows) == 0 || len(columns) == 0 {
		return nil
	}
	widths := measure(columns, rows, !o.NoHeaders)
	if o.Terminal && o.Format != Wide {
		shrink(widths, columns, o.width())
		cut(rows, widths, columns)
	}
	var b bytes.Buffer
	if !o.NoHeaders {
		draw(&b, widths, header(o, columns))
	}
	for _, row := range rows {
		draw(&b, widths, row)
	}
	_, err := out.Write(b.Bytes())
	return err
}

// measure returns how wide each column must be for what it holds.
func measure(columns []column, rows [][]string, titles bool) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		if titles {
			widths[i] = width(c.title)
		}
		for _, row := range rows {
			widths[i] = max(widths[i], width(row[i]))
		}
	}
	return widths
}

// header returns the titles in upper case.
func header(o *Options, columns []column) []string {
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = paint(o.Color, strings.ToUpper(c.title), color.Bold)
	}
	return titles
}

// draw writes a line for each row. The last column is not filled up: blanks at
// the end of a line are noise in a diff and in a copied text.
func draw(b *bytes.Buffer, widths []int, row []string) {
	for i, text := range row {
		b.WriteString(text)
		if i < len(row)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-width(text)) + gap)
		}
	}
	b.WriteByte('\n')
}
