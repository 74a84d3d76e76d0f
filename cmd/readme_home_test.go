package cmd_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// newHome returns the home of a user who has cloned the repository, owns an
// application's database, and has a kubectl, a gh, and an ssh that leads to the same
// machine.
func newHome(t *testing.T) string {
	t.Helper()
	temp, err := filepath.EvalSymlinks(t.TempDir()) // messages name the real path
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(temp, "alice")
	clone := filepath.Join(home, "keyreeve")
	copyTree(t, "..", clone)
	app := openSQL(t, filepath.Join(clone, "app.db"))
	if _, err := app.Exec("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)"); err != nil {
		t.Fatal(err)
	}
	app.Close()
	newProxbox(t, filepath.Join(clone, "database.db"))
	kubectl := "#!/bin/sh\nn=$(sed -n 's/^  name: \"\\(.*\\)\"$/\\1/p') && test -n \"$n\" && echo \"secret/$n created\"\n"
	for path, file := range map[string]struct {
		content string
		mode    fs.FileMode
	}{
		filepath.Join(clone, "example", "main.go"): {block(t, "go"), 0o600},
		filepath.Join(clone, "rotate.sh"):          {block(t, "sh"), 0o600},
		filepath.Join(home, "bin", "kubectl"):      {kubectl, 0o700},
		filepath.Join(home, "bin", "gh"):           {"#!/bin/sh\ntest \"$1 $2\" = 'secret set' && test $(wc -c) -ge 60 && echo \"set the secret $3\"\n", 0o700},
		filepath.Join(home, "bin", "ssh"):          {"#!/bin/sh\ntest \"$1\" = -T && shift 2 && exec sh -c \"$*\" < /dev/null\n", 0o700},
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(file.content), file.mode); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// newProxbox makes the database of a server that has two keys, and has locked an
// address out.
func newProxbox(t *testing.T, path string) {
	t.Helper()
	pool := openSQL(t, path)
	defer pool.Close()
	for _, statement := range []string{
		readText(t, "testdata/proxbox.sql"),
		"INSERT INTO api_key_bootstrap_claim VALUES (1, 1790000000.25)",
		"INSERT INTO apikey VALUES (1, '', '$2b$12$" + strings.Repeat("a", 53) + "', 1, 1790000000.25)",
		"INSERT INTO authlockout VALUES ('192.0.2.7', 5, (julianday('now') - 2440587.5) * 86400.0)",
	} {
		if _, err := pool.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
}

// copyTree copies a source tree without its history.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// homeEnv keeps Go's caches, and nothing else of this user.
func homeEnv(t *testing.T, home string) []string {
	t.Helper()
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOFLAGS"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Skip("there is no go command: the commands of the README are not run")
	}
	env := []string{
		"HOME=" + home, "USER=alice", "LANG=C.UTF-8", "TMPDIR=" + os.TempDir(),
		"PATH=" + filepath.Join(home, ".local/bin") + ":" + filepath.Join(home, "bin") + ":" + os.Getenv("PATH"),
	}
	for i, value := range strings.Split(string(bytes.TrimSuffix(out, []byte("\n"))), "\n") {
		if names[i] == "GOFLAGS" {
			value += " -trimpath" // so that a copy of the tree is built from the cache
		}
		env = append(env, names[i]+"="+value)
	}
	return env
}
