package render

import (
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// unreadable is what people see where a value is, and is not what it should be.
const unreadable = "?"

// damaged returns the fields whose values could not be read. One that is only odd
// is shown.
func damaged(k *keys.Key) keys.Fields {
	var set keys.Fields
	for _, d := range k.Damage {
		if !d.Odd {
			set |= keys.FieldsOf(d.Field)
		}
	}
	return set
}

// damageAdvice returns a sentence for each value that is not what it should be.
func damageAdvice(k *keys.Key) []string {
	if len(k.Damage) == 0 {
		return nil
	}
	advice := make([]string, len(k.Damage))
	for i, d := range k.Damage {
		advice[i] = "column " + d.Column + ": " + d.Problem
	}
	return advice
}

// damageColumns names the columns of the row whose values are not what they should be.
func damageColumns(k *keys.Key) string {
	var names []string
	for _, d := range k.Damage {
		names = append(names, keys.PrintableText(d.Column))
	}
	return strings.Join(names, ",")
}

// damageLines are what [Detail] says of such values.
func damageLines(k *keys.Key) []line {
	if len(k.Damage) == 0 {
		return nil
	}
	var under []line
	for _, d := range k.Damage {
		under = append(under, line{name: keys.PrintableText(d.Column), text: keys.PrintableText(d.Problem)})
	}
	return []line{{name: "damaged columns", under: under}}
}
