package render

import (
	"encoding/csv"
	"io"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// csvCell returns the field as one CSV cell: times in RFC 3339, the members of a
// list with a space between them, metadata as a JSON object, empty for none.
func (o *Options) csvCell(f keys.Field, k *keys.Key) string {
	switch v := f.Ref(k).(type) {
	case *string:
		return o.csvText(*v, f == keys.FieldID)
	case *keys.Instant:
		return v.String()
	case *keys.Rate:
		return v.String()
	case *[]string:
		return o.csvText(strings.Join(*v, " "), false)
	case *[]netip.Prefix:
		return joinPrefixes(*v, " ")
	case *map[string]string:
		if len(*v) > 0 {
			return o.csvText(string(f.AppendJSON(nil, k, o.Now)), false)
		}
		return ""
	}
	return string(k.Status(o.Now))
}

// csvText puts an apostrophe before a text that a spreadsheet would take for a
// formula (OWASP, CSV injection): a label may come from someone less trusted
// than the person who opens the file. An exact text, such as an id, is what
// scripts pass on, and is never changed. JSON Lines gives every text unchanged.
func (o *Options) csvText(s string, exact bool) string {
	if o.Terminal {
		s = keys.PrintableText(s)
	}
	if first, _ := utf8.DecodeRuneInString(s); s != "" && !exact && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + s
	}
	return s
}

func fieldNames(fields []keys.Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.String()
	}
	return names
}

// writeCSV writes a few rows under a header.
func writeCSV(out io.Writer, o *Options, header []string, rows [][]string) error {
	w := csv.NewWriter(out)
	if !o.NoHeaders {
		rows = append([][]string{header}, rows...)
	}
	return w.WriteAll(rows)
}

// flatten turns pairs into the cells of one CSV row, naming nested ones with dots.
func (o *Options) flatten(prefix string, pairs []Pair) (header, row []string) {
	for _, p := range pairs {
		h, r := []string{prefix + p.Name}, []string{""}
		switch v := p.Value.(type) {
		case []Pair:
			h, r = o.flatten(prefix+p.Name+".", v)
		case *keys.Key:
			if v != nil {
				h, r = o.flattenKey(prefix+p.Name+".", v)
			}
		case []string:
			r[0] = o.csvText(strings.Join(v, " "), false)
		default:
			r[0] = o.csvText(plainText(v), p.Name == "token")
		}
		header, row = append(header, h...), append(row, r...)
	}
	return header, row
}

func (o *Options) flattenKey(prefix string, k *keys.Key) (header, row []string) {
	for _, f := range o.columns(keys.ShownFields()) {
		header = append(header, prefix+f.String())
		row = append(row, o.csvCell(f, k))
	}
	return header, row
}
