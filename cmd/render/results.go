package render

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Result is what a verb did to one key.
type Result struct {
	Key    keys.Key
	Result string   // created, changed, unchanged or deleted
	Token  string   // "" where it went to a file, or there is none to show
	More   []Pair   // what else there is to say of it, the same names for each of a list
	Advice []string // what to do next; tables leave that to standard error
	Dry    bool     // nothing was done: this is what would have been
}

// Results writes what a verb did, as one object if single is set and the format
// has objects, else as a list. A table of results that have tokens is the tokens
// and nothing else, one a line. The formats id and name would lose the tokens,
// so they are a [keys.Error] of ReasonInvalid then.
func Results(out io.Writer, o Options, list []Result, single bool) error {
	tokens := holdsToken(list)
	switch o.Format {
	case JSON, JSONL, YAML:
		return o.resultObjects(out, list, single)
	case CSV:
		return o.resultCSV(out, list, tokens)
	case ID, Name:
		return o.resultNames(out, list, tokens)
	}
	if tokens {
		return writeTokens(out, list)
	}
	return o.resultTable(out, list)
}

func holdsToken(list []Result) bool {
	for i := range list {
		if list[i].Token != "" {
			return true
		}
	}
	return false
}

func (o *Options) resultObjects(out io.Writer, list []Result, single bool) error {
	s, end := newSequence(out, o.Format), (*sequence).close
	if single && len(list) == 1 {
		s, end = newSingle(out, o.Format), (*sequence).flush
	}
	fields := o.columns(keys.ShownFields())
	for i := range list {
		s.item(func(t *tree) { t.keyObject(o, fields, &list[i].Key, list[i].pairs()) })
	}
	return end(s)
}

// pairs returns what stands after the fields of the key in its object.
func (r *Result) pairs() []Pair {
	pairs := []Pair{{"result", r.Result}}
	if r.Dry {
		pairs = append(pairs, Pair{"dry_run", true})
	}
	if r.Token != "" {
		pairs = append(pairs, Pair{"token", r.Token})
	}
	pairs = append(pairs, r.More...)
	return append(pairs, Pair{"advice", append(slices.Clone(r.Advice), damageAdvice(&r.Key)...)})
}

func (o *Options) resultCSV(out io.Writer, list []Result, tokens bool) error {
	fields := o.columns(keys.ShownFields())
	header, rows := append(fieldNames(fields), "result", "dry_run"), make([][]string, len(list))
	if tokens {
		header = append(header, "token")
	}
	header = append(header, moreNames(list)...)
	for i := range list {
		_, row := o.flattenKey("", &list[i].Key)
		row = append(row, list[i].Result, strconv.FormatBool(list[i].Dry))
		if tokens {
			row = append(row, list[i].Token)
		}
		row = append(row, list[i].moreTexts(o)...)
		rows[i] = row
	}
	return writeCSV(out, o, header, rows)
}

func (o *Options) resultNames(out io.Writer, list []Result, tokens bool) error {
	if tokens {
		return keys.Errorf(keys.ReasonInvalid, "output format %s would not show the token", o.Format)
	}
	var b strings.Builder
	for i := range list {
		b.WriteString(o.nameLine(&list[i].Key))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func writeTokens(out io.Writer, list []Result) error {
	var b strings.Builder
	for i := range list {
		if list[i].Token != "" {
			b.WriteString(list[i].Token + "\n")
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// resultColumns say which key it was and what it is now; wide adds the rest of a
// plain table.
var resultColumns = []keys.Field{keys.FieldID, keys.FieldLabel, keys.FieldStatus}

func (o *Options) resultTable(out io.Writer, list []Result) error {
	fields := o.columns(resultColumns)
	if o.Format == Wide {
		fields = o.columns(tableColumns)
	}
	rows := make([][]string, len(list))
	for i := range list {
		row := append(o.row(fields, &list[i].Key), list[i].moreShown(o)...)
		rows[i] = append(row, list[i].word())
	}
	columns := append(columnsOf(fields), moreColumns(list)...)
	return writeTable(out, o, append(columns, column{title: "result"}), rows)
}

// word is the result as a table says it.
func (r *Result) word() string {
	if r.Dry {
		return r.Result + " (dry run)"
	}
	return r.Result
}
