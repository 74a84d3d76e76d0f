//go:build !unix

package cmd

import "os"

// lost tells whether f was closed when the process began.
func lost(f *os.File) bool {
	_, err := f.Stat()
	return err != nil
}
