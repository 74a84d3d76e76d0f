package cmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

func TestDotenvReplacesOneLine(t *testing.T) {
	for _, c := range []struct{ old, want string }{
		{"", "KEY=new\n"},
		{"KEY=old\n", "KEY=new\n"},
		{"KEY=old", "KEY=new"},
		{"KEY=\n", "KEY=new\n"},
		{"KEY=\"old value\" # why\nA=1\n", "KEY=new\nA=1\n"},
		{"KEY='old'\r\nA=1\r\n", "KEY=new\r\nA=1\r\n"},
		{"A=1\n\texport \tKEY=old\n", "A=1\n\texport \tKEY=new\n"},
		{"KEY = old\n", "KEY = new\n"},
		{"KEY=o\rld\r\n", "KEY=new\r\n"},
		{"\ufeffKEY=old\n", "\ufeffKEY=new\n"},
		{"A=1", "A=1\nKEY=new\n"},
		{"A=1\r\n", "A=1\r\nKEY=new\r\n"},
		{"#KEY=old\nKEY2=a\nMY_KEY=b\nexportKEY=c\n", "#KEY=old\nKEY2=a\nMY_KEY=b\nexportKEY=c\nKEY=new\n"},
	} {
		got, err := (&dotenv{name: "KEY", old: []byte(c.old)}).with("new")
		if err != nil || string(got) != c.want {
			t.Errorf("%q became %q, want %q (%v)", c.old, got, c.want, err)
		}
	}
}

func TestDotenvRefusesToGuess(t *testing.T) {
	for old, token := range map[string]string{
		"KEY=1\nKEY=2\n":           "new", // which of them counts differs between readers
		"KEY=1\nexport KEY=2\n":    "new",
		"KEY=\"one\ntwo\"\n":       "new", // the rest of the old value would stay behind
		"KEY='one\ntwo'\n":         "new",
		"PEM=\"one\nKEY=two\n\"\n": "new", // a line of another value
		"PEM=\"one\n":              "new", // which would take the new line in
		"A=one\\\n":                "new", // likewise, for shells
		"A=one\\\nKEY=two\n":       "new",
		"KEY=1\n":                  `with\backslash`,
		"A=1\n":                    "with'quote",
	} {
		got, err := (&dotenv{name: "KEY", old: []byte(old)}).with(token)
		if got != nil || !isReason(err, keys.ReasonInvalid) {
			t.Errorf("%q became %q (%v)", old, got, err)
		}
	}
}

// Both a shell and the common libraries must read back what was written.
func TestDotenvQuotesWhatReadersInterpret(t *testing.T) {
	for token, want := range map[string]string{
		"kr_0aZ": "kr_0aZ", "a+b/c==": "a+b/c==", "a-b.c~d": "a-b.c~d",
		"a$b": "'a$b'", "a#b": "'a#b'", "a`b": "'a`b'", `a"b`: `'a"b'`, "a!b": "'a!b'", "a&b;c": "'a&b;c'", "(a)": "'(a)'",
	} {
		if got, err := dotenvValue(token); err != nil || got != want {
			t.Errorf("%s is written %s, want %s (%v)", token, got, want, err)
		}
	}
}

// FuzzDotenv: whatever the file held, one line changes and reads as the token,
// every other byte stays, and to write again changes nothing.
func FuzzDotenv(f *testing.F) {
	for _, seed := range []string{
		"", "KEY=old\n", "A=1\nexport KEY=old\r\nB=2", "#KEY=x\n", "KEY='a\nb'\n", "KEY=1\nKEY=2\n", "\xff\xfe\nKEY=\n", " KEY = x", "KEY=\r0",
	} {
		f.Add([]byte(seed))
	}
	line := regexp.MustCompile(`(?m)^\x{FEFF}?[ \t]*(?:export[ \t]+)?KEY[ \t]*=[ \t]*new\r?$`)
	f.Fuzz(func(t *testing.T, old []byte) {
		d := &dotenv{name: "KEY", old: old}
		got, err := d.with("new")
		if err != nil {
			return
		}
		if n := len(line.FindAll(got, -1)); n != 1 {
			t.Fatalf("%q became %q: %d lines set it", old, got, n)
		}
		if changed := changedPart(old, got); bytes.ContainsAny(bytes.TrimRight(changed, "\r\n"), "\n") {
			t.Fatalf("%q became %q: more than a line changed", old, got)
		}
		again, err := (&dotenv{name: "KEY", old: got}).with("new")
		if err != nil || !bytes.Equal(again, got) {
			t.Fatalf("%q became %q, then %q (%v)", old, got, again, err)
		}
	})
}

// changedPart returns what of old is not in got, at its place.
func changedPart(old, got []byte) []byte {
	for len(old) > 0 && len(got) > 0 && old[0] == got[0] {
		old, got = old[1:], got[1:]
	}
	for len(old) > 0 && len(got) > 0 && old[len(old)-1] == got[len(got)-1] {
		old, got = old[:len(old)-1], got[:len(got)-1]
	}
	return old
}

// What somebody writes between staging and publishing is kept.
func TestDotenvKeepsAnotherWritersChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	writeFile(t, path, "A=1\nKEY=old\n")
	d, s := stagedDotenv(t, path)
	writeFile(t, path, "A=2\nKEY=old\nB=3\n")
	if err := d.publish(s, "new"); err != nil {
		t.Fatal(err)
	}
	if got := readText(t, path); got != "A=2\nKEY=new\nB=3\n" {
		t.Errorf("the file is %q", got)
	}
	onlyFiles(t, path)
}

// Several runs that write into one file, each its own line, lose none of them.
func TestDotenvOfManyWriters(t *testing.T) {
	const writers = 8
	path := filepath.Join(t.TempDir(), ".env")
	for round := range 25 {
		writeFile(t, path, "")
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				d, err := openDotenv(path, fmt.Sprint("KEY", i))
				if err != nil {
					t.Error(err)
					return
				}
				s, err := d.stage("new")
				if err == nil {
					err = d.publish(s, "new")
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := readText(t, path); strings.Count(got, "=new\n") != writers {
			t.Fatalf("round %d: the file is %q", round, got)
		}
		onlyFiles(t, path)
	}
}

// What nobody can decide after the commit is left to a person, who is told
// where the token is.
func TestDotenvThatBecomesAmbiguousKeepsTheToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	writeFile(t, path, "KEY=old\n")
	d, s := stagedDotenv(t, path)
	writeFile(t, path, "KEY=1\nKEY=2\n")
	err := d.publish(s, "new")
	if !isReason(err, keys.ReasonOutput) || !strings.Contains(err.Error(), s.path) {
		t.Errorf("%v does not tell of %s", err, s.path)
	}
	if got := readText(t, path); got != "KEY=1\nKEY=2\n" {
		t.Errorf("the file is %q", got)
	}
	if got := readText(t, s.path); got != "KEY=new\n" {
		t.Errorf("the staged file is %q", got)
	}
}

func TestDotenvIsNotMadeFromWhatItIsNot(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "file"), "")
	for _, path := range []string{dir, filepath.Join(dir, "no", "env"), filepath.Join(dir, "file", "env")} {
		d, err := openDotenv(path, "KEY")
		if err == nil {
			_, err = d.stage("new")
		}
		if !isReason(err, keys.ReasonTarget) {
			t.Errorf("%s: %v", path, err)
		}
	}
	onlyFiles(t, filepath.Join(dir, "file"))
}

func stagedDotenv(t *testing.T, path string) (*dotenv, *staged) {
	t.Helper()
	d, err := openDotenv(path, "KEY")
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.stage("new")
	if err != nil {
		t.Fatal(err)
	}
	return d, s
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
