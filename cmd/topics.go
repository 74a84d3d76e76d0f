package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// topics are the pages of help that belong to no command. They are made from the
// tables that the program itself works by, once somebody reads them.
var topics = []struct {
	name, short string
	text        func() string
}{
	{"exit-codes", "What the exit codes mean", exitCodesText},
	{"formats", "Output formats, tokens, times and values", formatsText},
	{"settings", "Settings of a policy, and its presets", settingsText},
	{"environment", "Environment variables and files", environmentText},
}

func newTopics() []*cobra.Command {
	list := make([]*cobra.Command, len(topics))
	for i, t := range topics {
		list[i] = &cobra.Command{Use: t.name, Short: t.short}
	}
	return list
}

// textOf returns what a command says of itself, or what a topic tells.
func textOf(c *cobra.Command) string {
	for _, t := range topics {
		if c.IsAdditionalHelpTopicCommand() && c.Name() == t.name {
			return t.text()
		}
	}
	if c.Long != "" {
		return c.Long
	}
	return c.Short
}

func exitCodesText() string {
	var b strings.Builder
	b.WriteString("Every command ends with one of these codes:\n\n")
	for _, e := range exits {
		fmt.Fprintf(&b, "  %3d  %-12s %s\n", e.code, e.word, fold(e.when, 20))
	}
	b.WriteString("\nThe word is \"code\" in JSON errors:\n{\"error\": {\"code\", \"reason\", \"message\", \"hint\"}}.\n" +
		"Where a command changes several keys, an error means that none was changed.\n" +
		"With the reason \"output\" it can be done all the same: the message says so.")
	return b.String()
}

func environmentText() string {
	var b strings.Builder
	b.WriteString("Variables give flags another default; a flag on the command line wins:\n\n")
	for _, v := range variables {
		fmt.Fprintf(&b, "  %-20s --%-11s  %s\n", v.name, v.flag, fold(v.about, 38))
	}
	b.WriteString("\nNo variable stands for --force or --yes, and none holds a token or a secret.\n\n" +
		"  NO_COLOR             any value but an empty one: no colour, unless --color\n" +
		"                       says always\n" +
		"  TERM=dumb            likewise\n" +
		"  XDG_DATA_HOME        where the default database is:\n" +
		"                       $XDG_DATA_HOME/keyreeve/keys.db; unset, it is\n" +
		"                       ~/.local/share/keyreeve/keys.db\n" +
		"  XDG_STATE_HOME       where changes to other servers' keys are recorded:\n" +
		"                       $XDG_STATE_HOME/keyreeve/audit.jsonl; unset, it is\n" +
		"                       ~/.local/state/keyreeve/audit.jsonl\n" +
		"  SUDO_USER            kept in the audit as the user behind sudo\n\n" +
		"With --layout and without --db the file is where the layout's server keeps it,\n" +
		"by that server's own variables and usual paths: see keyreeve layout show.")
	return b.String()
}

func formatsText() string {
	var outcomes []string
	for _, o := range keys.Outcomes() {
		outcomes = append(outcomes, string(o))
	}
	return `Output, chosen by -o:

  table       for people; on a terminal with colour and relative times
  wide        the same with every attribute
  json        one document: an array, or an object where one key was named
  jsonl       one object a line, as they are read
  yaml        the same as json
  csv         with a header row
  id, name    ids or labels alone, one a line
  k8s-secret  for new tokens: a Kubernetes Secret manifest

The fields of a key, also for --columns:

  ` + fold(strings.Join(fieldNames(), ", "), 2) + `

Times in machine output are RFC 3339 in UTC; never is null. A field that the
table has no column for is absent. In JSON "advice" is a list of sentences: what
a running server would not notice by itself, with the command that helps, and
which values of a row are not what they should be.

A token is PREFIX_ID SECRET CHECK without the spaces: a prefix (kr by default),
an id of 8 characters that is safe in logs, a secret of 256 bits, and 6
characters of checksum, all of 0-9A-Za-z. It is shown once; the database keeps
its SHA-256.

Other servers have tokens and hashes of their own: keyreeve layout show tells.

A REF names a key: its id, at least 4 characters that only its id begins with,
its label, the masked form that list prints, or its token by --key-file. Ids
that are numbers are given in full; one that begins with a dash, by --id.

Durations: 90s, 15m, 12h, 30d, 2w, 1y, also together (1d12h). A bare date such
as 2027-01-31 is 00:00 UTC of that day. Rates: 100/1h.

The reasons that verify gives:

  ` + fold(strings.Join(outcomes, ", "), 2)
}

func fieldNames() []string {
	var names []string
	for _, f := range keys.ShownFields() {
		names = append(names, f.String())
	}
	return names
}

// fold breaks text between words at 80 columns, where it begins at column indent
// and so do the lines that follow.
func fold(text string, indent int) string {
	const width = 80
	var b strings.Builder
	column := indent
	for i, w := range strings.Fields(text) {
		switch {
		case i > 0 && column+1+len(w) > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		case i > 0:
			b.WriteString(" ")
			column++
		}
		b.WriteString(w)
		column += len(w)
	}
	return b.String()
}
