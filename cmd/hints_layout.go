package cmd

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The hints that depend on whose key table it is. What they say comes from the
// rules of the database that was opened, as far as it was.

const layoutsListed = "see which layouts there are: keyreeve layout list"

// guest tells whether the database that was opened is another server's.
func (g *globals) guest() bool { return g.info != nil && g.rules().Server != "" }

// rules returns those of the database that was opened, keyreeve's own before.
func (g *globals) rules() *keys.Rules {
	if g.info == nil || g.info.Rules == nil {
		return keys.NativeRules()
	}
	return g.info.Rules
}

// another returns the command that makes a key here: with what this server demands
// of each key, and the flags that are named.
func (g *globals) another(flags ...string) string {
	r, words := g.rules(), []string{"create"}
	demanded := map[string]bool{
		"label": r.Label.Required, "role": r.Roles != nil && r.Roles.Required, "scope": r.Scopes != nil && r.Scopes.Required,
	}
	for _, f := range flags {
		demanded[f] = true
	}
	for _, f := range []string{"label", "role", "scope"} {
		switch {
		case f == "role" && r.AdminRole != "" && slices.Contains(flags, f):
			words = append(words, "--role "+shellQuote(r.AdminRole))
		case demanded[f]:
			words = append(words, "--"+f+" "+strings.ToUpper(f))
		}
	}
	if r.Secret != nil {
		words = append(words, g.secret.words())
	}
	return g.command(words...)
}

// secretWords are the flags that gave the server's secret, "" where a variable did.
func (g *globals) secretWords() string {
	if !g.secret.given() {
		return ""
	}
	return g.secret.words()
}

// words are the flags that give the server's secret, as they were or could be.
func (s *secretSource) words() string {
	switch {
	case s.envFile != "" && s.name != "":
		return "--secret-env-file " + shellQuote(s.envFile) + " --secret-name " + s.name
	case s.envFile != "":
		return "--secret-env-file " + shellQuote(s.envFile)
	case s.file != "":
		return "--secret-file " + shellQuote(s.file)
	}
	return "--secret-file FILE"
}

// layoutShown tells how to see the layout of the database.
func (g *globals) layoutShown(what string) []string {
	if g.info == nil {
		return []string{layoutsListed}
	}
	name := g.info.Layout
	if g.info.Era != "" {
		name += "/" + g.info.Era
	}
	if g.layout != "" && !strings.HasPrefix(name, g.layout) { // a file of the user's own
		return []string{what + "cat " + shellQuote(g.layout)}
	}
	return []string{what + "keyreeve layout show " + name}
}

func vocabulary(g *globals, e *keys.Error) []string {
	if !g.guest() {
		return policyHints(g, e)
	}
	lines := g.layoutShown("see the words that its server knows: ")
	if prints[g.verb] == newTokens {
		lines = append(lines, "then say it: "+g.another())
	}
	return lines
}

// secretNeeded tells how to give the server's secret, or what can be done without
// one that the server would take.
func secretNeeded(g *globals, _ *keys.Error) []string {
	var lines []string
	if g.secret.path() == "" {
		lines = []string{
			"give the server's secret by --secret-file FILE, less one newline at its end exactly what the server has",
			"or by --secret-env-file FILE, a dotenv file such as the server's own",
		}
	} else {
		lines = []string{"it has to be exactly what the server has: look at the server's own settings"}
	}
	r := g.rules()
	if prints[g.verb] != newTokens || r.Secret == nil {
		return lines
	}
	if g.secret.weak(r.Secret) {
		lines = append(lines, "a weak secret can be used all the same with --allow-weak-secret")
	}
	if len(r.Hash.Legacy) > 0 {
		lines = append(lines, "a key that needs no secret, hashed as the server once did: --legacy-sha256")
	}
	return lines
}

func unknownLayout(g *globals, e *keys.Error) []string {
	lines := []string{"check the path: " + e.Path}
	if g.foreign() {
		return append(lines, layoutsListed)
	}
	return append(lines,
		"describe another server's table in a file, beginning with that of a known one: keyreeve layout show NAME",
		layoutsListed,
		"to keep keyreeve's own tables in that database: "+g.command("bootstrap --layout native"),
	)
}

// unsupported tells what this server has instead, where it has something.
func unsupported(g *globals, _ *keys.Error) []string {
	switch {
	case !g.guest():
		return nil
	case g.verb == "bootstrap":
		return []string{"make a key: " + g.another()}
	case strings.HasPrefix(g.verb, "policy "):
		return g.layoutShown("see the rules of its server: ")
	}
	return g.layoutShown("see what its table can hold: ")
}

// othersRefer tells what to do about a key that other tables of the server refer to.
func othersRefer(g *globals, e *keys.Error) []string {
	look := "see what refers to it: sqlite3 " + shellQuote(e.Path) + " .schema"
	if g.rules().Revoke == keys.RevokeNone {
		return []string{look}
	}
	return []string{"revoke it instead: " + g.command("revoke", asWord(e.Key)), look}
}
