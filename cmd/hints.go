package cmd

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// hints gives the next commands to type, by the reason of an error.
func (g *globals) hints(e *keys.Error) []string {
	if lines, ok := g.hintOnBackup(e); ok {
		return lines
	}
	if lines, ok := g.hintOnRotate(e); ok {
		return lines
	}
	hint, ok := hintOf[e.Reason]
	if !ok {
		return nil
	}
	return hint(g, e)
}

// hintOf has a line for every reason that leaves something to do.
var hintOf = map[keys.Reason]func(*globals, *keys.Error) []string{
	keys.ReasonInvalid: func(g *globals, e *keys.Error) []string {
		if id := dashed(e); id != "" && slices.Contains(g.refVerbs, g.verb) {
			lines := say("if that is the id of a key: %s", g.command(g.verb, asWord(id)))
			if strings.HasPrefix(id, "--") {
				lines = append(lines, "else see "+g.command(g.verb, "--help"))
			}
			return lines
		}
		if at := (*fs.PathError)(nil); errors.As(e, &at) {
			return say("name a file that this user can read: ls -ld %s", shellQuote(at.Path))
		}
		if g.unasked {
			return say("go on without a question: %s", g.again("--yes"))
		}
		if strings.HasPrefix(g.verb, "policy ") {
			return settingHints(g.args)
		}
		if g.verb == "activate" && e.Key != "" {
			return say("as in %s", g.command("activate", asWord(e.Key), "--expires 90d"))
		}
		return say("see %s", g.command(g.verb, "--help"))
	},
	keys.ReasonTokenArgument: func(g *globals, _ *keys.Error) []string {
		return []string{
			"give a token by --key-file FILE, or --key-file - for standard input: " + g.command(g.tokenVerb, "--key-file -"),
			"treat that token as leaked: revoke its key, and take the line out of the history",
		}
	},
	keys.ReasonNotFound: func(g *globals, _ *keys.Error) []string {
		if g.verb == "lockout clear" {
			return say("see which addresses have failures: %s", g.command("lockout list"))
		}
		return say("see which keys there are: %s", g.command("list"))
	},
	keys.ReasonDeleted: func(g *globals, _ *keys.Error) []string {
		return say("a deleted key cannot come back; make another: %s", g.another())
	},
	keys.ReasonAmbiguous: func(g *globals, e *keys.Error) []string {
		return say("name the one that you mean by its id, as in %s", g.naming(e.Ref, e.Matches))
	},
	keys.ReasonAlreadyBootstrapped: func(g *globals, _ *keys.Error) []string {
		return say("make another key: %s", g.another())
	},
	keys.ReasonLabelTaken: func(g *globals, e *keys.Error) []string {
		if g.verb == "activate" {
			return say("only one of the two can be active; look at the other one: %s", g.command("show", asWord(e.Key)))
		}
		return say("choose another --label, or look at the key that has it: %s", g.command("show", asWord(e.Key)))
	},
	keys.ReasonTokenTaken: func(g *globals, e *keys.Error) []string {
		if e.Key == "" {
			return say("see which keys there are: %s", g.command("list"))
		}
		return say("see the key: %s", g.command("show", asWord(e.Key)))
	},
	keys.ReasonLastActive: unlessRotated(func(g *globals, e *keys.Error) []string {
		return []string{g.instead(e, "make another key first: "+g.another()), "or lock everybody out with --force"}
	}),
	keys.ReasonLastAdmin: unlessRotated(func(g *globals, e *keys.Error) []string {
		return []string{g.instead(e, "make another key with that role first: "+g.another("role")), "or go on with --force"}
	}),
	keys.ReasonEverything: func(g *globals, _ *keys.Error) []string {
		return []string{"if every key is meant: " + g.again("--all"), "see which keys there are: " + g.command("list")}
	},
	keys.ReasonOtherCount: func(g *globals, _ *keys.Error) []string {
		verb := "list"
		if g.verb == "prune" { // its criteria are more than filters
			verb = "prune --dry-run"
		}
		return say("see which they are: %s", g.command(verb, strings.Join(g.chosen, " ")))
	},
	keys.ReasonNotUsable:      notUsable,
	keys.ReasonAlreadyRotated: alreadyRotated,
	keys.ReasonNotRotated:     notRotated,
	keys.ReasonTooEarly:       tooEarly,
	keys.ReasonDamaged:        damagedKey,
	keys.ReasonTarget:         elsewhere,
	keys.ReasonFileExists: func(*globals, *keys.Error) []string {
		return say("name a file that does not exist, or move that one away")
	},
	keys.ReasonOtherDatabase: otherDatabase,
	keys.ReasonOvertaken:     overtaken,
	keys.ReasonBusy: func(g *globals, e *keys.Error) []string {
		return []string{"try again, or wait longer with --timeout 1m", "see who has the file open: fuser -v " + shellQuote(e.Path)}
	},
	keys.ReasonMissing:     missing,
	keys.ReasonNotDatabase: func(*globals, *keys.Error) []string { return say("name another file with --db or KEYREEVE_DB") },
	keys.ReasonPolicy: func(g *globals, e *keys.Error) []string {
		switch {
		case g.verb == "delete" && e.Key != "":
			return othersRefer(g, e)
		case g.guest():
			return g.layoutShown("see what its server allows: ")
		}
		return policyHints(g, e)
	},
	keys.ReasonVocabulary: vocabulary,
	keys.ReasonStillActive: func(g *globals, e *keys.Error) []string {
		return []string{"revoke it first: " + g.command("revoke", asWord(e.Key)), "or delete it all the same with --force"}
	},
	keys.ReasonSecret:        secretNeeded,
	keys.ReasonUnknownLayout: unknownLayout,
	keys.ReasonAmbiguousLayout: func(g *globals, _ *keys.Error) []string {
		return []string{"say which one is meant with --layout NAME", layoutsListed}
	},
	keys.ReasonAmbiguousFile: func(*globals, *keys.Error) []string {
		return say("name the one that the server works with, by --db or KEYREEVE_DB")
	},
	keys.ReasonLayoutFile: func(*globals, *keys.Error) []string {
		return []string{"see how a layout is written: man keyreeve-layout", "begin with one that works: keyreeve layout show NAME"}
	},
	keys.ReasonAudit: func(*globals, *keys.Error) []string {
		return say("name another file with --audit-log; - is standard error")
	},
	keys.ReasonUnsupported: unsupported,
	keys.ReasonEmpty: func(g *globals, _ *keys.Error) []string {
		if g.foreign() {
			return say("its server makes the tables: start it once, or name another file with --db")
		}
		return append(say("make the first key: %s", g.command("bootstrap")), g.serversFile()...)
	},
	keys.ReasonOldSchema: func(g *globals, _ *keys.Error) []string {
		return say("bring it up to date: %s", g.command("migrate"))
	},
	keys.ReasonNewSchema: func(*globals, *keys.Error) []string {
		return say("use a newer version of keyreeve; this is %s", version())
	},
	keys.ReasonWrongUser:  asOwner,
	keys.ReasonReadOnly:   asOwner,
	keys.ReasonUnreadable: asOwner,
	keys.ReasonHotJournal: asOwner,
	keys.ReasonUnsafeDir:  closed,
	keys.ReasonOutput: func(g *globals, e *keys.Error) []string {
		switch {
		case e.Key != "":
			return []string{"look at the key: " + g.command("show", asWord(e.Key)), "or give it up: " + g.command("revoke", asWord(e.Key))}
		case e.Path != "" && errors.Is(e, syscall.ENOSPC):
			return say("make room on the disk, then try again")
		case e.Path != "":
			return say("name a file in a directory that you may write: ls -ld %s", shellQuote(filepath.Dir(e.Path)))
		case prints[g.verb] == newTokens:
			return say("write the token to a file: %s", g.command(g.verb, "--out FILE"))
		case g.readOnly:
			return say("send it somewhere: %s", g.command(g.verb)+" > FILE")
		}
		return say("see how it is now: %s", g.command("list"))
	},
	keys.ReasonUndone: func(_ *globals, e *keys.Error) []string {
		return say("see what the database itself does on a change: sqlite3 %s .schema", shellQuote(e.Path))
	},
	keys.ReasonCorrupt: func(g *globals, e *keys.Error) []string {
		switch {
		case keys.NotIdentified(e):
			return say("only its server, or SQL, can change that row; see what can be read of it: %s", g.command("list -o json"))
		case e.Key != "" && g.guest():
			return say("see what can be read of it: %s", g.command("show", asWord(e.Key)))
		case e.Key != "": // SQLite sees nothing wrong with a value that only we cannot read
			row := "SELECT * FROM keyreeve_keys WHERE id = '" + strings.ReplaceAll(e.Key, "'", "''") + "'"
			return say("look at the row: sqlite3 %s %s", shellQuote(e.Path), shellQuote(row))
		}
		return say("check the file: sqlite3 %s 'PRAGMA integrity_check'", shellQuote(e.Path))
	},
	keys.ReasonFull: func(*globals, *keys.Error) []string { return say("make room on the disk, then try again") },
}
