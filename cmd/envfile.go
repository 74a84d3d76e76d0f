package cmd

import (
	"bytes"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// assignment is the beginning of a line of a dotenv file that sets a variable.
var assignment = lazily(`^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*`)

// setting is what a dotenv file says of one variable.
type setting struct {
	value   string
	unclear string // why readers of such files differ about it, "" if they do not
}

// lookupDotenv returns the value of a variable as the readers of dotenv files give
// it: the last assignment counts, and lines within the quotes of another value are
// none. Where the readers differ it is refused, since a secret that is slightly
// wrong makes keys that no server accepts. Errors name the variable, never the value.
func lookupDotenv(text []byte, path, name string) (string, error) {
	if bytes.IndexByte(text, 0) >= 0 {
		return "", keys.Errorf(keys.ReasonInvalid, "%s is not a dotenv file: it holds binary data", path).OnPath(path)
	}
	rest := strings.TrimPrefix(string(text), "\uFEFF")
	var last *setting
	for rest != "" {
		found := assignment().FindStringSubmatch(rest)
		if found == nil {
			_, rest, _ = strings.Cut(rest, "\n")
			continue
		}
		var s setting
		if s, rest = readSetting(rest[len(found[0]):]); found[1] == name {
			last = &s
		}
	}
	switch {
	case last == nil:
		return "", keys.Errorf(keys.ReasonSecret, "%s does not set %s", path, name).OnPath(path)
	case last.unclear != "":
		return "", keys.Errorf(keys.ReasonSecret, "%s sets %s in a way that readers of such files take differently: %s", path, name, last.unclear).OnPath(path)
	}
	return last.value, nil
}

// readSetting reads what follows the equals sign, and returns the lines after it.
func readSetting(text string) (setting, string) {
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		if end := closingQuote(text); end > 0 {
			behind, rest, _ := strings.Cut(text[end+1:], "\n")
			return inQuotes(text[1:end], text[0], behind), rest
		}
	}
	line, rest, _ := strings.Cut(text, "\n")
	return bare(line), rest
}

// closingQuote finds the quote that ends a value, perhaps lines later; 0 for none.
func closingQuote(text string) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && text[0] == '"':
			i++
		case text[i] == text[0]:
			return i
		}
	}
	return 0
}

func inQuotes(value string, quote byte, behind string) setting {
	switch after := strings.TrimSpace(behind); {
	case after != "" && after[0] != '#':
		return setting{unclear: "something follows the closing quote"}
	case strings.ContainsAny(value, "\r\n"):
		return setting{unclear: "it goes over several lines"}
	case quote == '\'' && strings.Contains(value, `\`):
		return setting{unclear: "it has a backslash within single quotes"}
	case quote == '\'':
		return setting{value: value}
	}
	return unescaped(value)
}

// escapes are the characters that a backslash stands for within double quotes.
var escapes = map[byte]string{'n': "\n", 'r': "\r", 't': "\t", '"': `"`, '\\': `\`, '$': "$"}

func unescaped(value string) setting {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		switch {
		case value[i] == '$':
			return setting{unclear: "a dollar sign could begin a variable: put it within single quotes"}
		case value[i] != '\\':
			b.WriteByte(value[i])
			continue
		}
		i++ // a backslash before the closing quote would have escaped that
		meant, known := escapes[value[i]]
		if !known {
			return setting{unclear: "it has a backslash before a character that needs none"}
		}
		b.WriteString(meant)
	}
	return setting{value: b.String()}
}

// comment begins what is not part of an unquoted value.
var comment = lazily(`(?:^|[ \t])#.*$`)

func bare(line string) setting {
	value := strings.TrimSpace(comment().ReplaceAllString(strings.TrimSuffix(line, "\r"), ""))
	switch {
	case strings.ContainsAny(value[:min(len(value), 1)], "\"'`"):
		return setting{unclear: "its quote is not closed, or is none that all know"}
	case strings.Contains(value, "#"):
		return setting{unclear: "a number sign could begin a comment: put it within single quotes"}
	case strings.ContainsAny(value, `$\`):
		return setting{unclear: "it has a dollar sign or backslash: put it within single quotes"}
	}
	return setting{value: value}
}

// goesOn tells whether the end of a text is within a value, as shells read it: its quote
// is not closed, or the last line ends with a backslash.
func goesOn(text []byte) bool {
	rest, last := strings.TrimPrefix(string(text), "\uFEFF"), ""
	for rest != "" {
		at := len(assignment().FindString(rest))
		if at > 0 && at < len(rest) && (rest[at] == '"' || rest[at] == '\'') {
			end := closingQuote(rest[at:])
			if end == 0 {
				return true
			}
			at += end
		}
		last, rest, _ = strings.Cut(rest[at:], "\n")
	}
	last = strings.TrimSpace(last)
	return strings.HasSuffix(last, `\`) && last[0] != '#'
}
