package cmd

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// dotenv puts NAME=token into a file of such lines. It replaces one line and
// keeps the rest, the owner, the mode, and a symbolic link to the file.
type dotenv struct {
	path string // the real file
	name string
	old  []byte // as it was staged upon
	mode fs.FileMode
	info fs.FileInfo // nil where there is no file yet
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func openDotenv(path, name string) (*dotenv, error) {
	if !envName.MatchString(name) {
		return nil, keys.Errorf(keys.ReasonInvalid, "%q is not the name of a variable", keys.PrintableText(name))
	}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, dangling := os.Lstat(path); dangling == nil {
			return nil, outputError(path, errors.New("it is a symbolic link to a file that does not exist"))
		}
		real, err = path, nil
	}
	if err != nil {
		return nil, outputError(path, err)
	}
	d := &dotenv{path: real, name: name, mode: 0o600}
	return d, d.read()
}

func (d *dotenv) read() error {
	info, err := os.Stat(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return outputError(d.path, err)
	}
	if !info.Mode().IsRegular() {
		return outputError(d.path, errors.New("it is not a regular file"))
	}
	d.info, d.mode = info, info.Mode().Perm()
	if d.old, err = os.ReadFile(d.path); err != nil {
		return outputError(d.path, err)
	}
	return nil
}

// with returns the file's content with the token in its line.
func (d *dotenv) with(token string) ([]byte, error) {
	line := regexp.MustCompile(`(?m)^([ \t]*(?:export[ \t]+)?` + d.name + `=)[^\r\n]*`)
	found := line.FindAllSubmatchIndex(d.old, -1)
	switch len(found) {
	case 0:
		content := bytes.Clone(d.old)
		if len(content) > 0 && content[len(content)-1] != '\n' {
			content = append(content, '\n')
		}
		return append(content, d.name+"="+token+"\n"...), nil
	case 1:
		m := found[0] // m[3] is where the value begins, m[1] where the line ends
		return bytes.Join([][]byte{d.old[:m[3]], []byte(token), d.old[m[1]:]}, nil), nil
	}
	return nil, keys.Errorf(keys.ReasonFileExists, "%s sets %s in %d lines: which of them counts is for you to say", d.path, d.name, len(found)).OnPath(d.path)
}

// stage writes the new content beside the file, with the owner and mode of the old.
func (d *dotenv) stage(token string) (*staged, error) {
	content, err := d.with(token)
	if err != nil {
		return nil, err
	}
	s, err := stage(d.path, content)
	if err != nil || d.info == nil {
		return s, err
	}
	if err := errors.Join(sameOwner(s.path, d.info), os.Chmod(s.path, d.mode)); err != nil {
		s.discard()
		return nil, outputError(d.path, err)
	}
	return s, nil
}

// publish puts the staged content in place, made anew if somebody has changed
// the file since.
func (d *dotenv) publish(s *staged, token string) error {
	before := d.old
	if err := d.read(); err != nil {
		return s.unpublished(err)
	}
	if bytes.Equal(before, d.old) {
		return s.rename()
	}
	fresh, err := d.stage(token)
	if err != nil {
		return s.unpublished(err)
	}
	s.discard()
	return fresh.rename()
}
