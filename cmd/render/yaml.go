package render

import "strings"

// unquote takes the quotes off the JSON string at b[start:] if YAML would read
// the bare text as the same string. Everything else stays: JSON on one line is
// YAML already.
func unquote(b []byte, start int) []byte {
	value := b[start:]
	if len(value) < 2 || value[0] != '"' || !bare(string(value[1:len(value)-1])) {
		return b
	}
	n := copy(value, value[1:len(value)-1])
	return b[:start+n]
}

// bare tells whether a text needs no quotes in YAML 1.1 or 1.2: it begins with a
// letter, so it is no number or date, has nothing that means something to YAML,
// and is none of the words for true, false and null.
func bare(s string) bool {
	if s == "" || !letter(s[0]) || s[len(s)-1] == ' ' || yamlWords[strings.ToLower(s)] {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !letter(c) && (c < '0' || c > '9') && !strings.ContainsRune("_-./+@ ", rune(c)) {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

var yamlWords = map[string]bool{
	"true": true, "false": true, "yes": true, "no": true, "on": true, "off": true,
	"y": true, "n": true, "null": true,
}
