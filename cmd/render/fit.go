package render

import (
	"unicode"
)

// narrowest is the least that a column is cut to.
const narrowest = 8

const ellipsis = "…"

// shrink takes columns from the widest elastic column until all fit into room,
// or none can give any more. A title is never cut.
func shrink(widths []int, columns []column, room int) {
	for over := total(widths) - room; over > 0; over-- {
		widest := -1
		for i, c := range columns {
			least := max(narrowest, width(c.title))
			if c.elastic && widths[i] > least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

func total(widths []int) int {
	sum := (len(widths) - 1) * len(gap)
	for _, w := range widths {
		sum += w
	}
	return sum
}

func cut(rows [][]string, widths []int, columns []column) {
	for _, row := range rows {
		for i, c := range columns {
			if c.elastic {
				row[i] = clip(row[i], widths[i])
			}
		}
	}
}

// clip returns s in at most that many columns, with an ellipsis in place of what it
// cuts off. It does not cut between a character and its accents.
func clip(s string, most int) string {
	if width(s) <= most {
		return s
	}
	room := most - width(ellipsis)
	end := 0
	for end < len(s) {
		next := end + clusterLen(s[end:])
		if room -= width(s[end:next]); room < 0 {
			break
		}
		end = next
	}
	return s[:end] + ellipsis
}

// clusterLen returns how many bytes the first character takes with what is drawn
// over it. Joined emoji need no care: their joiners are not printable text.
func clusterLen(s string) int {
	for i, r := range s {
		if i > 0 && !unicode.Is(unicode.M, r) && !skinTone(r) {
			return i
		}
	}
	return len(s)
}

func skinTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }
