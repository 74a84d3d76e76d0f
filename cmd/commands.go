package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func say(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }

// unmistakable names one of the keys, as a flag where its id alone could be taken
// for something else: another key's label.
func unmistakable(list []keys.Key) string {
	for i := range list {
		id := list[i].ID
		if !slices.ContainsFunc(list, func(k keys.Key) bool { return k.Label == id }) {
			return asWord(id)
		}
	}
	return "--id=" + shellQuote(list[0].ID)
}

// asWord returns an id as a word for a shell.
func asWord(id string) string {
	if id == "" {
		return "REF"
	}
	return shellQuote(asFlag(id))
}

// dashed returns the argument that was taken for flags which do not exist, "" if
// that is not what went wrong, or it could be a token.
func dashed(e *keys.Error) string {
	var malformed *pflag.InvalidSyntaxError
	if errors.As(e.Err, &malformed) {
		return malformed.GetSpecifiedFlag()
	}
	var unknown *pflag.NotExistError
	if !errors.As(e.Err, &unknown) {
		return ""
	}
	switch short, long := unknown.GetSpecifiedShortnames(), unknown.GetSpecifiedName(); {
	case len(short) > 1:
		return "-" + short
	case short == "" && !flagName().MatchString(long):
		return "--" + long
	}
	return ""
}

// flagName is what somebody types who means a flag.
var flagName = lazily(`^[a-z]+(-[a-z]+)*$`)

// asOwner gives the same command as another user, where that would help.
func asOwner(g *globals, e *keys.Error) []string {
	if e.Owner == "" {
		lines := say("look at the modes and owners: ls -ld %s %s*", shellQuote(filepath.Dir(e.Path)), shellQuote(e.Path))
		if info, err := os.Stat(e.Path); err == nil && e.Reason == keys.ReasonReadOnly && info.Mode()&0o200 == 0 {
			lines = append(lines, "let its owner write the file: chmod u+w "+shellQuote(e.Path))
		}
		return lines
	}
	line := "sudo -u " + shellQuote(e.Owner) + " keyreeve"
	for _, f := range [][2]string{ // sudo takes this user's variables and home away
		{"--db", e.Path}, {"--layout", g.layout}, {"--audit-log", g.auditLog}, {"--secret-file", g.secret.file},
	} {
		if f[1] != "" && !slices.ContainsFunc(g.args, func(arg string) bool { return arg == f[0] || strings.HasPrefix(arg, f[0]+"=") }) {
			line += " " + f[0] + " " + shellQuote(f[1])
		}
	}
	return say("run it as the owner of the file: %s", line+retyped(g.args))
}

// command returns a keyreeve command line on the same database.
func (g *globals) command(words ...string) string { return g.commandOn(g.db, g.layout, words) }

// anywhere is command for a line that is kept for later: it works in any directory.
func (g *globals) anywhere(words ...string) string {
	layout := g.layout
	if _, err := os.Stat(layout); err == nil && strings.ContainsAny(layout, "./") { // no name
		layout = whole(layout)
	}
	return g.commandOn(whole(g.db), layout, words)
}

// whole returns a path that means the same file in any directory, "" for "".
func whole(path string) string {
	if all, err := filepath.Abs(path); err == nil && path != "" {
		return all
	}
	return path
}

func (g *globals) commandOn(database, layout string, words []string) string {
	line := "keyreeve"
	for _, w := range words {
		if w != "" {
			line += " " + w
		}
	}
	if strings.HasSuffix(line, "--help") {
		return line
	}
	if len(words) > 0 && strings.HasPrefix(words[0], "rotate") {
		line += g.auditWords()
	}
	if layout != "" && !strings.Contains(line, " --layout ") {
		line += " --layout " + shellQuote(layout)
	}
	if database != "" {
		line += " --db " + shellQuote(database)
	}
	return line
}

// again returns the command line as it was typed, and the flags that it lacks.
func (g *globals) again(more ...string) string {
	flags, words := g.args, []string(nil)
	if end := slices.Index(flags, "--"); end >= 0 { // nothing after it is a flag
		flags, words = flags[:end], flags[end:]
	}
	given := func(word string) bool { return strings.HasPrefix(word, "--") && slices.Contains(flags, word) }
	return "keyreeve" + retyped(slices.Concat(flags, slices.DeleteFunc(more, given), words))
}

// naming returns the command line as it was typed, with one key of a list in the place of
// the REF that could mean each of them. Where a flag has that text too, the REF is the one
// that stands behind no flag.
func (g *globals) naming(ref string, list []keys.Key) string {
	at := slices.Index(g.args, ref)
	for i := 1; i < len(g.args); i++ {
		if g.args[i] == ref && !strings.HasPrefix(g.args[i-1], "-") {
			at = i
			break
		}
	}
	if at < 0 {
		return g.command(g.verb, unmistakable(list))
	}
	return "keyreeve" + retyped(g.args[:at]) + " " + unmistakable(list) + retyped(g.args[at+1:])
}

// retyped returns arguments for a shell, each after a space.
func retyped(args []string) string {
	line := ""
	for _, arg := range args {
		if keys.LooksLikeToken(arg) {
			arg = "..." // wherever it was put by mistake
		}
		line += " " + shellQuote(arg)
	}
	return line
}

// shellQuote quotes s for a POSIX shell where it needs that.
func shellQuote(s string) string {
	special := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@%+=,", r))
	}
	if s != "" && !strings.ContainsFunc(s, special) {
		return s
	}
	return "'" + strings.ReplaceAll(keys.PrintableText(s), "'", `'\''`) + "'"
}
