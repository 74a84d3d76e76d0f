package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Everything that is said to people goes to standard error, by these rules:
//
//   - a line begins with "keyreeve: ", in lower case and without a full stop;
//   - an error names the verb, its subject, and what failed; hints follow, each
//     with a command that can be typed as it stands;
//   - with JSON output there is at most one document on standard error, so
//     notes wait for the end and go with it.
//
// What a person is asked goes there too, but only on a terminal.

// note says something that is no error.
func (g *globals) note(format string, args ...any) {
	text := keys.PrintableText(fmt.Sprintf(format, args...)) // paths can be anything
	if g.structured() {
		g.notes = append(g.notes, text)
		return
	}
	fmt.Fprintf(g.Err, "keyreeve: %s\n", text)
}

// flushNotes writes the notes of a run that had JSON output and no error.
func (g *globals) flushNotes() {
	if len(g.notes) > 0 {
		fmt.Fprintf(g.Err, "{\"warnings\":%s}\n", jsonList(g.notes))
	}
}

// report says what went wrong and returns the exit code.
func (g *globals) report(e *keys.Error) int {
	code := exitOf(e.Kind())
	hints := g.hints(e)
	if g.structured() {
		g.reportJSON(e, code, hints)
		return code
	}
	fmt.Fprintf(g.Err, "keyreeve: %s%s\n", g.where(e), keys.PrintableText(e.Message))
	for _, k := range e.Matches {
		fmt.Fprintf(g.Err, "keyreeve:   %s\n", g.describe(&k))
	}
	for _, hint := range hints {
		fmt.Fprintf(g.Err, "keyreeve: hint: %s\n", hint)
	}
	return code
}

// where says which verb failed on what: of several keys on which, unless that is said.
func (g *globals) where(e *keys.Error) string {
	text, subject := "", g.subject
	if subject == "" && !slices.Contains(strings.Fields(e.Message), e.Key) {
		subject = keys.PrintableText(e.Key)
	}
	for _, part := range []string{g.verb, subject} {
		if part != "" && e.Kind() != keys.KindInterrupted {
			text += part + ": "
		}
	}
	return text
}

func (g *globals) reportJSON(e *keys.Error, code int, hints []string) {
	b := []byte(`{"error":{"code":`)
	b = keys.AppendString(b, exitWord(code))
	for _, member := range [][2]string{
		{"reason", string(e.Reason)}, {"message", e.Message}, {"hint", strings.Join(hints, "\n")}, {"key", e.Key}, {"path", e.Path},
	} {
		if member[1] != "" {
			b = append(b, `,"`+member[0]+`":`...)
			b = keys.AppendString(b, member[1])
		}
	}
	if len(e.Matches) > 0 {
		var ids []string
		for _, k := range e.Matches {
			ids = append(ids, k.ID)
		}
		b = append(b, `,"matches":`+jsonList(ids)...)
	}
	if len(g.notes) > 0 {
		b = append(b, `,"warnings":`+jsonList(g.notes)...)
	}
	fmt.Fprintf(g.Err, "%s}}\n", b)
}

func jsonList(texts []string) string {
	b := []byte{'['}
	for i, t := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = keys.AppendString(b, t)
	}
	return string(append(b, ']'))
}

// describe names a key on one line, for a person.
func (g *globals) describe(k *keys.Key) string {
	text := k.ID
	if k.Label != "" {
		text += "  " + keys.PrintableText(k.Label)
	}
	return text + "  " + string(k.Status(keys.At(g.Now())))
}
