package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// statement is one thing that the guide of a server says of its keys. Either a
// database with the preset keeps to it, or the preset says that it does not.
type statement struct {
	says  string
	prove func(*served)
	omits string // what the preset lists instead, as far as it tells it from the others
}

// guides are the statements of each guide, from its beginning to its end.
func guides() map[string][]statement {
	return map[string][]statement{"boxwatch": boxwatchGuide(), "workspace": workspaceGuide()}
}

// TestPresetsKeepToTheirGuides proves every statement by commands, or finds it among
// those that the preset leaves out. What is left out must be a statement too.
func TestPresetsKeepToTheirGuides(t *testing.T) {
	walked := guides()
	for _, p := range keys.Presets() {
		used := make([]bool, len(p.Not))
		for _, s := range walked[p.Name] {
			if s.omits != "" {
				if at := leftOut(p.Not, s.omits); len(at) == 1 {
					used[at[0]] = true
				} else {
					t.Errorf("%s: %q is %d times among what the preset leaves out", p.Name, s.says, len(at))
				}
				continue
			}
			t.Run(p.Name+"/"+s.says, func(t *testing.T) { s.prove(serve(t, p.Name)) })
		}
		for i, n := range p.Not {
			if !used[i] {
				t.Errorf("%s leaves out %q, which no statement of the guide is about", p.Name, n.Statement)
			}
		}
		if len(walked[p.Name]) == 0 {
			t.Errorf("there is no guide for the preset %s", p.Name)
		}
	}
}

// leftOut returns where a text is part of what is left out.
func leftOut(list []keys.Omission, text string) (at []int) {
	for i, n := range list {
		if strings.Contains(n.Statement, text) {
			at = append(at, i)
		}
	}
	return at
}

// served is a database with a preset, and commands on it.
type served struct {
	t    *testing.T
	dir  string
	now  time.Time
	boot string // the token of its first key
}

func serve(t *testing.T, preset string) *served {
	s := &served{t: t, dir: t.TempDir(), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if err := os.Chmod(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s.boot = strings.TrimSpace(s.do("bootstrap"))
	s.do("policy", "preset", preset)
	return s
}

// run runs one command, as a script would, with this on its standard input.
func (s *served) run(in string, args ...string) (code int, out, said string) {
	var stdout, stderr bytes.Buffer
	env := treeEnv(&stdout, func(name string) string {
		return map[string]string{"KEYREEVE_DB": filepath.Join(s.dir, "keys.db"), "HOME": s.dir}[name]
	})
	env.In, env.Err, env.Rand, env.OutFile = io.NopCloser(strings.NewReader(in)), &stderr, rand.Reader, true
	env.Now = func() time.Time { return s.now }
	code = Run(context.Background(), env, args)
	return code, stdout.String(), stderr.String()
}

// do runs a command that must succeed, and returns its output.
func (s *served) do(args ...string) string { return s.give("", args...) }

func (s *served) give(in string, args ...string) string {
	s.t.Helper()
	code, out, said := s.run(in, args...)
	if code != 0 {
		s.t.Fatalf("keyreeve %s: exit %d\n%s", strings.Join(args, " "), code, said)
	}
	return out
}

// create makes a key and returns its token.
func (s *served) create(args ...string) string {
	s.t.Helper()
	return strings.TrimSpace(s.do(append([]string{"create"}, args...)...))
}

// refused runs a command that the policy must refuse, naming the setting.
func (s *served) refused(setting string, args ...string) {
	s.t.Helper()
	s.refusedOn("", setting, args...)
}

func (s *served) refusedOn(in, setting string, args ...string) {
	s.t.Helper()
	code, out, said := s.run(in, append(args, "-o", "json")...)
	if code != 5 || out != "" || !strings.Contains(said, `"reason":"policy"`) || !strings.Contains(said, setting) {
		s.t.Fatalf("keyreeve %s: exit %d, want a refusal by %s\n%s%s", strings.Join(args, " "), code, setting, out, said)
	}
}

// verdict asks what a server would say to a token, and returns the reason.
func (s *served) verdict(token string, args ...string) string {
	s.t.Helper()
	code, out, said := s.run(token, append([]string{"verify", "-o", "json"}, args...)...)
	var v struct {
		Accepted bool
		Reason   string
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.Accepted != (code == 0) {
		s.t.Fatalf("verify: exit %d\n%s%s", code, out, said)
	}
	return v.Reason
}

// judged wants a verdict.
func (s *served) judged(want, token string, args ...string) {
	s.t.Helper()
	if got := s.verdict(token, args...); got != want {
		s.t.Fatalf("verify %s: %s, want %s", strings.Join(args, " "), got, want)
	}
}

// shown returns one field of a key as JSON.
func (s *served) shown(ref, field string) string {
	s.t.Helper()
	var k map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s.do("show", ref, "-o", "json")), &k); err != nil {
		s.t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(k[field])), "")
}

// has wants a field of a key to be so, as JSON.
func (s *served) has(ref, field, want string) {
	s.t.Helper()
	if got := s.shown(ref, field); got != want {
		s.t.Fatalf("%s of %s is %s, want %s", field, ref, got, want)
	}
}

// setting wants a setting of the policy to be so.
func (s *served) setting(name, want string) {
	s.t.Helper()
	var doc struct{ Settings map[string]any }
	if err := json.Unmarshal([]byte(s.do("policy", "show", name, "-o", "json")), &doc); err != nil {
		s.t.Fatal(err)
	}
	if got, _ := json.Marshal(doc.Settings[name]); string(got) != want {
		s.t.Fatalf("the policy has %s=%s, want %s", name, got, want)
	}
}

// keptSecret wants none of the files beside the database to hold a text.
func (s *served) keptSecret(token string) {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "keys.db*"))
	if err != nil || len(files) == 0 {
		s.t.Fatal(files, err)
	}
	for _, path := range files {
		if raw, err := os.ReadFile(path); err != nil || bytes.Contains(raw, []byte(token)) {
			s.t.Fatalf("%s holds the token, or cannot be read: %v", path, err)
		}
	}
}
