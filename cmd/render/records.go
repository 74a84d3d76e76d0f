package render

import (
	"io"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Records are answers of one shape: a table for people, a list of objects for
// machines.
type Records struct {
	Names []string // as in JSON, with underscores
	Rows  [][]any  // values as [Pair] allows, one for each name
	// Short are the names that a plain table shows, none for all of them.
	Short []string
}

// List writes records: a table for people, a list of objects in JSON, JSON Lines
// and YAML, rows under a header in CSV, and in the format name the first value of
// each. The columns of o are names of r. There is no format id: that is a [keys.Error] of ReasonInvalid.
func List(out io.Writer, o Options, r Records) error {
	if len(o.Columns) > 0 {
		r = r.choose(o.Columns)
	}
	switch o.Format {
	case JSON, JSONL, YAML:
		s := newSequence(out, o.Format)
		for i := range r.Rows {
			s.item(func(t *tree) { t.pairs(&o, r.pairs(i)) })
		}
		return s.close()
	case CSV:
		return o.recordRows(out, &r)
	case ID:
		return keys.Errorf(keys.ReasonInvalid, "output format %s is for keys, and this is no list of them", o.Format)
	case Name:
		return o.recordNames(out, &r)
	}
	return o.recordTable(out, &r)
}

// choose returns the records with these names alone, in this order, in any format.
func (r *Records) choose(names []string) Records {
	chosen := Records{Names: names, Rows: make([][]any, len(r.Rows))}
	for i := range r.Rows {
		for _, name := range names {
			chosen.Rows[i] = append(chosen.Rows[i], r.Rows[i][slices.Index(r.Names, name)])
		}
	}
	return chosen
}

func (r *Records) pairs(i int) []Pair {
	pairs := make([]Pair, len(r.Names))
	for j, name := range r.Names {
		pairs[j] = Pair{name, r.Rows[i][j]}
	}
	return pairs
}

func (o *Options) recordRows(out io.Writer, r *Records) error {
	var rows [][]string
	for i := range r.Rows {
		_, row := o.flatten("", r.pairs(i))
		rows = append(rows, row)
	}
	return writeCSV(out, o, r.Names, rows)
}

func (o *Options) recordNames(out io.Writer, r *Records) error {
	var b strings.Builder
	for _, row := range r.Rows {
		b.WriteString(keys.PrintableText(plainText(row[0])) + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// recordTable draws a table. A list in the last column is read sentence by
// sentence: it gets the room that is left, and lines of its own.
func (o *Options) recordTable(out io.Writer, r *Records) error {
	var columns []column
	var shown []int
	for i, name := range r.Names {
		if o.Format != Wide && len(r.Short) > 0 && !slices.Contains(r.Short, name) {
			continue
		}
		columns = append(columns, column{title(name), len(shown) > 0})
		shown = append(shown, i)
	}
	var rows [][]string
	var lists []any // what the last column holds, by row
	for _, record := range r.Rows {
		row := make([]string, len(shown))
		for i, at := range shown {
			row[i] = o.recordText(record[at])
		}
		rows, lists = append(rows, row), append(lists, record[shown[len(shown)-1]])
	}
	return writeTable(out, o, columns, o.unfold(columns, rows, lists))
}

// unfold gives the sentences of the last column lines of their own.
func (o *Options) unfold(columns []column, rows [][]string, lists []any) [][]string {
	last := len(columns) - 1
	room := o.width() - total(append(measure(columns[:last], rows, !o.NoHeaders), 0))
	var unfolded [][]string
	for i, row := range rows {
		sentences, several := lists[i].([]string)
		if !several || len(sentences) == 0 {
			unfolded = append(unfolded, row)
			continue
		}
		for _, s := range sentences {
			for _, text := range folded(keys.PrintableText(s), room) {
				row[last] = text
				unfolded = append(unfolded, row)
				row = make([]string, len(columns))
			}
		}
	}
	return unfolded
}

// folded breaks a text between words.
func folded(text string, room int) []string {
	const least = 24 // below that a column is no easier to read
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		switch end := &lines[len(lines)-1]; {
		case *end == "":
			*end = word
		case width(*end)+1+width(word) > max(room, least):
			lines = append(lines, "  "+word)
		default:
			*end += " " + word
		}
	}
	return lines
}

// recordText returns a value as a table shows it.
func (o *Options) recordText(value any) string {
	text := ""
	if at, ok := value.(keys.Instant); ok {
		text = o.moment(at)
	} else {
		text = o.pairText(value)
	}
	if text == "" {
		return none
	}
	return text
}
