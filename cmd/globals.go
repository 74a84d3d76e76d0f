package cmd

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// globals are the flags that every command has, and the talk of one run.
type globals struct {
	*Env
	db, layout string
	auditLog   string
	secret     secretSource
	output     choice
	columns    string
	noHeaders  bool
	color      choice
	timeout    duration

	badVariables []badVariable

	args      []string    // as given, for hints: none of them is a token once parsed
	verb      string      // of the command that runs, for messages
	answer    string      // what it prints, see answerOf
	tokenVerb string      // the same if it takes a token, else one that does
	subject   string      // what it works on
	chosen    []string    // the filters that chose its keys, as flags of list
	refVerbs  []string    // the commands that take REFs
	parsed    bool        // flags and arguments were understood
	readOnly  bool        // the command changes nothing
	unasked   bool        // what was shown only wants --yes
	keyStatus keys.Status // of the key that an error is about, "" where nobody looked
	notes     []string

	info   *keys.Info  // of the database that was opened last, nil before
	policy keys.Policy // of that, where one of its settings refused something
	found  string      // where the layout's server keeps its database, once looked for
}

func newGlobals(env *Env) *globals {
	g := &globals{Env: env, timeout: duration{10 * time.Second}}
	var formats []string
	for _, f := range render.Formats() {
		formats = append(formats, string(f))
	}
	g.output = choice{value: string(render.Table), allowed: append(formats, k8sSecret)}
	g.color = choice{value: "auto", allowed: []string{"auto", "always", "never"}}
	return g
}

// badVariable is one whose value its flag does not take.
type badVariable struct {
	flag *pflag.Flag
	err  error
}

// variables are the environment variables that give flags another default.
var variables = []struct{ name, flag, about string }{
	{"KEYREEVE_DB", "db", "the database file"},
	{"KEYREEVE_LAYOUT", "layout", "the layout of its key table"},
	{"KEYREEVE_AUDIT_LOG", "audit-log", "the audit of changes to another server's keys"},
	{"KEYREEVE_SECRET_FILE", "secret-file", "the secret under which a server hashes its keys"},
	{"KEYREEVE_OUTPUT", "output", "the output format"},
	{"KEYREEVE_COLOR", "color", "when to use colour"},
	{"KEYREEVE_TIMEOUT", "timeout", "how long to wait for a lock"},
}

func (g *globals) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&g.db, "db", "", "database `file` (default $XDG_DATA_HOME/keyreeve/keys.db)")
	fs.StringVar(&g.layout, "layout", "", "`name` of the layout of its key table, or a file (default: recognised)")
	fs.StringVar(&g.auditLog, "audit-log", "", "`file` for the audit of another server's keys; - is standard error")
	must(cobra.MarkFlagFilename(fs, "audit-log"))
	g.secret.addFlags(fs)
	fs.VarP(&g.output, "output", "o", "output `format`: "+strings.Join(g.output.allowed, ", "))
	fs.StringVar(&g.columns, "columns", "", "comma-separated `names` of the fields to show: see help formats")
	fs.BoolVar(&g.noHeaders, "no-headers", false, "leave out the header row")
	fs.Var(&g.color, "color", "use colour: auto, always or never")
	fs.Var(&g.timeout, "timeout", "how long to wait for a locked database")
	g.fromEnvironment(fs)
}

// fromEnvironment makes the variables the flags' defaults. A bad value is an
// error only once a command runs without the flag, so that help always works.
func (g *globals) fromEnvironment(fs *pflag.FlagSet) {
	for _, v := range variables {
		value := g.Getenv(v.name)
		if value == "" {
			continue
		}
		f := fs.Lookup(v.flag)
		if err := f.Value.Set(value); err != nil {
			g.badVariables = append(g.badVariables, badVariable{f, keys.Errorf(keys.ReasonInvalid, "the variable %s: %v", v.name, err)})
		}
	}
}

// settle checks what flags alone cannot say.
func (g *globals) settle() error {
	for _, bad := range g.badVariables {
		if !bad.flag.Changed {
			return bad.err
		}
	}
	if err := g.secret.check(); err != nil {
		return err
	}
	_, err := g.options(keys.Fields(0))
	return err
}

// options returns how to render keys of a table that holds these fields.
func (g *globals) options(fields keys.Fields) (render.Options, error) {
	o := render.Options{
		Format: render.Format(g.output.value), NoHeaders: g.noHeaders, Now: keys.At(g.Now()), Fields: fields,
		Terminal: g.OutTTY, Width: g.Width(), Color: g.colored(g.OutTTY),
	}
	if g.columns == "" {
		return o, nil
	}
	var err error
	o.Columns, err = render.ParseColumns(g.columns, columnNames(g.answer))
	return o, err
}

// colored decides about colour on one stream: https://no-color.org, TERM=dumb.
func (g *globals) colored(terminal bool) bool {
	switch g.color.value {
	case "always":
		return true
	case "never":
		return false
	}
	return terminal && g.Getenv("NO_COLOR") == "" && g.Getenv("TERM") != "dumb"
}

// structured tells whether standard error is read by a program.
func (g *globals) structured() bool {
	f := render.Format(g.output.value)
	return f == render.JSON || f == render.JSONL
}
