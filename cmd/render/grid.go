package render

import (
	"bytes"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
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
	lines := &lineTrimmer{sink{out: out}}
	if err := draw(newGrid(lines, widths), header(o, columns, widths), rows); err != nil {
		return err
	}
	return lines.flush()
}

// measure returns how wide each column must be for what it holds.
func measure(columns []column, rows [][]string, titles bool) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		if titles {
			widths[i] = twwidth.Width(c.title)
		}
		for _, row := range rows {
			widths[i] = max(widths[i], twwidth.Width(row[i]))
		}
	}
	return widths
}

// header returns the titles in upper case, nil if none are wanted.
func header(o *Options, columns []column, widths []int) []string {
	if o.NoHeaders {
		return nil
	}
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = paint(o.Color, clip(strings.ToUpper(c.title), widths[i]), color.Bold)
	}
	return titles
}

// newGrid returns a table without lines, whose columns are as wide as told. It
// is used as a stream, which holds no rows.
func newGrid(out io.Writer, widths []int) *tablewriter.Table {
	perColumn := tw.NewMapper[int, int]()
	for i, w := range widths {
		perColumn.Set(i, w)
	}
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off},
		Padding:    tw.CellPadding{Global: tw.PaddingNone},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft},
	}
	return tablewriter.NewTable(out,
		tablewriter.WithConfig(tablewriter.Config{
			Header: cells,
			Row:    cells,
			Widths: tw.CellWidth{PerColumn: perColumn},
			Stream: tw.StreamConfig{Enable: true, StrictColumns: true},
		}),
		// A configuration cannot say "no wrapping": that is its zero value.
		tablewriter.WithHeaderAutoWrap(tw.WrapNone), tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithRenderer(renderer.NewBlueprint(noLines())))
}

func noLines() tw.Rendition {
	return tw.Rendition{
		Borders: tw.BorderNone,
		Symbols: tw.NewSymbolCustom("gap").WithColumn(gap),
		Settings: tw.Settings{
			Lines: tw.LinesNone,
			Separators: tw.Separators{
				ShowHeader: tw.Off, ShowFooter: tw.Off, BetweenRows: tw.Off, BetweenColumns: tw.On,
			},
		},
	}
}

func draw(t *tablewriter.Table, titles []string, rows [][]string) error {
	if err := t.Start(); err != nil {
		return err
	}
	if titles != nil {
		t.Header(titles)
	}
	for _, row := range rows {
		if err := t.Append(row); err != nil {
			return err
		}
	}
	return t.Close()
}

// lineTrimmer drops the blanks that fill up the last column. Each line comes in
// one call.
type lineTrimmer struct{ sink }

func (l *lineTrimmer) Write(line []byte) (int, error) {
	text, ended := bytes.CutSuffix(line, []byte("\n"))
	_, err := l.sink.Write(bytes.TrimRight(text, " "))
	if ended {
		_, err = l.sink.Write([]byte("\n"))
	}
	return len(line), err
}
