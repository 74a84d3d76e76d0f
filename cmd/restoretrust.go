package cmd

import (
	"os"
	"runtime"
)

// warnWritable says once that everybody may have made the keys of the backup. One in a
// directory that everybody may write to is refused.
func (o *restoring) warnWritable() {
	info, err := os.Stat(o.file)
	if o.warned || runtime.GOOS == "windows" || err != nil || info.Mode()&0o002 == 0 {
		return
	}
	o.warned = true
	o.note("every user may write %s, and so make keys: keep others from it by chmod o-w %s", o.file, shellQuote(o.file))
}
