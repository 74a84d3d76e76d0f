package db

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Find returns the path of the database that the server of this layout uses, named
// as in [Options]: what the server's own environment variable says, else its
// configuration, else the one of its usual places where there is a file. "" means
// that the layout knows no place. ReasonMissing lists where it looked,
// ReasonAmbiguousFile names the files if there are several. getenv is like
// [os.Getenv]. No database is opened.
func Find(layout string, getenv func(string) string) (string, error) {
	c, err := choose(layout)
	if err != nil || c.native { // keyreeve's own database is no server's
		return "", err
	}
	f := finder{getenv: getenv, layout: layout}
	for _, e := range c.list {
		if path := f.variable(&e.find); path != "" {
			return path, f.named(path, e.find.Variable)
		}
	}
	if err := f.look(c.list); err != nil {
		return "", err
	}
	return f.only()
}

// finder looks for the database of a server.
type finder struct {
	getenv func(string) string
	layout string
	looked []string // paths, in order
	found  []place
}

// place is where a database is.
type place struct {
	path       string
	info       fs.FileInfo
	superseded bool // the server reads another file beside it
}

func (f *finder) variable(find *Finding) string {
	if find.Variable == "" {
		return ""
	}
	return f.getenv(find.Variable)
}

// named checks that the file exists that a variable of the server names.
func (f *finder) named(path, variable string) error {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return keys.Errorf(keys.ReasonMissing, "no database at %s, which %s names", path, variable).OnPath(path)
	}
	if err != nil {
		return denied(err, path)
	}
	return nil
}

// look goes through the places of one server's layouts. Where its configuration
// names one, the usual ones do not count: those of another era neither.
func (f *finder) look(list []indexed) error {
	answered := false
	for _, e := range list {
		path, err := f.configured(e.find.Config)
		if err != nil {
			return err
		}
		if path == "" {
			continue
		}
		answered = true
		if err := f.see(path, e.find.Superseded); err != nil {
			return err
		}
	}
	if answered {
		return nil
	}
	for _, e := range list {
		for _, path := range e.find.Paths {
			if err := f.see(path, e.find.Superseded); err != nil {
				return err
			}
		}
	}
	return nil
}

// see notes the file, if it is there and was not seen by another name.
func (f *finder) see(path, supersededBy string) error {
	if slices.Contains(f.looked, path) {
		return nil
	}
	f.looked = append(f.looked, path)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return denied(err, path)
	}
	if slices.ContainsFunc(f.found, func(p place) bool { return os.SameFile(p.info, info) }) {
		return nil
	}
	superseded := false
	if supersededBy != "" {
		_, err := os.Stat(filepath.Join(filepath.Dir(path), supersededBy))
		superseded = err == nil
	}
	f.found = append(f.found, place{path, info, superseded})
	return nil
}

// only returns the one file that was found. One that the server no longer reads
// counts where there is no other: whoever names its era wants that.
func (f *finder) only() (string, error) {
	found := slices.DeleteFunc(slices.Clone(f.found), func(p place) bool { return p.superseded })
	if len(found) == 0 {
		found = f.found
	}
	var paths []string
	for _, p := range found {
		paths = append(paths, p.path)
	}
	switch {
	case len(paths) == 1:
		return paths[0], nil
	case len(paths) > 1:
		return "", keys.Errorf(keys.ReasonAmbiguousFile, "the database of %s could be %s", f.layout, strings.Join(paths, " or ")).OnPath(paths[0])
	case len(f.looked) == 0:
		return "", nil
	}
	return "", keys.Errorf(keys.ReasonMissing, "no database of %s: there is no %s", f.layout, strings.Join(f.looked, " and no ")).OnPath(f.looked[0])
}
