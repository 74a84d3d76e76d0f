package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// hints gives the next commands to type, by the reason of an error.
func (g *globals) hints(e *keys.Error) []string {
	hint, ok := hintOf[e.Reason]
	if !ok {
		return nil
	}
	return hint(g, e)
}

// hintOf has a line for every reason that leaves something to do.
var hintOf = map[keys.Reason]func(*globals, *keys.Error) []string{
	keys.ReasonInvalid: func(g *globals, _ *keys.Error) []string {
		return say("see %s", g.command(g.verb, "--help"))
	},
	keys.ReasonTokenArgument: func(g *globals, _ *keys.Error) []string {
		return []string{
			"give a token by --key-file FILE, or --key-file - for standard input: " + g.command(g.tokenVerb, "--key-file -"),
			"treat that token as leaked: revoke its key, and take the line out of the history",
		}
	},
	keys.ReasonNotFound: func(g *globals, _ *keys.Error) []string {
		return say("see which keys there are: %s", g.command("list"))
	},
	keys.ReasonDeleted: func(g *globals, _ *keys.Error) []string {
		return say("a deleted key cannot come back; make another: %s", g.command("create"))
	},
	keys.ReasonAmbiguous: func(g *globals, e *keys.Error) []string {
		return say("name the one that you mean by its id, as in %s", g.command(g.verb, unmistakable(e.Matches)))
	},
	keys.ReasonAlreadyBootstrapped: func(g *globals, _ *keys.Error) []string {
		return say("make another key: %s", g.command("create"))
	},
	keys.ReasonLabelTaken: func(g *globals, e *keys.Error) []string {
		if g.verb == "activate" {
			return say("only one of the two can be active; look at the other one: %s", g.command("show", e.Key))
		}
		return say("choose another --label, or look at the key that has it: %s", g.command("show", e.Key))
	},
	keys.ReasonTokenTaken: func(g *globals, e *keys.Error) []string {
		return say("see the key: %s", g.command("show", e.Key))
	},
	keys.ReasonLastActive: func(g *globals, _ *keys.Error) []string {
		return []string{"make another key first: " + g.command("create"), "or lock everybody out with --force"}
	},
	keys.ReasonLastAdmin: func(g *globals, _ *keys.Error) []string {
		return []string{"make another key with that role first: " + g.command("create --role ROLE"), "or go on with --force"}
	},
	keys.ReasonFileExists: func(*globals, *keys.Error) []string {
		return say("name a file that does not exist, or move that one away")
	},
	keys.ReasonBusy: func(g *globals, e *keys.Error) []string {
		return []string{"try again, or wait longer with --timeout 1m", "see who has the file open: fuser -v " + shellQuote(e.Path)}
	},
	keys.ReasonMissing:     missing,
	keys.ReasonNotDatabase: func(*globals, *keys.Error) []string { return say("name another file with --db or KEYREEVE_DB") },
	keys.ReasonPolicy: func(g *globals, e *keys.Error) []string {
		if e.Path != "" { // the rules themselves are wrong
			return say("see the rules: sqlite3 %s 'SELECT * FROM keyreeve_settings'", shellQuote(e.Path))
		}
		return []string{"see which keys there are: " + g.command("list -o wide"), "a generated token is not limited: " + g.command("create")}
	},
	keys.ReasonEmpty: func(g *globals, _ *keys.Error) []string {
		return say("make the first key: %s", g.command("bootstrap"))
	},
	keys.ReasonUnknownLayout: func(g *globals, e *keys.Error) []string {
		return []string{
			"check the path: " + e.Path,
			"to keep keyreeve's own tables in that database: " + g.command("bootstrap --layout native"),
		}
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
	keys.ReasonUnsafeDir: func(_ *globals, e *keys.Error) []string {
		dir := filepath.Dir(e.Path)
		if info, err := os.Stat(dir); err == nil && info.Mode()&fs.ModeSticky != 0 { // such as /tmp, which has to stay open
			own := filepath.Join(dir, "keyreeve")
			return say("that is a place for everybody's files: put the database into a directory of its own, as in mkdir -m 700 %s", shellQuote(own))
		}
		return say("keep others from writing to the directory: chmod o-w %s", shellQuote(dir))
	},
	keys.ReasonOutput: func(g *globals, e *keys.Error) []string {
		switch {
		case e.Key != "":
			return []string{"look at the key: " + g.command("show", e.Key), "or give it up: " + g.command("revoke", e.Key)}
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
	keys.ReasonCorrupt: func(_ *globals, e *keys.Error) []string {
		if e.Key != "" { // SQLite sees nothing wrong with a value that only we cannot read
			row := "SELECT * FROM keyreeve_keys WHERE id = '" + strings.ReplaceAll(e.Key, "'", "''") + "'"
			return say("look at the row: sqlite3 %s %s", shellQuote(e.Path), shellQuote(row))
		}
		return say("check the file: sqlite3 %s 'PRAGMA integrity_check'", shellQuote(e.Path))
	},
	keys.ReasonFull: func(*globals, *keys.Error) []string { return say("make room on the disk, then try again") },
}

// missing tells how to get a database, but a command never to try itself again.
func missing(g *globals, e *keys.Error) []string {
	other := "or name another file with --db or KEYREEVE_DB"
	dir := filepath.Dir(e.Path)
	switch _, err := os.Stat(dir); {
	case g.db != "" && errors.Is(err, fs.ErrNotExist): // the default directory is bootstrap's to make
		return []string{"if that is the right path, make its directory: mkdir -p -m 700 " + shellQuote(dir), other}
	case g.verb == "bootstrap":
		return say("name another file with --db or KEYREEVE_DB")
	}
	return []string{"create the database and its first key: " + g.command("bootstrap"), other}
}

func say(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }

// unmistakable names one of the keys: by its masked form where its id is another
// one's label, which no other way could tell apart.
func unmistakable(list []keys.Key) string {
	for i := range list {
		id := list[i].ID
		if !slices.ContainsFunc(list, func(k keys.Key) bool { return k.Label == id }) {
			return id
		}
	}
	return shellQuote(list[0].Masked)
}

// asOwner gives the same command as another user, where that would help.
func asOwner(g *globals, e *keys.Error) []string {
	if e.Owner == "" {
		return say("look at the modes and owners: ls -ld %s %s*", shellQuote(filepath.Dir(e.Path)), shellQuote(e.Path))
	}
	line := "sudo -u " + shellQuote(e.Owner) + " keyreeve"
	if !slices.ContainsFunc(g.args, func(arg string) bool { return arg == "--db" || strings.HasPrefix(arg, "--db=") }) {
		line += " --db " + shellQuote(e.Path) // sudo takes this user's variables and home away
	}
	for _, arg := range g.args {
		if keys.LooksLikeToken(arg) {
			arg = "..." // wherever it was put by mistake
		}
		line += " " + shellQuote(arg)
	}
	return say("run it as the owner of the file: %s", line)
}

// command returns a keyreeve command line on the same database.
func (g *globals) command(words ...string) string {
	line := "keyreeve"
	for _, w := range words {
		if w != "" {
			line += " " + w
		}
	}
	if g.db != "" && !strings.HasSuffix(line, "--help") {
		line += " --db " + shellQuote(g.db)
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
