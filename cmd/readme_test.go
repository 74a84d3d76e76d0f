package cmd_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const readme = "../README.md"

// readmeStep is a command of the README with the output that is shown below it.
type readmeStep struct{ command, output string }

// notRun are commands that a test cannot run: this one is running.
var notRun = map[string]bool{"go test ./...": true}

// TestReadme follows the README from top to bottom, in a copy of the tree and a
// home of its own, as a stranger with a fresh clone would. With -update it
// writes the output that it got.
func TestReadme(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil || testing.Short() || runtime.GOOS == "windows" {
		t.Skip("this takes a build and a POSIX shell: the commands of the README are not run")
	}
	text := readText(t, readme)
	home := newHome(t)
	steps := readmeSteps(text)
	if len(steps) < 20 {
		t.Fatalf("found only %d commands", len(steps))
	}
	got := follow(t, home, steps)
	stale := false
	ids := [2]map[string]string{{}, {}}
	for i, s := range steps {
		diff := cmp.Diff(normal(s.output, ids[0]), normal(got[i].output, ids[1]))
		stale = stale || diff != ""
		if diff != "" && !*update {
			t.Errorf("$ %s\nthe README (-) shows another output than there is (+):\n%s", s.command, diff)
		}
	}
	if stale && *update {
		if err := os.WriteFile(readme, []byte(withOutputs(text, steps, got)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadmeQuery holds the query that the README shows to the recipe that is run.
func TestReadmeQuery(t *testing.T) {
	if got, want := block(t, "sql"), recipe(t, "sql-simple"); got != want {
		t.Errorf("the README (-) and the schema's page (+) differ:\n%s", cmp.Diff(got, want))
	}
}

// block returns the README's one block in a language.
func block(t *testing.T, language string) string {
	t.Helper()
	found := regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(readText(t, readme), -1)
	if len(found) != 1 {
		t.Fatalf("the README has %d blocks in %s", len(found), language)
	}
	return found[0][1]
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

// atHome makes an output that of alice, and one that no secret scanner minds.
func atHome(output, home string) string {
	output = strings.ReplaceAll(output, home, "/home/alice")
	output = shownUser.ReplaceAllString(output, "${1}alice")
	return shownToken.ReplaceAllString(output, "kr_${1}"+strings.Repeat("*", 49))
}

var (
	shownToken  = regexp.MustCompile(`\bkr_([0-9A-Za-z]{8})(?:[0-9A-Za-z]{49}\b|\*{49})`)
	shownMasked = regexp.MustCompile(`\bkr_([0-9A-Za-z]{8})…`)
	shownID     = regexp.MustCompile(`(?m)(?:created key |successor is |"id": ?"|^)([0-9A-Za-z]{8})(?:  |")`)
	shownTime   = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z`)
	shownUser   = regexp.MustCompile(`(created by: +|deleted at \S+ by )\w+`)
)

// normal replaces what is another each time: ids by the order in which they
// appear, secrets, times, and the user.
func normal(output string, ids map[string]string) string {
	for _, pattern := range []*regexp.Regexp{shownToken, shownMasked, shownID} {
		for _, m := range pattern.FindAllStringSubmatch(output, -1) {
			if ids[m[1]] == "" {
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
