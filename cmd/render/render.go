// Package render turns keys and answers into text. It decides looks only; which
// keys there are and what may be said of them is decided elsewhere.
//
// What it promises:
//   - Standard output is data. Nothing here speaks to a person besides the table
//     that was asked for: "no keys" and advice belong on standard error.
//   - A table has the same columns on a terminal and off it. Only on a terminal
//     are times relative and long texts cut. Colour comes from [Options].Color
//     alone, and whatever it says is also said by a word.
//   - Text for people, and any that goes to a terminal, loses what could move the
//     cursor or reorder a line. JSON and YAML keep every character, escaped where
//     it would not show.
//   - The hash of a key has no way out.
//   - Errors of the writer are returned as they are.
package render

import "github.com/keyreeve/keyreeve/pkg/keys"

// Format is a form of output, as -o names it.
type Format string

// The formats.
const (
	Table Format = "table" // for people
	Wide  Format = "wide"  // the same with every attribute
	JSON  Format = "json"  // indented; one document
	JSONL Format = "jsonl" // one object a line
	YAML  Format = "yaml"
	CSV   Format = "csv"
	ID    Format = "id"   // ids, one a line
	Name  Format = "name" // labels, one a line; the id of a key without one
)

// Formats returns every format.
func Formats() []Format { return []Format{Table, Wide, JSON, JSONL, YAML, CSV, ID, Name} }

// Options tells how output shall look. The zero value is a plain table of
// nothing but the status: Fields must be set.
type Options struct {
	Format    Format
	Columns   []string // in this order, from [ParseColumns]; none for the format's own
	NoHeaders bool
	Color     bool
	Terminal  bool         // standard output is one
	Width     int          // of the terminal in columns, 0 for 80
	Now       keys.Instant // what statuses and relative times refer to
	Fields    keys.Fields  // what this table can hold; others are left out of any output
}

func (o *Options) width() int {
	if o.Width <= 0 {
		return 80
	}
	return o.Width
}

// Pair is one named part of an answer.
type Pair struct {
	Name  string // as in JSON, with underscores
	Value any    // string, bool, int, keys.Instant, []string, Sentences, []Pair, *keys.Key, []keys.Key, Records, Unread or nil
}

// Sentences are texts of which each gets a line.
type Sentences []string

// Unread is the value of a [Pair] that is stored and could not be read: null, and to
// people a question mark.
type Unread struct{}

// Paint returns the word for a status, coloured if o says so.
func Paint(o Options, status keys.Status) string {
	return paint(o.Color, string(status), statusColors[status])
}
