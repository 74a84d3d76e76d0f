package cmd

import (
	"cmp"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/render"
	"github.com/keyreeve/keyreeve/pkg/keys"
)

// addDirFlag adds the one for a file a key.
func (d *delivery) addDirFlag(c *cobra.Command) {
	c.Flags().StringVar(&d.outDir, "out-dir", "", "write each token to a new file, mode 0600, in this `directory`")
	exclusive(c, "out", "out-dir")
	exclusive(c, "env-file", "out-dir")
	must(c.RegisterFlagCompletionFunc("out-dir", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}))
}

func (d *delivery) addFlags(c *cobra.Command) {
	fs := c.Flags()
	fs.StringVar(&d.out, "out", "", "write the token to a new `file`, mode 0600, instead of standard output")
	fs.StringVar(&d.envFile, "env-file", "", "put the token into the line of --env-name in this dotenv `file`")
	fs.StringVar(&d.envName, "env-name", "", "`name` of the variable in --env-file")
	exclusive(c, "out", "env-file")
	together(c, "env-file", "env-name")
	must(c.MarkFlagFilename("out"))
	must(c.MarkFlagFilename("env-file"))
}

// check refuses what would lose a token, before anything is opened.
func (d *delivery) check(count int) error {
	format := render.Format(d.g.output.value)
	toFile := d.out != "" || d.envFile != "" || d.outDir != ""
	switch {
	case d.out == "-":
		return keys.Errorf(keys.ReasonInvalid, "--out names a new file; for standard output leave it out")
	case keys.LooksLikeToken(d.out) || keys.LooksLikeToken(d.outDir) || keys.LooksLikeToken(d.envFile):
		return errTokenArgument()
	case d.besideDatabase(d.out), d.besideDatabase(d.envFile):
		return keys.Errorf(keys.ReasonInvalid, "%s is a file of the database's own, which would take the token away", cmp.Or(d.out, d.envFile))
	case d.elsewhereUsed() != "":
		return keys.Errorf(keys.ReasonInvalid, "the token cannot go into the file of %s", d.elsewhereUsed())
	case d.envFile != "" && (!envName().MatchString(d.envName) || keys.LooksLikeToken(d.envName)):
		return keys.Errorf(keys.ReasonInvalid, "--env-name: %s is not the name of a variable", shown(d.envName))
	case d.envFile != "" && count > 1:
		return keys.Errorf(keys.ReasonInvalid, "one line of a dotenv file cannot hold %d tokens", count)
	case d.envFile != "" && format == render.K8sSecret:
		return keys.Errorf(keys.ReasonInvalid, "a dotenv file cannot hold a %s", k8sSecret)
	case d.outDir != "" && format == render.K8sSecret:
		return keys.Errorf(keys.ReasonInvalid, "a %s names its key itself: give one file for all of them by --out", k8sSecret)
	case !toFile && (format == render.ID || format == render.Name):
		return keys.Errorf(keys.ReasonInvalid, "with -o %s the token would be lost: name a place for it with --out or --env-file", format)
	case !toFile && d.g.OutLost:
		return keys.Errorf(keys.ReasonOutput, "standard output is closed: the token would be lost; nothing was changed")
	}
	if err := d.places(); err != nil {
		return err
	}
	d.nameLeftovers()
	return nil
}

// checkMany refuses for several keys, whose number nobody knows yet, what could not
// tell whose token is whose.
func (d *delivery) checkMany() error {
	switch format := render.Format(d.g.output.value); {
	case d.outDir != "", d.envFile == "" && format == render.K8sSecret:
		return nil
	case d.envFile != "":
		return keys.Errorf(keys.ReasonInvalid, "one line of a dotenv file cannot hold the tokens of several keys: give each a file with --out-dir")
	case d.out != "", forPeople(format):
		return keys.Errorf(keys.ReasonInvalid, "several tokens would not tell whose they are: give each a file with --out-dir, or take them as -o json")
	}
	return nil
}

// besideDatabase tells whether target is one of the files that SQLite makes, and
// removes, beside the database.
func (d *delivery) besideDatabase(target string) bool {
	path, _, err := d.g.path()
	if err != nil || target == "" {
		return false
	}
	database, file := realPath(path), realPath(target)
	for _, suffix := range []string{"-journal", "-wal", "-shm"} {
		if file == database+suffix {
			return true
		}
	}
	return false
}

// realPath returns where a path leads to through all links. Its file need not exist.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return whole(real)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return whole(path)
	}
	return whole(filepath.Join(dir, filepath.Base(path)))
}

// openDotenv refuses to put a token in the place of the server's secret.
func (d *delivery) openDotenv() (*dotenv, error) {
	if d.g.secret.sets(d.envFile, d.envName) {
		return nil, keys.Errorf(keys.ReasonInvalid, "%s of %s is the secret under which the server hashes its keys: name another --env-name", d.envName, d.envFile)
	}
	return openDotenv(d.envFile, d.envName)
}

// elsewhereUsed returns the flag of another file that the command itself reads or
// writes, if the token would go there; "" if not.
func (d *delivery) elsewhereUsed() string {
	audit, _ := d.g.auditPath()
	for _, used := range []struct{ path, flag string }{
		{audit, "--audit-log"}, {d.g.secret.file, "--secret-file"},
	} {
		if sameFile(d.out, used.path) || sameFile(d.envFile, used.path) {
			return used.flag
		}
	}
	return ""
}

// sameFile tells whether two paths are of one file, which need not exist yet.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	one, oneErr := os.Stat(a)
	other, otherErr := os.Stat(b)
	if oneErr == nil && otherErr == nil {
		return os.SameFile(one, other)
	}
	left, leftErr := filepath.Abs(a)
	right, rightErr := filepath.Abs(b)
	return leftErr == nil && rightErr == nil && left == right
}

// vacant refuses to write over a file that is there already.
func (d *delivery) vacant() (err error) {
	if d.outDir != "" {
		d.bundle, err = d.newBundle(d.issued)
		return err
	}
	if d.out == "" {
		return nil
	}
	if _, err := os.Lstat(d.out); err == nil {
		return taken(d.out, &d.issued[0])
	}
	return nil
}

// taken says that a file is there already. It names a key only where the file may be
// what the same request made before.
func taken(path string, is *keys.Issued) error {
	e := keys.Errorf(keys.ReasonFileExists, "%s exists already", path).OnPath(path)
	if is.Rotated != nil && is.Rotated.Result == keys.Changed {
		e.Key = is.Key.ID
	}
	return e
}
