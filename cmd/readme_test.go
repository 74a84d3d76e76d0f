package cmd_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readmeStep is a command of the README with the output that is shown below it.
type readmeStep struct{ command, output string }

// notRun are commands that a test cannot run: this one is running.
var notRun = map[string]bool{"go test ./...": true}

// TestReadme follows the README from top to bottom, in a copy of the tree and a
// home of its own, as a stranger with a fresh clone would. With -update it
// writes the output that it got.
func TestReadme(t *testing.T) {
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("builds the program and needs sh: the commands of the README are not run")
	}
	const path = "../README.md"
	text := readText(t, path)
	home := newHome(t)
	steps := readmeSteps(text)
	if len(steps) < 20 {
		t.Fatalf("found only %d commands", len(steps))
	}
	got := follow(t, home, steps)
	if *update {
		if err := os.WriteFile(path, []byte(withOutputs(text, steps, got)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	ids := [2]map[string]string{{}, {}}
	for i, s := range steps {
		if notRun[s.command] {
			continue
		}
		if diff := cmp.Diff(normal(s.output, ids[0]), normal(got[i].output, ids[1])); diff != "" {
			t.Errorf("$ %s\nthe README (-) shows another output than there is (+):\n%s", s.command, diff)
		}
	}
}

var consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

func readmeSteps(text string) []readmeStep {
	var steps []readmeStep
	for _, block := range consoleBlock.FindAllStringSubmatch(text, -1) {
		for _, part := range strings.Split("\n"+strings.TrimSuffix(block[1], "\n"), "\n$ ")[1:] {
			command, output, _ := strings.Cut(part+"\n", "\n")
			steps = append(steps, readmeStep{command, output})
		}
	}
	return steps
}

// withOutputs puts the outputs that were got into the README.
func withOutputs(text string, steps, got []readmeStep) string {
	i := 0
	return consoleBlock.ReplaceAllStringFunc(text, func(block string) string {
		var b strings.Builder
		b.WriteString("```console\n")
		for range strings.Count(block, "\n$ ") {
			fmt.Fprintf(&b, "$ %s\n%s", steps[i].command, got[i].output)
			i++
		}
		return b.String() + "```"
	})
}

// newHome returns the home of a user who has cloned the repository, owns an
// application's database, and has a kubectl.
func newHome(t *testing.T) string {
	t.Helper()
	home := filepath.Join(t.TempDir(), "alice")
	clone := filepath.Join(home, "keyreeve")
	copyTree(t, "..", clone)
	app := openSQL(t, filepath.Join(clone, "app.db"))
	if _, err := app.Exec("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)"); err != nil {
		t.Fatal(err)
	}
	app.Close()
	bin := filepath.Join(home, "bin")
	kubectl := "#!/bin/sh\nn=$(sed -n 's/^  name: \"\\(.*\\)\"$/\\1/p') && test -n \"$n\" && echo \"secret/$n created\"\n"
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "kubectl"), []byte(kubectl), 0o700); err != nil {
		t.Fatal(err)
	}
	return home
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

// follow types the commands into one shell and returns what came out of each.
func follow(t *testing.T, home string, steps []readmeStep) []readmeStep {
	t.Helper()
	const mark = "@@@ "
	script := "exec 2>&1\ns=0\n"
	for _, s := range steps {
		if notRun[s.command] {
			s.command = ":"
		}
		script += "echo '" + mark + "'\n(exit $s)\n" + s.command + "\ns=$?\necho \"" + mark + "$s\"\n"
	}
	c := exec.Command("sh", "-c", script)
	c.Dir, c.Env = filepath.Join(home, "keyreeve"), homeEnv(t, home)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("sh: %v", err)
	}
	var got []readmeStep
	for i, part := range strings.Split(string(out), mark+"\n")[1:] {
		output, status, _ := strings.Cut(part, mark)
		asked := i+1 < len(steps) && steps[i+1].command == "echo $?"
		if strings.TrimSpace(status) != "0" && !asked {
			t.Errorf("$ %s\nexit code %s, which the README does not show\n%s", steps[i].command, strings.TrimSpace(status), output)
		}
		got = append(got, readmeStep{steps[i].command, atHome(output, home)})
	}
	if len(got) != len(steps) {
		t.Fatalf("%d commands were run, not %d", len(got), len(steps))
	}
	return got
}

func atHome(output, home string) string { return strings.ReplaceAll(output, home, "/home/alice") }

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

var (
	shownToken  = regexp.MustCompile(`\bkr_([0-9A-Za-z]{8})[0-9A-Za-z]{49}\b`)
	shownMasked = regexp.MustCompile(`\bkr_([0-9A-Za-z]{8})…`)
	shownID     = regexp.MustCompile(`(?m)(?:created key |^|"id": ?")([0-9A-Za-z]{8})\b`)
	shownTime   = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z`)
	shownUser   = regexp.MustCompile(`(created by: +|Z by )\S+`)
)

// normal replaces what is another each time: ids by the order in which they
// appear, secrets, times, and the user.
func normal(output string, ids map[string]string) string {
	for _, pattern := range []*regexp.Regexp{shownToken, shownMasked, shownID} {
		for _, m := range pattern.FindAllStringSubmatch(output, -1) {
			if m[1] != "keyreeve" && ids[m[1]] == "" {
				ids[m[1]] = fmt.Sprintf("id%06d", len(ids))
			}
		}
	}
	output = shownToken.ReplaceAllString(output, "kr_${1}…")
	for id, name := range ids {
		output = strings.ReplaceAll(output, id, name)
	}
	return shownUser.ReplaceAllString(shownTime.ReplaceAllString(output, "TIME"), "${1}USER")
}
