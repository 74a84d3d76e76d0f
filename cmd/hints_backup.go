package cmd

import (
	"os"
	"slices"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// hintOnBackup has lines where it is a backup that an error of restore is about, or
// the guards mean something else than elsewhere.
func (g *globals) hintOnBackup(e *keys.Error) ([]string, bool) {
	if g.verb == "backup" && e.Reason == keys.ReasonFileExists {
		lines := []string{"name a file that does not exist"}
		if info, err := os.Lstat(e.Path); err == nil && info.Mode().IsRegular() {
			lines = append(lines, "or replace that one with --force")
		}
		return lines, true
	}
	hint, ok := restoreHints[e.Reason]
	if g.verb != "restore" || !ok || ofBackup[e.Reason] && !g.names(e.Path) {
		return nil, false
	}
	return hint(g, e), true
}

// names tells whether the path is of another file than the database that was opened.
func (g *globals) names(path string) bool { return g.info != nil && path != "" && path != g.info.Path }

// ofBackup are the reasons that can be about either file.
var ofBackup = map[keys.Reason]bool{
	keys.ReasonMissing: true, keys.ReasonEmpty: true, keys.ReasonNotDatabase: true, keys.ReasonUnknownLayout: true,
	keys.ReasonOldSchema: true, keys.ReasonHotJournal: true, keys.ReasonUnreadable: true, keys.ReasonCorrupt: true, keys.ReasonDamaged: true,
	keys.ReasonPolicy: true,
}

var restoreHints = map[keys.Reason]func(*globals, *keys.Error) []string{
	keys.ReasonMissing:       otherBackup,
	keys.ReasonEmpty:         otherBackup,
	keys.ReasonNotDatabase:   otherBackup,
	keys.ReasonUnknownLayout: otherBackup,
	keys.ReasonOldSchema: func(_ *globals, e *keys.Error) []string {
		file, whole := shellQuote(e.Path), shellQuote(e.Path+".current")
		return say("bring a copy of it up to date, and restore that: cp %s %s && keyreeve migrate --db %s", file, whole, whole)
	},
	keys.ReasonHotJournal: func(_ *globals, e *keys.Error) []string {
		return say("make a whole copy of it: keyreeve backup --db %s %s", shellQuote(e.Path), shellQuote(e.Path+".whole"))
	},
	keys.ReasonUnreadable: func(_ *globals, e *keys.Error) []string {
		return say("let this user read it: ls -l %s", shellQuote(e.Path))
	},
	keys.ReasonCorrupt: func(_ *globals, e *keys.Error) []string {
		return []string{"use another backup", "see what is wrong with it: sqlite3 " + shellQuote(e.Path) + " 'PRAGMA integrity_check'"}
	},
	keys.ReasonDamaged: func(g *globals, e *keys.Error) []string {
		return []string{"use another backup", "see what can be read of the key there: keyreeve show --db " + shellQuote(e.Path) + " " + asWord(e.Key)}
	},
	keys.ReasonPolicy: func(_ *globals, e *keys.Error) []string {
		newer := "use a newer version of keyreeve; this is " + version()
		set := keys.Setting{Name: e.Setting, Value: keys.DefaultValue}
		if (&keys.PolicyRequest{Settings: []keys.Setting{set}}).Validate() != nil {
			return []string{newer, "or use another backup"}
		}
		file, mended := shellQuote(e.Path), shellQuote(e.Path+".mended")
		return []string{newer, "or take the rule out of a copy, and restore that: cp " + file + " " + mended +
			" && keyreeve policy set --db " + mended + " " + shellQuote(set.Name+"="+set.Value) + " --yes"}
	},
	keys.ReasonLastActive:  forced,
	keys.ReasonLastAdmin:   forced,
	keys.ReasonStillActive: forced,
}

func otherDatabase(g *globals, _ *keys.Error) []string {
	lines := say("name the database that it is a backup of with --db")
	if g.guest() || slices.Contains(g.args, "--force") {
		return lines
	}
	return append(lines, "the keys of another database of keyreeve's own are taken with --force")
}

func overtaken(g *globals, _ *keys.Error) []string {
	return say("look again, and decide anew: %s", g.again())
}

func otherBackup(*globals, *keys.Error) []string {
	return say("name a file that keyreeve backup made of this database")
}

func forced(g *globals, _ *keys.Error) []string {
	return []string{"see what would change: " + g.again("--dry-run", "--force"), "or go on with --force"}
}
