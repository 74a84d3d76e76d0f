package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// places refuses what no token can go into, before anything is opened or made. What
// only an attempt tells, such as a full disk, is told when the files are staged.
func (d *delivery) places() error {
	switch {
	case d.envFile != "":
		file, err := openDotenv(d.envFile, d.envName)
		if err == nil {
			_, err = file.with("")
		}
		return err
	case d.outDir != "":
		return placeOfDir(d.outDir)
	case d.out != "":
		return placeOfFile(d.out)
	}
	return nil
}

// placeOfDir refuses what is no directory and cannot become one.
func placeOfDir(dir string) error {
	info, err := os.Stat(dir)
	_, there := os.Lstat(dir)
	switch {
	case err == nil && !info.IsDir():
		return noPlace(dir, dir, "it is no directory")
	case err != nil && there == nil:
		return noPlace(dir, dir, "it is a symbolic link to a directory that does not exist")
	}
	return placeOfFile(dir)
}

// placeOfFile refuses a file whose directory does not exist: none is made for a name
// that may be mistyped.
func placeOfFile(path string) error {
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return noPlace(path, dir, "the directory "+dir+" does not exist")
	case errors.Is(err, syscall.ENOTDIR), err == nil && !info.IsDir():
		return noPlace(path, dir, dir+" is no directory")
	}
	return nil
}

// noPlace refuses to write to path because of what is, or is not, at place.
func noPlace(path, place, why string) error {
	return keys.Errorf(keys.ReasonTarget, "%s cannot be written: %s; nothing was changed", path, why).OnPath(place).Because(errors.New(why))
}

// elsewhere says what to do where [noPlace] refuses.
func elsewhere(_ *globals, e *keys.Error) []string {
	info, err := os.Lstat(e.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return say("make the directory first: mkdir -p %s", shellQuote(e.Path))
	case err == nil && info.IsDir():
		return say("name a file in that directory, as in %s", shellQuote(filepath.Join(e.Path, "NAME")))
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		return say("make what the link leads to, or take the link away: ls -l %s", shellQuote(e.Path))
	}
	return say("name another place: see what is there with ls -ld %s", shellQuote(e.Path))
}

// closed says how a directory is one that not everybody may write to.
func closed(_ *globals, e *keys.Error) []string {
	dir := filepath.Dir(e.Path)
	if info, err := os.Stat(dir); err == nil && info.Mode()&fs.ModeSticky != 0 { // such as /tmp, which has to stay open
		own := filepath.Join(dir, "keyreeve")
		return say("that is a place for everybody's files: put the database into a directory of its own, as in mkdir -m 700 %s", shellQuote(own))
	}
	return say("keep others from writing to the directory: chmod o-w %s", shellQuote(dir))
}
