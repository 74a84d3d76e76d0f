package cmd

import (
	"os"
	"path/filepath"
	"strings"
)

// nameLeftovers tells of files that a run which was interrupted has staged. They are
// never removed: one of them may hold the only copy of a token.
func (d *delivery) nameLeftovers() {
	for _, path := range d.leftovers() {
		target := filepath.Join(filepath.Dir(path), targetOf(filepath.Base(path)))
		d.g.note("%s was left by an interrupted run, unless another is at work: once this run has written %s, delete it; if it does not, and its token is of a key that is accepted and was not replaced, mv %s %s",
			path, target, shellQuote(path), shellQuote(target))
	}
}

// nameLeftBackups tells of what a backup to this file has left that was killed.
func (g *globals) nameLeftBackups(file string) {
	for _, path := range stagedIn(filepath.Dir(file), filepath.Base(file)) {
		g.note("%s was left by an interrupted backup, unless another is at work: it may not be whole; delete it with rm %s", path, shellQuote(path))
	}
}

// leftovers returns the staged files beside the targets of this delivery, none of
// which is its own yet.
func (d *delivery) leftovers() []string {
	dir, only := d.outDir, ""
	for _, target := range []string{d.out, d.envFile} {
		if target == "" {
			continue
		}
		if real, err := filepath.EvalSymlinks(target); err == nil {
			target = real
		}
		dir, only = filepath.Dir(target), filepath.Base(target)
	}
	if dir == "" {
		return nil
	}
	return stagedIn(dir, only)
}

// stagedIn returns the staged files of a directory, those for one name or for any.
func stagedIn(dir, only string) (paths []string) {
	entries, _ := os.ReadDir(dir) // what is wrong with it is said once it is written to
	for _, e := range entries {
		if target := targetOf(e.Name()); target != "" && (only == "" || target == only) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}

// targetOf returns the name of the file that a staged one is for, "" for any other
// file: see [stage].
func targetOf(name string) string {
	at := strings.LastIndex(name, stagedMark)
	if at < 1 || name[0] != '.' || strings.Trim(name[at+len(stagedMark):], "0123456789") != "" {
		return ""
	}
	return name[1:at]
}
