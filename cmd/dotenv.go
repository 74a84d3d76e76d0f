package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// dotenv puts NAME=token into a file of such lines. It replaces one line and
// keeps the rest, the owner, the mode, and a symbolic link to the file.
// Shells and libraries read such files differently; what is written here they
// all read alike.
type dotenv struct {
	path string // the real file
	name string
	old  []byte // as it was staged upon
	mode fs.FileMode
	info fs.FileInfo // nil where there is no file yet
}

// lazily returns a pattern that is compiled once it is needed: at every start of the
// program that would cost more than all else that a package sets up.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

var envName = lazily(`^[A-Za-z_][A-Za-z0-9_]*$`)

// mostDotenv bounds such a file in bytes: it is read as a whole.
const mostDotenv = 1 << 20

func openDotenv(path, name string) (*dotenv, error) {
	if err := placeOfFile(path); err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, dangling := os.Lstat(path); dangling == nil {
			return nil, noPlace(path, path, "it is a symbolic link to a file that does not exist")
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
	switch {
	case !info.Mode().IsRegular():
		return noPlace(d.path, d.path, "it is not a regular file")
	case info.Size() > mostDotenv:
		return noPlace(d.path, d.path, fmt.Sprintf("it is no dotenv file, with more than %d bytes", mostDotenv))
	}
	d.info, d.mode = info, info.Mode().Perm()
	if d.old, err = os.ReadFile(d.path); err != nil {
		return outputError(d.path, err)
	}
	if bytes.IndexByte(d.old, 0) >= 0 { // the database, for one: what is renamed over it would be gone
		return keys.Errorf(keys.ReasonInvalid, "%s is not a dotenv file: it holds binary data", d.path).OnPath(d.path)
	}
	return nil
}

// public tells whether everybody may read the file, which keeps its mode.
func (d *dotenv) public() bool {
	return d.info != nil && d.mode&0o004 != 0 && runtime.GOOS != "windows"
}

// with returns the file's content with the token in its line. What its readers would not
// take from there is refused, such as a line within the quotes of another value.
func (d *dotenv) with(token string) ([]byte, error) {
	content, at, err := d.set(token)
	if err != nil {
		return nil, err
	}
	if got, err := lookupDotenv(content, d.path, d.name); err != nil || got != token || goesOn(content[:at]) {
		return nil, keys.Errorf(keys.ReasonInvalid, "the line of %s in %s would be part of another value: mend the quotes and backslashes before it", d.name, d.path).OnPath(d.path)
	}
	return content, nil
}

// set returns the content with the token in its line, and where that begins.
func (d *dotenv) set(token string) (content []byte, at int, err error) {
	value, err := dotenvValue(token)
	if err != nil {
		return nil, 0, err
	}
	line := regexp.MustCompile(`(?m)^(\x{FEFF}?[ \t]*(?:export[ \t]+)?` + d.name + `[ \t]*=[ \t]*)([^\n]*?)\r?$`)
	found := line.FindAllSubmatchIndex(d.old, -1)
	switch len(found) {
	case 0:
		return d.appended(value), len(d.old), nil
	case 1:
		m := found[0] // the value is from m[4] to m[5]
		if opensQuote(d.old[m[4]:m[5]]) {
			return nil, 0, keys.Errorf(keys.ReasonInvalid, "%s sets %s over several lines: take them out first", d.path, d.name).OnPath(d.path)
		}
		return bytes.Join([][]byte{d.old[:m[4]], []byte(value), d.old[m[5]:]}, nil), m[0], nil
	}
	return nil, 0, keys.Errorf(keys.ReasonInvalid, "%s sets %s %d times: leave the one that counts", d.path, d.name, len(found)).OnPath(d.path)
}

// appended returns the content with a new last line, which ends as the others do.
func (d *dotenv) appended(value string) []byte {
	end := "\n"
	if bytes.Contains(d.old, []byte("\r\n")) {
		end = "\r\n"
	}
	content := bytes.Clone(d.old)
	if len(content) > 0 && content[len(content)-1] != '\n' {
		content = append(content, end...)
	}
	return append(content, d.name+"="+value+end...)
}

// opensQuote tells whether a value begins with a quote that its line does not end.
func opensQuote(value []byte) bool {
	return len(value) > 0 && (value[0] == '"' || value[0] == '\'') && bytes.IndexByte(value[1:], value[0]) < 0
}

var plainValue = lazily(`^[0-9A-Za-z_./+=:@%,~^-]+$`)

// dotenvValue quotes a token where a reader could take a part of it for
// something else. Within single quotes readers differ on these two characters.
func dotenvValue(token string) (string, error) {
	switch {
	case plainValue().MatchString(token):
		return token, nil
	case strings.ContainsAny(token, `'\`):
		return "", keys.Errorf(keys.ReasonInvalid, "the token has a quote or backslash, which readers of dotenv files take differently: use --out")
	}
	return "'" + token + "'", nil
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
		return nil, outputError(d.path, errors.New("its owner and mode cannot be kept: "+cause(err)))
	}
	return s, nil
}

// publish puts the staged content in place, made anew if somebody has changed
// the file since.
func (d *dotenv) publish(s *staged, token string) error {
	defer lockDir(filepath.Dir(d.path))() // or one of two runs would take the other's line away
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
