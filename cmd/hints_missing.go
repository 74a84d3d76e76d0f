package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// missing tells how to get a database, but a command never to try itself again.
func missing(g *globals, e *keys.Error) []string {
	other := "or name another file with --db or KEYREEVE_DB"
	dir := filepath.Dir(e.Path)
	if g.foreign() { // its server makes the file
		return say("name the file with --db or KEYREEVE_DB")
	}
	switch _, err := os.Stat(dir); {
	case g.db != "" && errors.Is(err, fs.ErrNotExist): // the default directory is bootstrap's to make
		return []string{"if that is the right path, make its directory: mkdir -p -m 700 " + shellQuote(dir), other}
	case g.verb == "bootstrap":
		return say("name another file with --db or KEYREEVE_DB")
	}
	return append([]string{"create the database and its first key: " + g.command("bootstrap"), other}, g.serversFile()...)
}

// serversFile warns of making keyreeve's own tables where a server wants its own. It
// has nothing to say of the default path.
func (g *globals) serversFile() []string {
	if g.db == "" {
		return nil
	}
	return say("if a server keeps its keys there, check the path, or start the server first")
}
