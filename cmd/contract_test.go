package cmd

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// constants returns the names of the constants in pkg/keys/errors.go that begin
// with prefix, with the text of those that have one.
func constants(t *testing.T, prefix string) map[string]string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../pkg/keys/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		found[spec.Names[0].Name] = ""
		if len(spec.Values) == 1 {
			if text, ok := spec.Values[0].(*ast.BasicLit); ok {
				found[spec.Names[0].Name], _ = strconv.Unquote(text.Value)
			}
		}
		return true
	})
	return found
}

func reasons(t *testing.T) []keys.Reason {
	t.Helper()
	var list []keys.Reason
	for _, word := range constants(t, "Reason") {
		list = append(list, keys.Reason(word))
	}
	if len(list) < 30 {
		t.Fatalf("only %d reasons were found", len(list))
	}
	return list
}

// nothingToDo are the reasons that leave nothing to type: whoever interrupted
// knows what to do, and the other two say all there is in their message.
var nothingToDo = []keys.Reason{keys.ReasonInterrupted, keys.ReasonDeclined, keys.ReasonFailed, keys.ReasonUnsupported}

// TestEveryReasonHasHint also types the commands that the hints of each verb
// give.
func TestEveryReasonHasHint(t *testing.T) {
	hinted := regexp.MustCompile(`(?:^|: |in )(keyreeve [a-z].*)$`)
	commands := 0
	for _, r := range reasons(t) {
		if slices.Contains(nothingToDo, r) {
			continue
		}
		for _, c := range wholeTree(t)[1:] {
			g := newGlobals(treeEnv(io.Discard, noVariables))
			g.verb, g.tokenVerb, g.db = verbOf(c), "verify", "/some where/keys.db"
			e := keys.Errorf(r, "it failed").OnKey("Ab3dE9xZ").OnPath("/tmp/keys.db")
			e.Matches = []keys.Key{{ID: "Ab3dE9xZ", Masked: "kr_Ab3dE9xZ…"}, {ID: "Ab3dE9xY", Label: "Ab3dE9xZ"}}
			lines := g.hints(e)
			if len(lines) == 0 || slices.Contains(lines, "") {
				t.Errorf("reason %s has no hint for %s", r, c.Name())
			}
			for _, line := range lines {
				if found := hinted.FindStringSubmatch(line); found != nil && canHave(c, r) {
					commands++
					typed(t, string(r)+" hint of "+c.Name(), found[1])
				}
			}
		}
	}
	if commands < 100 {
		t.Errorf("only %d commands were found in hints", commands)
	}
}

// canHave tells whether the command can end for the reason.
func canHave(c *cobra.Command, r keys.Reason) bool {
	return c.Runnable() && (r != keys.ReasonAmbiguous || strings.Contains(c.Use, "REF"))
}

func TestEveryKindHasExitCode(t *testing.T) {
	kinds := constants(t, "Kind")
	codes := map[keys.Kind]int{}
	for _, e := range exits {
		if e.kind != noError {
			codes[e.kind] = e.code
		}
	}
	if len(codes) != len(kinds) {
		t.Errorf("%d kinds have exit codes, there are %d", len(codes), len(kinds))
	}
	for kind, code := range codes {
		if exitOf(kind) != code {
			t.Errorf("kind %d ends with %d, and %d is its own", kind, exitOf(kind), code)
		}
		if kind > keys.KindInterrupted {
			t.Errorf("there is no kind %d", kind)
		}
	}
	for _, r := range reasons(t) {
		unclassified := keys.Errorf(r, "").Kind() == keys.KindFailed
		if failed := r == keys.ReasonFailed || r == keys.ReasonOutput || r == keys.ReasonAudit; unclassified != failed {
			t.Errorf("reason %s: has no kind: %v", r, unclassified)
		}
	}
}

func TestTopicListsExitCodes(t *testing.T) {
	var out bytes.Buffer
	if code := Run(t.Context(), treeEnv(&out, noVariables), []string{"help", "exit-codes"}); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	for _, e := range exits {
		line := regexp.MustCompile(`(?m)^ +` + strconv.Itoa(e.code) + ` +` + e.word + ` +\S`)
		if len(line.FindAllString(out.String(), -1)) != 1 {
			t.Errorf("%d %s is not explained in one place of:\n%s", e.code, e.word, out.String())
		}
	}
}
