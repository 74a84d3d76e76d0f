package cmd

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// secretSource says where the secret is under which a server hashes its keys. The
// secret itself is never an argument or the value of a variable.
type secretSource struct {
	file    string // --secret-file
	envFile string // --secret-env-file
	name    string // --secret-name
	flags   *pflag.FlagSet

	variable string // of envFile that is the secret, once it was looked for

	read bool // a pipe can be read once, and the database be opened twice
	text []byte
}

func (s *secretSource) addFlags(fs *pflag.FlagSet) {
	s.flags = fs
	fs.StringVar(&s.file, "secret-file", "", "`file` that holds the secret under which the server hashes its keys")
	fs.StringVar(&s.envFile, "secret-env-file", "", "dotenv `file` that sets that secret")
	fs.StringVar(&s.name, "secret-name", "", "`name` of the variable in --secret-env-file (default: the server's own)")
	for _, name := range []string{"secret-file", "secret-env-file"} {
		must(cobra.MarkFlagFilename(fs, name))
	}
}

// check refuses what contradicts itself. A flag wins over the variable.
func (s *secretSource) check() error {
	switch {
	case s.flags.Changed("secret-file") && s.envFile != "":
		return keys.Errorf(keys.ReasonInvalid, "--secret-file and --secret-env-file contradict each other: give one of them")
	case s.name != "" && s.envFile == "":
		return keys.Errorf(keys.ReasonInvalid, "--secret-name names a variable in --secret-env-file: give both")
	case s.name != "" && (!envName().MatchString(s.name) || keys.LooksLikeToken(s.name)):
		return keys.Errorf(keys.ReasonInvalid, "--secret-name: %s is not the name of a variable", shown(s.name))
	}
	return nil
}

// given tells whether flags name a secret, and not just a variable that is always set.
func (s *secretSource) given() bool { return s.envFile != "" || s.flags.Changed("secret-file") }

// sets tells whether a variable of a dotenv file is the secret: another value of it would
// be the end of every key.
func (s *secretSource) sets(file, variable string) bool {
	return s.envFile != "" && variable == s.variable && sameFile(file, s.envFile)
}

func (s *secretSource) path() string {
	if s.envFile != "" {
		return s.envFile
	}
	return s.file
}

// readServerSecret reads the file, once.
func (g *globals) readServerSecret(ctx context.Context) error {
	s := &g.secret
	switch {
	case s.read || s.path() == "":
		return nil
	case s.path() == "-":
		return keys.Errorf(keys.ReasonInvalid, "the secret comes from a file: standard input is for tokens")
	case keys.LooksLikeToken(s.path()):
		return keys.Errorf(keys.ReasonInvalid, "--secret-file takes the name of a file, and was given what looks like a secret: it is no longer one")
	}
	text, err := interruptible(ctx, func() ([]byte, error) { return readFile(s.path()) })
	switch {
	case ctx.Err() != nil:
		return err
	case err != nil:
		return keys.Errorf(keys.ReasonInvalid, "the secret in %s cannot be read: %s", s.path(), cause(err)).OnPath(s.path()).Because(err)
	case len(text) > inputLimit:
		return keys.Errorf(keys.ReasonInvalid, "%s holds more than a secret: over %d bytes", s.path(), inputLimit).OnPath(s.path())
	}
	s.text, s.read = text, true
	if info, err := os.Stat(s.path()); err == nil && info.Mode().IsRegular() && info.Mode()&0o004 != 0 && runtime.GOOS != "windows" {
		g.note("every user can read %s: keep others from it by chmod o-r %s", s.path(), shellQuote(s.path()))
	}
	return nil
}

// serverSecret returns the secret for a server with these rules, nil where none is
// needed or named.
func (g *globals) serverSecret(ctx context.Context, rules *keys.Rules) ([]byte, error) {
	s := &g.secret
	if rules == nil || rules.Secret == nil {
		if s.given() {
			g.note("the keys of this database are hashed without a secret: that in %s is not used", s.path())
		}
		return nil, nil
	}
	if s.path() == "" {
		return nil, nil
	}
	err := g.readServerSecret(ctx)
	var secret []byte
	if err == nil {
		secret, err = s.from(rules.Secret.Name)
	}
	if err != nil && !s.given() && ctx.Err() == nil { // most commands need none: those that do will say so
		g.note("%v: KEYREEVE_SECRET_FILE is not used", err)
		return nil, nil
	}
	return secret, err
}

// from takes the secret out of what was read; variable is the server's own name
// for it.
func (s *secretSource) from(variable string) ([]byte, error) {
	if s.envFile != "" {
		name := s.name
		if name == "" {
			name = variable
		}
		s.variable = name
		value, err := lookupDotenv(s.text, s.envFile, name)
		if err == nil && value == "" {
			err = keys.Errorf(keys.ReasonSecret, "%s sets %s to nothing", s.envFile, name).OnPath(s.envFile)
		}
		return []byte(value), err
	}
	secret := keys.TrimNewline(s.text)
	switch {
	case len(secret) == 0:
		return nil, keys.Errorf(keys.ReasonSecret, "%s is empty", s.file).OnPath(s.file)
	case bytes.HasPrefix(secret, []byte("\uFEFF")):
		return nil, keys.Errorf(keys.ReasonSecret, "%s begins with the byte order mark of an editor, which is hardly part of the secret: save it without", s.file).OnPath(s.file)
	case variable != "" && assigns(string(secret), variable):
		return nil, keys.Errorf(keys.ReasonSecret, "%s is a dotenv file: name it by --secret-env-file", s.file).OnPath(s.file)
	}
	return secret, nil
}

// weak tells whether the server takes the secret that was read, and warns of it.
func (s *secretSource) weak(r *keys.SecretRules) bool {
	secret, err := s.from(r.Name)
	if err != nil {
		return false
	}
	weak, err := r.Check(secret)
	return weak && err == nil
}

// assigns tells whether a line of the text sets the variable.
func assigns(text, variable string) bool {
	for line := range strings.Lines(text) {
		if found := assignment().FindStringSubmatch(line); found != nil && found[1] == variable {
			return true
		}
	}
	return false
}
