package cmd

import (
	"path/filepath"
	"strings"
	"testing"
)

// answers are commands that ask, with what somebody else does before the answer, and
// what the refusal says then.
var answers = []struct {
	name      string
	before    [][]string
	asked     []string
	meanwhile [][]string
	says      string
}{
	{
		name: "a filter matches no more", before: [][]string{{"revoke", "ci-1"}},
		asked: []string{"delete", "--status", "revoked"}, meanwhile: [][]string{{"activate", "ci-1"}},
		says: "is active now, and was revoked when it was shown",
	},
	{
		name:  "a filter still matches a key of another status",
		asked: []string{"delete", "--owner", "alice"}, meanwhile: [][]string{{"revoke", "ci-2"}},
		says: "is revoked now, and was active when it was shown",
	},
	{
		name:  "the owner is another",
		asked: []string{"revoke", "--owner", "alice"}, meanwhile: [][]string{{"update", "ci-1", "--owner", "bob"}},
		says: "does not match any more, and did when it was shown",
	},
	{
		name:  "a key is gone",
		asked: []string{"revoke", "--owner", "alice"}, meanwhile: [][]string{{"delete", "ci-1", "--yes"}},
		says: "is gone now, and was active when it was shown",
	},
	{
		name: "activate", before: [][]string{{"revoke", "ci-1", "ci-2"}},
		asked: []string{"activate", "--owner", "alice"}, meanwhile: [][]string{{"activate", "ci-1"}},
		says: "is active now, and was revoked when it was shown",
	},
	{
		name:  "update",
		asked: []string{"update", "--where", "owner=alice", "--role", "bot"}, meanwhile: [][]string{{"revoke", "ci-1"}},
		says: "is revoked now, and was active when it was shown",
	},
	{
		name: "a REF", before: [][]string{{"revoke", "ci-1"}},
		asked: []string{"delete", "ci-1"}, meanwhile: [][]string{{"activate", "ci-1"}},
		says: "is active now, and was revoked when it was shown",
	},
	{
		name:  "a REF is gone",
		asked: []string{"delete", "ci-1", "ci-2"}, meanwhile: [][]string{{"delete", "ci-2", "--yes"}},
		says: "is gone now, and was active when it was shown",
	},
	{
		name: "prune", before: [][]string{{"revoke", "ci-1", "ci-2"}},
		asked: []string{"prune", "--revoked-for", "0"}, meanwhile: [][]string{{"activate", "ci-1"}},
		says: "is active now, and was revoked when it was shown",
	},
	{
		name: "prune and a criterion", before: [][]string{{"revoke", "ci-1", "ci-2"}},
		asked: []string{"prune", "--revoked-for", "0"}, meanwhile: [][]string{{"activate", "ci-1"}, {"revoke", "ci-1", "--for", "1h"}},
		says: "does not match any more, and did when it was shown",
	},
	{
		name:  "rotate",
		asked: []string{"rotate", "--owner", "alice", "--out-dir", "OUT"}, meanwhile: [][]string{{"revoke", "ci-1"}},
		says: "is revoked now, and was active when it was shown",
	},
	{
		name:  "rotate and another rotation",
		asked: []string{"rotate", "--owner", "alice", "--out-dir", "OUT"}, meanwhile: [][]string{{"rotate", "ci-1", "--overlap", "1h"}},
		says: "does not match any more, and did when it was shown",
	},
	{
		name:  "rotate for a request and another rotation",
		asked: []string{"rotate", "--owner", "alice", "--request-id", "r1", "--out-dir", "OUT"}, meanwhile: [][]string{{"rotate", "ci-1", "--overlap", "1h"}},
		says: "was replaced by",
	},
}

// Nothing is done to a key that is not what a person was shown, and to none of those
// that were shown with it.
func TestOvertakenWhileAsked(t *testing.T) {
	for _, a := range answers {
		t.Run(a.name, func(t *testing.T) {
			d := newDesk(t)
			d.run(0, nil, "create", "--owner", "alice", "--count", "2", "--label", "ci")
			for _, args := range a.before {
				d.run(0, nil, args...)
			}
			args := append([]string{}, a.asked...)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "OUT", filepath.Join(t.TempDir(), "new"))
			}
			var was string
			person := &thinker{meanwhile: func() {
				for _, args := range a.meanwhile {
					d.run(0, nil, args...)
				}
				was = d.run(0, nil, "list", "-o", "json")
			}}
			d.run(5, person, args...)
			if !strings.Contains(d.said, a.says) || !strings.Contains(d.said, "hint: look again, and decide anew: keyreeve "+a.asked[0]) {
				t.Errorf("said %q, want %q and what to do", d.said, a.says)
			}
			if is := d.run(0, nil, "list", "-o", "json"); is != was || person.asked != 1 {
				t.Errorf("asked %d times, and the keys are\n%s\nwant\n%s", person.asked, is, was)
			}
		})
	}
}

// What was agreed on is done, though other keys came, or changed, meanwhile; those
// that stay as they are are told of all the same.
func TestAgreedIsDone(t *testing.T) {
	d := newDesk(t)
	d.run(0, nil, "create", "--owner", "alice", "--count", "3", "--label", "ci")
	d.run(0, nil, "revoke", "ci-3")
	person := &thinker{meanwhile: func() {
		d.run(0, nil, "create", "--owner", "alice", "--label", "late")
		d.run(0, nil, "activate", "ci-3") // which nobody was asked about
	}}
	got := d.run(0, person, "revoke", "--owner", "alice", "-o", "json", "--columns", "label")
	if strings.Count(got, "ci-") != 3 || strings.Count(got, "unchanged") != 1 || strings.Contains(got, "late") {
		t.Errorf("told of %q", got)
	}
	if got := d.run(0, nil, "list", "--status", "active", "--owner", "alice", "-o", "name"); got != "ci-3\nlate\n" && got != "late\nci-3\n" {
		t.Errorf("active are %q, want what nobody was asked about", got)
	}
}

// A preset replaces the policy that a person has seen, and no other.
func TestPolicyOvertakenWhileAsked(t *testing.T) {
	d := newDesk(t)
	d.run(0, nil, "policy", "set", "max_lifetime=90d")
	person := &thinker{meanwhile: func() { d.run(0, nil, "policy", "set", "required=owner") }}
	d.run(5, person, "policy", "preset", "workspace")
	for _, says := range []string{"the policy required is owner now, and was not set when it was shown", "hint: look again, and decide anew: keyreeve policy preset workspace"} {
		if !strings.Contains(d.said, says) {
			t.Errorf("said %q, want %q", d.said, says)
		}
	}
	if got := d.run(0, nil, "policy", "show", "required", "-o", "json"); !strings.Contains(got, "owner") {
		t.Errorf("required is %s, want what was set meanwhile", got)
	}
}
