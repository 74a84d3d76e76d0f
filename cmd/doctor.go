package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// soon is how far ahead a check looks unless it is told.
const soon = 14 * 24 * time.Hour

// checkup holds the flags of doctor.
type checkup struct {
	*globals
	full   bool
	within duration
}

func newDoctor(g *globals) *cobra.Command {
	o := &checkup{globals: g, within: duration{soon}}
	c := &cobra.Command{
		Use: "doctor", Short: "Look for what is wrong with a database, and say how to mend it",
		Long: "Look at the files of a database, at the file system, at locks, at the schema, at\n" +
			"every key, and at what stands beside the keys. Nothing is changed. Of each thing\n" +
			"there is a level: ok, notice, warning or problem; and where there is one, the\n" +
			"command that mends it. Exit code 3 is that there are warnings or problems.",
		Example:    "  keyreeve doctor\n  keyreeve doctor -o json | jq -r '.findings[] | select(.mend).mend'",
		SuggestFor: []string{"diagnose", "fsck", "lint", "health", "checkup"},
		RunE:       g.run(func(ctx context.Context, _ []string) error { return o.doctor(ctx) }),
	}
	c.Flags().BoolVar(&o.full, "full", false, "check the whole file, however large, also where that keeps writers waiting")
	c.Flags().Var(&o.within, "within", "warn of keys that expire within this time")
	complete(c, "within", "7d", "14d", "30d")
	return c
}

func (o *checkup) doctor(ctx context.Context) error {
	if err := o.onlyPrints(); err != nil {
		return err
	}
	if err := checkWithin(o.within); err != nil {
		return err
	}
	if o.secret.given() {
		if err := o.readServerSecret(ctx); err != nil {
			return err
		}
	}
	x, err := o.examined(ctx, o.full, o.keys)
	if err != nil {
		return err
	}
	list := x.Findings
	for _, f := range x.Failures {
		list = append(list, o.failed(f))
	}
	opts, err := o.options(keys.Fields(0))
	if err != nil {
		return err
	}
	doc := []render.Pair{{Name: "path", Value: x.Path}, {Name: "layout", Value: nil}, {Name: "era", Value: nil}}
	if x.Info != nil {
		doc[1].Value, doc[2].Value = x.Info.Layout, orNil(x.Info.Era)
	}
	doc = append(doc, render.Pair{Name: "findings", Value: o.findingList(list, opts.Format)})
	return verdict(!failing(list), render.Document(o.Out, opts, doc))
}

// checkWithin refuses what looks back.
func checkWithin(d duration) error {
	if d.Duration < 0 {
		return keys.Errorf(keys.ReasonInvalid, "--within takes a time that is not below zero")
	}
	return nil
}

// keys looks at what only the open database tells.
func (o *checkup) keys(ctx context.Context, store keys.Store) ([]keys.Finding, error) {
	info := store.Info()
	o.info = &info
	secret, err := o.serverSecret(ctx, info.Rules)
	if err != nil {
		return nil, err
	}
	svc := &keys.Service{Store: store, Now: o.Now, Rand: o.Rand, Secret: secret}
	return svc.CheckUp(ctx, o.within.Duration)
}

// failed makes a finding of what could not be looked at. A hint that ends with a
// command has it behind its only colon.
func (o *checkup) failed(f unexamined) keys.Finding {
	found := keys.Finding{Check: f.Check, Level: keys.Problem, Key: f.Err.Key, Path: f.Err.Path, Reason: f.Err.Message}
	if f.Err.Reason == keys.ReasonUnsafeDir { // the finding on its files has the command
		return found
	}
	for _, hint := range o.hints(f.Err) {
		if _, command, ok := strings.Cut(hint, ": "); ok {
			found.Shell = command
			break
		}
	}
	return found
}

func failing(list []keys.Finding) bool {
	return slices.ContainsFunc(list, func(f keys.Finding) bool { return f.Level.Failing() })
}

// findingList is findings as an answer has them: for people verdicts with the command
// below.
func (g *globals) findingList(list []keys.Finding, format render.Format) any {
	if format == render.Table || format == render.Wide {
		shown := make(render.Findings, len(list))
		for i := range list {
			f := &list[i]
			shown[i] = render.Finding{Level: f.Level, Check: f.Check, Reason: f.Reason, Mend: g.mends(f)}
		}
		return shown
	}
	r := render.Records{Names: []string{"check", "level", "key", "path", "reason", "mend", "at"}}
	for i := range list {
		f := &list[i]
		r.Rows = append(r.Rows, []any{f.Check, string(f.Level), orNil(f.Key), orNil(f.Path), f.Reason, orNil(g.mends(f)), f.At})
	}
	return r
}

// mends returns the command line that ends a finding, "" if there is none.
func (g *globals) mends(f *keys.Finding) string {
	if len(f.Mend) == 0 {
		return f.Shell
	}
	words := make([]string, len(f.Mend))
	for i, w := range f.Mend {
		if words[i] = shellQuote(w); w == f.Key && i > 0 {
			words[i] = asWord(w)
		}
	}
	rest := ""
	if at := slices.Index(words, "--"); at >= 0 { // behind which nothing is a flag
		words, rest = words[:at], " "+strings.Join(words[at:], " ")
	}
	if r := g.rules(); r.Secret != nil && slices.Contains([]string{"create", "bootstrap", "rotate"}, f.Mend[0]) {
		words = append(words, g.secret.words())
	}
	return g.command(words...) + rest
}
