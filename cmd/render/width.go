package render

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// width returns how many columns of a terminal s takes, without the colour in
// it. Characters of ambiguous width count as narrow, whatever the locale says:
// a table must not change its shape with the machine it is made on.
func width(s string) int {
	narrow := runewidth.Condition{StrictEmojiNeutral: true}
	sum := 0
	for i, part := range strings.Split(s, "\x1b[") {
		if i > 0 { // what is left of "\x1b[32m" and the like
			_, part, _ = strings.Cut(part, "m")
		}
		sum += narrow.StringWidth(part)
	}
	return sum
}
