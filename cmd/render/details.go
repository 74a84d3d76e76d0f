package render

import (
	"io"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Details writes several keys as [Detail] writes one: lines with an empty line
// between the keys, or a list in the formats that have lists.
func Details(out io.Writer, o Options, list []keys.Key) error {
	if o.Format != Table && o.Format != Wide {
		l := NewKeyList(out, o)
		if err := l.Page(list); err != nil {
			return err
		}
		return l.Close()
	}
	for i := range list {
		if i > 0 {
			if _, err := io.WriteString(out, "\n"); err != nil {
				return err
			}
		}
		if err := Detail(out, o, list[i]); err != nil {
			return err
		}
	}
	return nil
}
