package cmd

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// bundle is a directory with a new file for each token.
type bundle struct {
	dir   string
	made  bool     // the directory was made for them
	paths []string // in the order of the keys
	files []*staged
}

// newBundle chooses the names of the files, none of which may exist yet.
func (d *delivery) newBundle(issued []keys.Issued) (*bundle, error) {
	b := &bundle{dir: d.outDir}
	for i, name := range fileNames(issued) {
		path := filepath.Join(d.outDir, name)
		if _, err := os.Lstat(path); err == nil {
			return nil, taken(path, &issued[i])
		}
		if d.besideDatabase(path) {
			return nil, keys.Errorf(keys.ReasonInvalid, "%s is a file of the database's own, which would take the token away", path)
		}
		b.paths = append(b.paths, path)
	}
	return b, nil
}

// plainName is what no shell, and no file system, takes for anything but a name.
var plainName = lazily(`^[0-9A-Za-z_][0-9A-Za-z_.-]{0,99}$`)

// fileNames gives each token the label of its key as the name of a file where that is
// plain and no other's, else the id of the key that is replaced: scripts know that one.
// To some file systems small letters and capitals are the same.
func fileNames(issued []keys.Issued) []string {
	claims := map[string]int{}
	for i := range issued {
		claims[strings.ToLower(issued[i].Key.Label)]++
		claims[strings.ToLower(replacedBy(&issued[i]))]++
	}
	names := make([]string, len(issued))
	for i := range issued {
		names[i] = issued[i].Key.Label
		if !plainName().MatchString(names[i]) || claims[strings.ToLower(names[i])] > 1 {
			names[i] = replacedBy(&issued[i])
		}
		if !plainName().MatchString(names[i]) { // ids of other servers can be any text
			names[i] = "key-" + url.PathEscape(names[i])
		}
	}
	return names
}

// replacedBy returns the id of the key that a new one replaces, its own where that
// key is gone.
func replacedBy(is *keys.Issued) string {
	if is.Rotated != nil && is.Rotated.Old.ID != "" {
		return is.Rotated.Old.ID
	}
	return is.Key.ID
}

// stage makes the directory, but never its parent, and a staged file for each token.
func (b *bundle) stage(issued []keys.Issued) error {
	switch err := os.Mkdir(b.dir, 0o700); {
	case err == nil:
		b.made = true
		err = errors.Join(giveToDir(b.dir), syncDir(filepath.Dir(b.dir)))
		if err != nil {
			return outputError(b.dir, err)
		}
	case !errors.Is(err, fs.ErrExist):
		return outputError(b.dir, err)
	}
	for i := range issued {
		s, err := stage(b.paths[i], []byte(issued[i].Token+"\n"))
		if err != nil {
			return err
		}
		b.files = append(b.files, s)
	}
	return nil
}

// publish puts every file in its place. One that cannot be keeps no other from it.
func (b *bundle) publish() error {
	var first error
	for _, s := range b.files {
		if err := s.link(); first == nil {
			first = err
		}
	}
	return first
}

// discard leaves nothing, but for a directory that was there or is in use by now.
func (b *bundle) discard() {
	for _, s := range b.files {
		s.discard()
	}
	if b.files = nil; b.made {
		_ = os.Remove(b.dir)
	}
}
