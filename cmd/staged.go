package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// staged is a file written beside its target, complete and on disk, that only
// has to be moved into place.
type staged struct {
	path, target string
}

// stagedMark is what stands between the name of a target and some digits in that of a
// file which is staged for it.
const stagedMark = ".keyreeve-"

// stage writes content to a new file beside target, readable by its owner only,
// and makes sure that it survives a crash.
func stage(target string, content []byte) (*staged, error) {
	dir, name := filepath.Split(target)
	f, err := os.CreateTemp(filepath.Clean(dir+"."), "."+name+stagedMark+"*") // 0600 by its contract
	if err != nil {
		return nil, outputError(target, err)
	}
	s := &staged{path: f.Name(), target: target}
	_, err = f.Write(content)
	if err = errors.Join(err, giveToDir(f.Name()), f.Sync(), f.Close()); err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		s.discard()
		return nil, outputError(target, err)
	}
	return s, nil
}

// giveToDir gives what root makes to the owner of its directory, who could not
// read it otherwise. Where root may not do that, the file stays root's.
func giveToDir(path string) error {
	info, err := os.Stat(filepath.Dir(path))
	if err != nil || os.Geteuid() != 0 || info.Mode()&fs.ModeSticky != 0 {
		return err
	}
	err = sameOwner(path, info)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}

// link publishes the file where nothing may exist yet.
func (s *staged) link() error {
	err := os.Link(s.path, s.target)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		// No hard links here: the next best is to look once more and rename.
		if _, there := os.Lstat(s.target); errors.Is(there, fs.ErrNotExist) {
			return s.rename()
		}
	}
	if err != nil {
		return s.unpublished(err)
	}
	s.discard()
	return syncDir(filepath.Dir(s.target))
}

// rename publishes the file over what is there.
func (s *staged) rename() error {
	if err := os.Rename(s.path, s.target); err != nil {
		return s.unpublished(err)
	}
	return syncDir(filepath.Dir(s.target))
}

func (s *staged) discard() { _ = os.Remove(s.path) } // at worst a file is left that its name explains

// unpublished says where the token is when it could not be put in its place.
func (s *staged) unpublished(err error) error {
	return keys.Errorf(keys.ReasonOutput, "created, but %s could not be written: %s; what belongs there is in %s", s.target, cause(err), s.path).
		OnPath(s.path).Because(err)
}

func outputError(path string, err error) error {
	return keys.Errorf(keys.ReasonOutput, "%s cannot be written: %s; nothing was changed", path, cause(err)).OnPath(path).Because(err)
}

// cause is what the system said, without the call and the path that failed.
func cause(err error) string {
	var path *fs.PathError
	var link *os.LinkError
	var known *keys.Error
	switch {
	case errors.As(err, &path):
		return path.Err.Error()
	case errors.As(err, &link):
		return link.Err.Error()
	case errors.As(err, &known) && known.Err != nil:
		return known.Err.Error()
	}
	return err.Error()
}

// syncDir makes a new or renamed entry of a directory survive a crash. Some
// systems cannot sync directories; the file itself is synced in any case.
func syncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir + string(filepath.Separator)))
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
