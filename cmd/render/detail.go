package render

import (
	"io"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Detail writes one key, and what else there is to say of it: a line for each
// attribute that it has, in wide for each that it could have. The other formats
// are those of a list of one, without the list.
func Detail(out io.Writer, o Options, k keys.Key, extra ...Pair) error {
	switch o.Format {
	case JSON, JSONL, YAML:
		s := newSingle(out, o.Format)
		s.item(func(t *tree) { t.keyObject(&o, o.columns(keys.ShownFields()), &k, extra) })
		return s.flush()
	case CSV:
		header, row := o.flattenKey("", &k)
		h, r := o.flatten("", extra)
		return writeCSV(out, &o, append(header, h...), [][]string{append(row, r...)})
	case ID, Name:
		_, err := io.WriteString(out, o.nameLine(&k))
		return err
	}
	return writeLines(out, append(o.keyLines(&k), o.pairLines(extra)...))
}

// detailFields are the lines that [Detail] always has: without them a reader
// would have to know that they can be there.
var detailFields = append(slices.Clone(tableColumns), keys.FieldScopes)

func (o *Options) keyLines(k *keys.Key) []line {
	var lines []line
	for _, f := range o.columns(keys.ShownFields()) {
		text := o.lineText(f, k)
		if text == "" && !o.listsUnset(f) {
			continue
		}
		lines = append(lines, line{name: title(f.String()), text: orNone(f, text)})
	}
	return append(lines, damageLines(k)...)
}

func (o *Options) listsUnset(f keys.Field) bool {
	return o.Format == Wide || len(o.Columns) > 0 || slices.Contains(detailFields, f)
}

func orNone(f keys.Field, text string) string {
	switch {
	case text != "":
		return text
	case f == keys.FieldExpiresAt:
		return "never"
	}
	return none
}

// lineText returns the field as it stands on a line of its own, where there is
// room for the exact time beside the relative one.
func (o *Options) lineText(f keys.Field, k *keys.Key) string {
	if damaged(k).Has(f) {
		return unreadable
	}
	if i, ok := f.Ref(k).(*keys.Instant); ok {
		return o.exactMoment(*i)
	}
	return o.fieldText(f, k, ", ")
}

func (o *Options) exactMoment(i keys.Instant) string {
	if i.IsNone() || !o.Terminal {
		return wholeSecond(i)
	}
	return wholeSecond(i) + " (" + Relative(i, o.Now) + ")"
}
