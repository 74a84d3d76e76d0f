package cmd

import (
	"path/filepath"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// userDir is a directory of the XDG specification, by which relative values are to
// be ignored; "" where there is none without HOME.
func (e *Env) userDir(variable, fallback string) string {
	if dir := e.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	home := e.Getenv("HOME")
	if home == "" {
		return ""
	}
	return filepath.Join(home, fallback)
}

// defaultPath is where the database is that no flag or variable names.
func (e *Env) defaultPath() (string, error) {
	base := e.userDir("XDG_DATA_HOME", ".local/share")
	if base == "" {
		return "", keys.Errorf(keys.ReasonInvalid, "no database is named, and without HOME there is no default")
	}
	return filepath.Join(base, "keyreeve", "keys.db"), nil
}

// auditPath is where changes to other servers' keys are recorded, and whether
// somebody named it; "" where there is no place.
func (g *globals) auditPath() (path string, named bool) {
	if g.auditLog != "" {
		return g.auditLog, true
	}
	base := g.userDir("XDG_STATE_HOME", ".local/state")
	if base == "" {
		return "", false
	}
	return filepath.Join(base, "keyreeve", "audit.jsonl"), false
}
