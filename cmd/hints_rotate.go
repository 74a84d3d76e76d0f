package cmd

import (
	"cmp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// The hints of errors about rotations.

// notUsable is about a key that is revoked or expired, or the successor that is.
func notUsable(g *globals, e *keys.Error) []string {
	lines, again := say("see why: %s", g.command("show", asWord(e.Key))), ""
	if g.answer == "rotate --finish" { // to bring a key back is no way to end another
		return append(lines, "or end the old key all the same: "+g.again("--force"))
	}
	if g.keyStatus == keys.Expired {
		again = "--expires 90d"
	}
	if g.rules().Revoke != keys.RevokeNone {
		lines = append(lines, "bring it back first: "+g.command("activate", asWord(e.Key), again))
	}
	return append(lines, "or make another key: "+g.another())
}

// unlessRotated are the hints about the last key, but for one whose successor would end
// too soon to let anybody in.
func unlessRotated(hints func(*globals, *keys.Error) []string) func(*globals, *keys.Error) []string {
	return func(g *globals, e *keys.Error) []string {
		if g.answer != "rotate" {
			return hints(g, e)
		}
		return say("its successor would end within the hour: give a later --expires, or none, which keeps the old key's end")
	}
}

// alreadyRotated names the key to go on with.
func alreadyRotated(g *globals, e *keys.Error) []string {
	lines := say("see how far that is: %s", g.command("rotate --status", asWord(e.Key)))
	next := &e.Matches[0]
	is := next.Status(keys.At(g.Now()))
	switch {
	case e.Missing.Has(keys.FieldExpiresAt):
		lines = append(lines, "give the successor that end: "+g.command("update", asWord(next.ID), "--expires 30d"))
	case next.Successor != "" || is != keys.Active && is != keys.Pending: // it is no key to go on with
		lines = append(lines, "look at the successor: "+g.command("show", asWord(next.ID)))
	default:
		lines = append(lines, "replace the successor in turn: "+g.command("rotate", asWord(next.ID), g.secretWords()))
	}
	if accepted := g.keyStatus == keys.Active || g.keyStatus == keys.Pending; accepted && e.Key != e.Matches[0].ID {
		lines = append(lines, "if its token leaked, end it now: "+g.command("rotate --finish", asWord(e.Key), "--force"))
	}
	return lines
}

func notRotated(g *globals, e *keys.Error) []string {
	return []string{
		"see which rotations there are: " + g.command("rotate --status"),
		"to switch the key off without a successor: " + g.command("revoke", asWord(e.Key)),
	}
}

func tooEarly(g *globals, e *keys.Error) []string {
	return []string{
		"see how far it is: " + g.command("rotate --status", asWord(e.Key)),
		"or end it all the same: " + g.command("rotate --finish", asWord(e.Key), "--force"),
	}
}

func damagedKey(g *globals, e *keys.Error) []string {
	return say("see what can be read of it: %s", g.command("show", asWord(e.Key)))
}

// hintOnRotate has lines where a rotation needs another than other verbs.
func (g *globals) hintOnRotate(e *keys.Error) ([]string, bool) {
	switch {
	case g.verb != "rotate":
	case e.Reason == keys.ReasonTokenArgument:
		return []string{
			"name the old key by its token with --old-key-file FILE, or - for standard input: " + g.command("rotate --old-key-file -"),
			"treat that token as leaked: replace its key with --overlap 0, and take the line out of the history",
		}, true
	case e.Reason == keys.ReasonPolicy && g.guest() && e.Missing.Has(keys.FieldExpiresAt):
		return say("give the successor another end than the old key has: %s", g.command("rotate", asWord(cmp.Or(e.Key, g.subject)), "--expires 30d")), true
	case e.Reason == keys.ReasonUnsupported && g.wantsAudit():
		return say("keep an audit in a file: %s", "keyreeve"+retyped(append(without(g.args, "--audit-log"), "--audit-log", "FILE"))), true
	case e.Reason == keys.ReasonFileExists && e.Key != "":
		return g.madeBefore(e), true
	case e.Reason == keys.ReasonOutput && e.Key != "":
		return []string{
			"look at the successor: " + g.command("show", asWord(e.Key)),
			"a fresh token for it is given by the same --request-id, if there was one; else replace it in turn: " + g.command("rotate", asWord(e.Key)),
		}, true
	case e.Reason == keys.ReasonOutput && e.Path == "":
		return say("write the token to a file: %s", g.again("--out", "FILE")), true
	}
	return nil, false
}

// madeBefore is about a file that a repeated request would make, and may have made.
func (g *globals) madeBefore(e *keys.Error) []string {
	first := "the same request may have made it: if its token is that of " + asWord(e.Key) + " nothing is left to do"
	if g.output.value != k8sSecret { // which holds more than a token
		first += ": " + g.command("verify", "--key-file", shellQuote(e.Path))
	}
	return []string{first, "else move it away: a fresh token replaces the one that was given before"}
}
