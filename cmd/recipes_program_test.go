package cmd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The drivers read one request a line and answer with an id or "-". All of them
// ask the full recipe, then the simple one, then the full one for a rate.
const (
	pythonDriver = `
import sys
db = open_keys(sys.argv[1])
for line in sys.stdin:
    kind, p = line.split(" ", 1)
    p = json.loads(p)
    token = p.pop("token").encode()
    print((find(db, token, p.get("scope")) if kind == "simple" else check(db, token, **p)) or "-")
`
	nodeDriver = `
import { readFileSync } from "node:fs";
const db = openKeys(process.argv[2]);
for (const line of readFileSync(0, "utf8").trimEnd().split("\n")) {
  const [kind, text] = [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" "))];
  const { token, ...p } = JSON.parse(text);
  console.log((kind === "simple" ? find(db, token, p.scope) : check(db, token, p)) ?? "-");
}
`
)

func TestPythonRecipes(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed: the Python recipes are not run")
	}
	testProgram(t, recipe(t, "python-simple")+recipe(t, "python-full")+pythonDriver, "recipe.py", python)
}

func TestNodeRecipes(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: the Node.js recipes are not run")
	}
	if exec.Command(node, "-e", `require("node:sqlite")`).Run() != nil {
		t.Skip("this node has no node:sqlite: the Node.js recipes are not run")
	}
	testProgram(t, recipe(t, "node-simple")+recipe(t, "node-full")+nodeDriver, "recipe.mjs", node, "--no-warnings")
}

// testProgram compares a program's answers with keyreeve's own verdicts.
func testProgram(t *testing.T, source, name string, command ...string) {
	k := newKitchen(t)
	requests := k.requests()
	want := k.verdicts(t, requests)
	var in bytes.Buffer
	ask := func(kind string, p presented) {
		line, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		in.WriteString(kind + " " + string(line) + "\n")
	}
	for _, p := range requests {
		ask("full", p)
	}
	for label, token := range k.tokens {
		ask("simple", presented{Token: token})
		requests = append(requests, presented{Key: "simple " + label})
		if answer := "-"; label == "all" || label == "plain" || label == "scoped" {
			answer = k.id(t, label)
			want = append(want, answer)
		} else {
			want = append(want, answer)
		}
	}
	for _, answer := range []string{k.id(t, "rated"), k.id(t, "rated"), "-"} {
		ask("full", presented{Token: k.tokens["rated"]})
		requests, want = append(requests, presented{Key: "rated"}), append(want, answer)
	}
	got := answers(t, source, name, k.path, in.String(), command)
	if len(got) != len(want) {
		t.Fatalf("%d answers to %d requests", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: %s", describe(requests[i]), cmp.Diff(want[i], got[i]))
		}
	}
}

func answers(t *testing.T, source, name, db, in string, command []string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(command[0], append(command[1:], file, db)...)
	c.Stdin = strings.NewReader(in)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, said.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func describe(p presented) string {
	p.Token = ""
	text, _ := json.Marshal(p)
	return p.Key + " " + string(text)
}
