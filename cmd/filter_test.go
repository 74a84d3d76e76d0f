package cmd

import (
	"io"
	"slices"
	"testing"

	"github.com/spf13/pflag"

	"github.com/keyreeve/keyreeve/pkg/keys"
)

// Whatever list can show, the other commands can change.
func TestFiltersAreThoseOfList(t *testing.T) {
	var known []string
	newFilter().flags.VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	for _, verb := range []string{"list", "revoke", "activate", "delete", "prune"} {
		c, _, err := newRoot(newGlobals(treeEnv(io.Discard, noVariables))).Find([]string{verb})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range known {
			if c.Flags().Lookup(name) == nil {
				t.Errorf("%s has no --%s", verb, name)
			}
		}
	}
}

func TestFilterSaysItselfAgain(t *testing.T) {
	f := newFilter()
	for _, set := range [][2]string{
		{"never-expires", "true"}, {"label", "it's *"}, {"older-than", "90d"}, {"status", "revoked"}, {"status", "expired"}, {"owner", "alice"},
	} {
		if err := f.flags.Set(set[0], set[1]); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"--status", "revoked,expired", "--owner", "alice", "--label", `'it'\''s *'`, "--older-than", "90d", "--never-expires"}
	if got := f.words(); !slices.Equal(got, want) {
		t.Errorf("words are %q, want %q", got, want)
	}
	now := keys.Millis(1_000_000_000_000)
	q, err := f.query(now)
	if err != nil || q.CreatedBy != keys.Millis(1_000_000_000_000-90*86_400_000) || !q.Endless || q.Owner != "alice" || len(q.Statuses) != 2 {
		t.Errorf("query is %+v, %v", q, err)
	}
}
