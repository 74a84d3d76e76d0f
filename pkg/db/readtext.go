package db

import (
	"errors"
	"io/fs"
	"os"
)

// readText returns the text of a regular file, of one that is too large one byte
// more than most. Other kinds are refused: a pipe could be waited for without end.
func readText(path string, most int) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is " + kindOf(info.Mode()))}
	}
	return readHead(path, most+1)
}
