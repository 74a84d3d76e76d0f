package cmd

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// byAudit tells whether the audit alone knows which key of the table replaced which,
// or how long both are meant to be accepted.
func (g *globals) byAudit() bool {
	told := keys.FieldsOf(keys.FieldSuccessor, keys.FieldPredecessor, keys.FieldRequestID, keys.FieldExpiresAt)
	return g.guest() && told.Without(g.info.Fields) != 0
}

// forgets tells whether nothing knows later what an audit alone could tell.
func (g *globals) forgets() bool { return g.byAudit() && !g.info.Recalls }

// auditFile is the file where changes are recorded, whatever directory a command is
// typed in; "" where there is none.
func (g *globals) auditFile() string {
	path, _ := g.auditPath()
	if path == "" || path == "-" {
		return ""
	}
	return whole(path)
}

// auditWords are the flag of a command about rotations that names the audit which tells
// of them: whoever types it may have another default, as cron has.
func (g *globals) auditWords() string {
	if file := g.auditFile(); file != "" && g.byAudit() && g.info.Recalls {
		return " --audit-log " + shellQuote(file)
	}
	return ""
}

// finishing returns the command that makes a server refuse keys which were replaced.
// Where neither their table nor an audit tells that they were, it is that of any
// other keys.
func (g *globals) finishing(old ...*keys.Key) string {
	words := []string{"rotate --finish"}
	switch {
	case !g.forgets():
	case g.rules().Revoke == keys.RevokeNone:
		words[0] = "delete"
	default:
		words[0] = "revoke"
	}
	for _, k := range old {
		words = append(words, asWord(k.ID))
	}
	return g.anywhere(words...)
}

// finishOf returns the command that ends a rotation, "" where nothing is left to do.
func (g *globals) finishOf(r *keys.Rotated) string {
	if r.EndsItself || r.Old.ID == "" {
		return ""
	}
	return g.finishing(&r.Old)
}

// wantsAudit tells whether the command line asks for what only an audit can tell, and
// none is kept.
func (g *globals) wantsAudit() bool {
	request := func(arg string) bool { return arg == "--request-id" || strings.HasPrefix(arg, "--request-id=") }
	return g.forgets() && (g.answer != "rotate" || len(g.chosen) > 0 || slices.ContainsFunc(g.args, request))
}

// without returns arguments without a flag and its value.
func without(args []string, flag string) (rest []string) {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == flag:
			i++
		case !strings.HasPrefix(args[i], flag+"="):
			rest = append(rest, args[i])
		}
	}
	return rest
}
